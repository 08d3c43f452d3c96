/** Counts the requests that the handler has not answered yet, so that closing can wait for them. */
export class WorkUnderWay {
  #count = 0
  #stage: 'open' | 'closing' | 'stopped' = 'open'
  #whenNone: (() => void)[] = []

  /** True from the moment that closing began: answers end their connections. */
  get closing(): boolean {
    return this.#stage !== 'open'
  }

  /** True when closing waits no longer: nothing more is handed over. */
  get stopped(): boolean {
    return this.#stage === 'stopped'
  }

  begin(): void {
    this.#count += 1
  }

  end(): void {
    this.#count -= 1
    if (this.#count === 0 && this.closing) for (const done of this.#whenNone.splice(0)) done()
  }

  close(): void {
    if (this.#stage === 'open') this.#stage = 'closing'
  }

  stop(): void {
    this.#stage = 'stopped'
    for (const done of this.#whenNone.splice(0)) done()
  }

  /** Resolves when nothing is under way, or the receiver has stopped waiting. */
  none(): Promise<void> {
    if (this.#count === 0 || this.stopped) return Promise.resolve()
    return new Promise((resolve) => this.#whenNone.push(resolve))
  }
}

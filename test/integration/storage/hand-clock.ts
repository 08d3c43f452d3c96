import type { Clock, Timer } from '../../../src-main/engine/ports.ts'

interface Armed {
  readonly dueAt: number
  readonly task: () => void
}

/** A clock that stands still until the test moves it. */
export class HandClock implements Clock {
  #nowMs = 0
  readonly #armed = new Set<Armed>()
  #waiting: (() => void)[] = []

  now(): number {
    return 1_700_000_000_000 + this.#nowMs
  }

  monotonicMs(): number {
    return this.#nowMs
  }

  after(delayMs: number, task: () => void): Timer {
    const armed = { dueAt: this.#nowMs + delayMs, task }
    this.#armed.add(armed)
    for (const resolve of this.#waiting.splice(0)) resolve()
    return { cancel: () => void this.#armed.delete(armed) }
  }

  get timers(): number {
    return this.#armed.size
  }

  /** Resolves as soon as a timer is armed. */
  async armed(): Promise<void> {
    if (this.#armed.size === 0) await new Promise<void>((resolve) => this.#waiting.push(resolve))
  }

  advance(byMs: number): void {
    this.#nowMs += byMs
    for (const armed of this.#armed) {
      if (armed.dueAt > this.#nowMs) continue
      this.#armed.delete(armed)
      armed.task()
    }
  }
}

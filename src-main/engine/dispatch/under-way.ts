import type { DeliveryId } from '../../../src-shared/model/ids.ts'

/** The deliveries that were started and have not settled yet. */
export class UnderWay {
  /** How often: twice for a moment when one is started again before its first start has settled. */
  readonly #starts = new Map<DeliveryId, number>()
  #whenIdle: (() => void)[] = []

  get size(): number {
    return this.#starts.size
  }

  has(id: DeliveryId): boolean {
    return this.#starts.has(id)
  }

  begin(id: DeliveryId): void {
    this.#starts.set(id, (this.#starts.get(id) ?? 0) + 1)
  }

  end(id: DeliveryId): void {
    const left = (this.#starts.get(id) ?? 1) - 1
    if (left === 0) this.#starts.delete(id)
    else this.#starts.set(id, left)
    if (this.#starts.size > 0 || this.#whenIdle.length === 0) return
    const waiting = this.#whenIdle
    this.#whenIdle = []
    for (const resolve of waiting) resolve()
  }

  /** Resolves when nothing is under way. */
  idle(): Promise<void> {
    if (this.#starts.size === 0) return Promise.resolve()
    return new Promise((resolve) => this.#whenIdle.push(resolve))
  }
}

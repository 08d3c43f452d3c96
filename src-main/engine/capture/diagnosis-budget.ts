import type { Clock } from '../ports.ts'
import { Effort, effortFor } from '../signing/doctor/search.ts'

/** About a thirtieth of a core for good, and ten refusals in full at once. */
const perMs = 64 * 1024
const most = 256 * 1024 * 1024

/** Keeps a flood of wrong signatures from taking the time of everything else: what is left unexplained then can still be looked into one by one. */
export class DiagnosisBudget {
  readonly #clock: Pick<Clock, 'monotonicMs'>
  #left = most
  #at: number

  constructor(clock: Pick<Clock, 'monotonicMs'>) {
    this.#clock = clock
    this.#at = clock.monotonicMs()
  }

  /** Gives `work` what may be spent on a request with this body, and takes off what it did spend. */
  spend<T>(body: Uint8Array, work: (effort: Effort) => T): T {
    const now = this.#clock.monotonicMs()
    this.#left = Math.min(most, this.#left + (now - this.#at) * perMs)
    this.#at = now
    const effort = new Effort(Math.min(this.#left, effortFor(body)))
    const result = work(effort)
    this.#left -= effort.spent
    return result
  }
}

import type { Clock } from '../ports.ts'

/** Wall clock and monotonic clock may drift apart this much before it counts as a jump (sleep, clock set). */
const jumpMs = 2000
const checkEveryMs = 5000

/** Notices when the wall clock moves against the monotonic one. */
export class ClockWatch {
  readonly #clock: Clock
  #checkAt: number
  #wallOffset: number

  constructor(clock: Clock) {
    this.#clock = clock
    this.#checkAt = clock.monotonicMs() + checkEveryMs
    this.#wallOffset = clock.now() - clock.monotonicMs()
  }

  /** When {@link jumpedMs} should be asked next, on the monotonic clock. */
  get checkAt(): number {
    return this.#checkAt
  }

  /** By how much the wall clock went ahead since it was last asked, negative for back; 0 for a mere drift. */
  jumpedMs(now: number): number {
    if (now >= this.#checkAt) this.#checkAt = now + checkEveryMs
    const offset = this.#clock.now() - now
    const jumped = offset - this.#wallOffset
    if (Math.abs(jumped) < jumpMs) return 0
    this.#wallOffset = offset
    return jumped
  }
}

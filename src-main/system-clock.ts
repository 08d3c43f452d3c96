import type { Clock, Timer } from './engine/ports.ts'

/** Node fires timers beyond this at once, so longer ones are armed in several legs. */
const longestTimeoutMs = 2 ** 31 - 1

class SystemTimer implements Timer {
  #handle: NodeJS.Timeout

  constructor(delayMs: number, task: () => void) {
    this.#handle = this.#arm(delayMs, task)
  }

  cancel(): void {
    clearTimeout(this.#handle)
  }

  #arm(delayMs: number, task: () => void): NodeJS.Timeout {
    if (delayMs <= longestTimeoutMs) return setTimeout(task, Math.max(0, delayMs))
    return setTimeout(() => {
      this.#handle = this.#arm(delayMs - longestTimeoutMs, task)
    }, longestTimeoutMs)
  }
}

/** The real clock: Node's timers and the machine's two clocks. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonicMs: () => performance.now(),
  after: (delayMs, task) => new SystemTimer(delayMs, task),
}

import { setImmediate as turn } from 'node:timers/promises'
import type { Clock } from '../../src-main/engine/ports.ts'

/** A clock that moves only when it is told to. Wall and monotonic time move together, unless the wall jumps. */
export interface FakeClock extends Clock {
  /** Timers that have been set and neither run nor cancelled. */
  readonly timerCount: number
  /**
   * Moves on, and runs each timer at its time, in order. Between two timers promises and what is on its way to the
   * disk settle; of a request under way await the outcome before going on.
   */
  advance(ms: number): Promise<void>
  /** Moves the wall clock alone, ahead or back. Runs nothing. */
  jumpWall(ms: number): void
  /** What {@link advance} waits for between timers, besides some turns of the event loop. */
  settleWith(settled: () => Promise<unknown>): void
}

interface FakeTimer {
  readonly at: number
  readonly order: number
  readonly task: () => void
}

/** 2026-04-22 18:30 UTC, as in the providers' samples. */
export const fakeStart = Date.UTC(2026, 3, 22, 18, 30)

export async function turns(count = 10): Promise<void> {
  for (let n = 0; n < count; n += 1) await turn()
}

export function createFakeClock(startMs = fakeStart): FakeClock {
  const timers = new Set<FakeTimer>()
  let monotonic = 1000
  let wallOffset = startMs - monotonic
  let order = 0
  let settled: () => Promise<unknown> = () => Promise.resolve()
  const settle = async (): Promise<void> => {
    await turns()
    await settled()
    await turns()
  }
  const next = (until: number): FakeTimer | undefined => {
    let first: FakeTimer | undefined
    for (const timer of timers) {
      if (timer.at > until) continue
      if (
        first === undefined ||
        timer.at < first.at ||
        (timer.at === first.at && timer.order < first.order)
      ) {
        first = timer
      }
    }
    return first
  }
  return {
    now: () => Math.floor(monotonic + wallOffset),
    monotonicMs: () => monotonic,
    after(delayMs, task) {
      order += 1
      const timer: FakeTimer = { at: monotonic + Math.max(0, delayMs), order, task }
      timers.add(timer)
      return { cancel: () => timers.delete(timer) }
    },
    get timerCount() {
      return timers.size
    },
    async advance(ms) {
      const target = monotonic + ms
      await settle()
      for (let timer = next(target); timer !== undefined; timer = next(target)) {
        timers.delete(timer)
        monotonic = Math.max(monotonic, timer.at)
        timer.task()
        await settle()
      }
      monotonic = target
      await settle()
    },
    jumpWall(ms) {
      wallOffset += ms
    },
    settleWith(wait) {
      settled = wait
    },
  }
}

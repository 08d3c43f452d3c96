import type { Traffic as TrafficView } from '../../../src-shared/api/contract/statistics.ts'
import type { Capture, VerdictStatus } from '../../../src-shared/model/capture.ts'
import type { Attempt, Delivery } from '../../../src-shared/model/delivery.ts'
import type { PushEvent } from '../push.ts'
import { Durations } from './durations.ts'

const minuteMs = 60_000
export const shownMinutes = 60

/** What happened within one minute. */
interface Minute {
  readonly number: number
  readonly deliveries: { succeeded: number; retrying: number; failed: number }
  readonly captures: Record<VerdictStatus, number>
  readonly durations: Durations
}

const emptyMinute = (number: number): Minute => ({
  number,
  deliveries: { succeeded: 0, retrying: 0, failed: 0 },
  captures: { verified: 0, rejected: 0, unsigned: 0, unchecked: 0 },
  durations: new Durations(),
})

/**
 * Counts the last hour minute by minute as it happens, so that asking costs the same for ten deliveries and for a
 * million. What was removed from the history since then did happen, and stays counted.
 */
export class Traffic {
  /** By number modulo their count: a minute takes the place of the one an hour before it. */
  readonly #minutes: (Minute | undefined)[] = []
  /** What happened before is added from the history. */
  readonly startedAt: number

  constructor(startedAt: number) {
    this.startedAt = startedAt
  }

  take(event: PushEvent): void {
    if (event.kind === 'attempt') this.addAttempt(event.attempt)
    else if (event.kind === 'delivery') this.addDelivery(event.delivery)
    else if (event.kind === 'capture' && event.change === 'received') this.#takeCapture(event.capture)
  }

  addDelivery({ status, updatedAt }: Delivery): void {
    if (status === 'pending' || status === 'processing') return
    const minute = this.#at(updatedAt)
    if (minute !== undefined) minute.deliveries[status] += 1
  }

  addAttempt({ startedAt, durationMs }: Attempt): void {
    this.#at(startedAt + durationMs)?.durations.add(durationMs)
  }

  addCapture({ receivedAt, verdict }: Capture): void {
    const minute = this.#at(receivedAt)
    if (minute !== undefined) minute.captures[verdict.status] += 1
  }

  /** The hour that ends with the minute of `now`. */
  lastHour(now: number): TrafficView {
    const newest = Math.floor(now / minuteMs)
    const all = new Durations()
    const minutes = Array.from({ length: shownMinutes }, (_, index) => {
      const number = newest - shownMinutes + 1 + index
      const kept = this.#minutes[number % shownMinutes]
      const { deliveries, captures, durations } = kept?.number === number ? kept : emptyMinute(number)
      all.addAll(durations)
      return {
        at: new Date(number * minuteMs).toISOString(),
        deliveries: { ...deliveries },
        captures: { ...captures },
        attempt_ms: durations.percentiles(),
      }
    })
    return { minutes, attempt_ms: all.percentiles() }
  }

  /** Undefined for what is older than what stands in its place. */
  #at(epochMs: number): Minute | undefined {
    const number = Math.floor(epochMs / minuteMs)
    const place = number % shownMinutes
    const kept = this.#minutes[place]
    if (kept !== undefined && kept.number >= number) return kept.number === number ? kept : undefined
    return (this.#minutes[place] = emptyMinute(number))
  }

  /** An imported one may be older than the start: those are read from the history. */
  #takeCapture(capture: Capture): void {
    if (capture.receivedAt >= this.startedAt) this.addCapture(capture)
  }
}

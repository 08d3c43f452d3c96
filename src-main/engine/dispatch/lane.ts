import type { Delivery } from '../../../src-shared/model/delivery.ts'
import type { WebhookEvent } from '../../../src-shared/model/event.ts'
import type { DeliveryId, DestinationId, ReplayId } from '../../../src-shared/model/ids.ts'
import { Fifo } from './fifo.ts'
import { Heap } from './heap.ts'

/** A lane is a destination's or a replay's. */
export type LaneId = DestinationId | ReplayId

/** A delivery in the queue. Of one just accepted, delivery and event are at hand; others are read when claimed. */
export interface QueueEntry {
  readonly id: DeliveryId
  readonly laneId: LaneId
  /** On the monotonic clock, so that a change of the system's time neither fires nor stalls it. */
  dueAtMonotonicMs: number
  /** The same moment by the wall clock as it went when the entry was queued: for when that clock jumps ahead. */
  readonly dueAtMs: number
  /** Order of arrival, for entries due at the same moment. */
  readonly order: number
  removed: boolean
  /** True from its start until its slot is given back. */
  hasSlot: boolean
  fresh: { readonly delivery: Delivery; readonly event: WebhookEvent } | null
}

export interface RateLimit {
  readonly requests: number
  readonly per_seconds: number
}

/** What a lane may send. */
export interface LaneLimits {
  readonly concurrency: number
  readonly rate_limit: RateLimit | null
}

/**
 * Where a lane stands in the scheduler: in none of its lists (empty, held, or at its own limit), in turn, waiting
 * for a free slot of the global limit, or until a time.
 */
export type LanePlace = 'none' | 'ready' | 'starved' | 'sleeping'

/** The waiting deliveries of one destination or replay, earliest due first, and what it may send at once. */
export class Lane {
  readonly id: LaneId
  /** Slots that its deliveries have taken. */
  slots = 0
  place: LanePlace = 'none'
  /** While it sleeps: until when, on the monotonic clock. */
  wakeAt = Infinity
  readonly #entries = new Heap<QueueEntry>(isEarlier)
  #waiting = 0
  /** Monotonic starts of the last requests, for the rate limit; oldest first. */
  readonly #starts = new Fifo<number>()
  #startsMatterUntil = -Infinity

  constructor(id: LaneId) {
    this.id = id
  }

  get waiting(): number {
    return this.#waiting
  }

  /** True when nothing would be lost with this lane: its rate limit's memory counts too. */
  isIdle(now: number): boolean {
    return this.#waiting === 0 && this.slots === 0 && now >= this.#startsMatterUntil
  }

  push(entry: QueueEntry): void {
    this.#waiting += 1
    this.#entries.push(entry)
  }

  /** Marks an entry as taken out; it leaves the heap when it comes to the top. */
  remove(entry: QueueEntry): void {
    if (entry.removed) return
    entry.removed = true
    entry.fresh = null
    this.#waiting -= 1
  }

  /** The entry that is due first, or undefined. */
  peek(): QueueEntry | undefined {
    while (this.#entries.peek()?.removed === true) this.#entries.pop()
    return this.#entries.peek()
  }

  shift(): QueueEntry | undefined {
    if (this.peek() === undefined) return undefined
    this.#waiting -= 1
    return this.#entries.pop()
  }

  /** All waiting entries, in no particular order; the lane is empty then. */
  drain(): QueueEntry[] {
    this.#waiting = 0
    return this.#entries.drain().filter((entry) => !entry.removed)
  }

  /**
   * The wall clock went ahead: what is overdue by it becomes due one after the other, `everyMs` apart from `now` on.
   * @returns how many are overdue
   */
  catchUp(now: number, wallNow: number, everyMs: number): number {
    const entries = this.drain().sort((a, b) => (isEarlier(a, b) ? -1 : 1))
    let overdue = 0
    for (const entry of entries) {
      const remaining = entry.dueAtMs - wallNow
      if (entry.dueAtMonotonicMs > now && remaining < entry.dueAtMonotonicMs - now) {
        entry.dueAtMonotonicMs = remaining > 0 ? now + remaining : now + overdue++ * everyMs
      }
      this.push(entry)
    }
    return overdue
  }

  /** When the rate limit lets the next request start, on the monotonic clock; `now` when at once. */
  allowedAt(limit: RateLimit | null, now: number): number {
    if (limit === null) return now
    const windowMs = limit.per_seconds * 1000
    while ((this.#starts.at(0) ?? Infinity) <= now - windowMs) this.#starts.shift()
    const blocking = this.#starts.at(this.#starts.length - limit.requests)
    return blocking === undefined ? now : blocking + windowMs
  }

  noteStart(limit: RateLimit | null, now: number): void {
    if (limit === null) return
    this.#starts.push(now)
    this.#startsMatterUntil = now + limit.per_seconds * 1000
  }
}

function isEarlier(a: QueueEntry, b: QueueEntry): boolean {
  return (
    a.dueAtMonotonicMs < b.dueAtMonotonicMs ||
    (a.dueAtMonotonicMs === b.dueAtMonotonicMs && a.order < b.order)
  )
}

import type { Delivery } from '../../../src-shared/model/delivery.ts'
import type { DeliveryId, DestinationId } from '../../../src-shared/model/ids.ts'
import type { WebhookEvent } from '../../../src-shared/model/event.ts'

/** A delivery in the queue. Of one just accepted, delivery and event are at hand; others are read when claimed. */
export interface QueueEntry {
  readonly id: DeliveryId
  readonly destinationId: DestinationId
  /** On the monotonic clock, so that a change of the system's time neither fires nor stalls it. */
  dueAtMonotonicMs: number
  /** Order of arrival, for entries due at the same moment. */
  readonly order: number
  removed: boolean
  fresh: { readonly delivery: Delivery; readonly event: WebhookEvent } | null
}

/** The waiting deliveries of one destination, earliest due first, and what it may send at once. */
export class Lane {
  readonly destinationId: DestinationId
  inFlight = 0
  #heap: QueueEntry[] = []
  #waiting = 0
  /** Monotonic starts of the last requests, for the rate limit; oldest first. */
  #starts: number[] = []

  constructor(destinationId: DestinationId) {
    this.destinationId = destinationId
  }

  get waiting(): number {
    return this.#waiting
  }

  push(entry: QueueEntry): void {
    this.#waiting += 1
    const heap = this.#heap
    heap.push(entry)
    let index = heap.length - 1
    while (index > 0) {
      const parent = (index - 1) >> 1
      if (!before(entry, at(heap, parent))) break
      heap[index] = at(heap, parent)
      index = parent
    }
    heap[index] = entry
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
    while (this.#heap[0]?.removed === true) this.#dropTop()
    return this.#heap[0]
  }

  shift(): QueueEntry | undefined {
    const top = this.peek()
    if (top === undefined) return undefined
    this.#dropTop()
    this.#waiting -= 1
    return top
  }

  /** All waiting entries, in no particular order; the heap is empty then. */
  drain(): QueueEntry[] {
    const entries = this.#heap.filter((entry) => !entry.removed)
    this.#heap = []
    this.#waiting = 0
    return entries
  }

  /** When the rate limit lets the next request start, on the monotonic clock; `now` when at once. */
  allowedAt(limit: { requests: number; per_seconds: number } | null, now: number): number {
    if (limit === null) return now
    const since = now - limit.per_seconds * 1000
    while ((this.#starts[0] ?? Infinity) <= since) this.#starts.shift()
    const blocking = this.#starts[this.#starts.length - limit.requests]
    return blocking === undefined ? now : blocking + limit.per_seconds * 1000
  }

  noteStart(limit: unknown, now: number): void {
    if (limit !== null) this.#starts.push(now)
  }

  #dropTop(): void {
    const heap = this.#heap
    const last = heap.pop()
    if (last === undefined || heap.length === 0) return
    let index = 0
    for (;;) {
      let child = index * 2 + 1
      if (child >= heap.length) break
      if (child + 1 < heap.length && before(at(heap, child + 1), at(heap, child))) child += 1
      if (!before(at(heap, child), last)) break
      heap[index] = at(heap, child)
      index = child
    }
    heap[index] = last
  }
}

function before(a: QueueEntry, b: QueueEntry): boolean {
  return a.dueAtMonotonicMs < b.dueAtMonotonicMs || (a.dueAtMonotonicMs === b.dueAtMonotonicMs && a.order < b.order)
}

function at(heap: readonly QueueEntry[], index: number): QueueEntry {
  const entry = heap[index]
  if (entry === undefined) throw new Error('heap index out of range')
  return entry
}

import type { Destination } from '../../../src-shared/model/destination.ts'
import type { Delivery } from '../../../src-shared/model/delivery.ts'
import type { WebhookEvent } from '../../../src-shared/model/event.ts'
import type { DeliveryId, DestinationId } from '../../../src-shared/model/ids.ts'
import type { Clock, Timer } from '../ports.ts'
import type { WaitingDelivery } from '../store.ts'
import { Lane, type QueueEntry } from './lane.ts'

/**
 * Decides which waiting delivery goes next: one lane for each destination, lanes take turns, each within its own
 * concurrency and rate limit and all within the global one. A lane with nothing under way may always start one
 * request, so that destinations that never answer can't take every slot from the others.
 */

export interface SchedulerOptions {
  readonly clock: Clock
  readonly concurrency: () => number
  /** The destination if its deliveries may be sent now; undefined holds the lane. */
  readonly sendable: (id: DestinationId) => Destination | undefined
  /** Sends one; the scheduler counts the slot as taken until the promise settles. */
  readonly start: (entry: QueueEntry) => Promise<void>
}

/** Wall clock and monotonic clock may drift apart this much before it counts as a jump (sleep, clock set). */
const jumpMs = 2000
const checkClockEveryMs = 5000
/** After a jump, overdue deliveries of one destination are let go at this distance. */
const catchUpEveryMs = 50
/** Fresh deliveries kept whole in memory; beyond, they are read again when their turn comes. */
const freshLimit = 2000

export class Scheduler {
  readonly #options: SchedulerOptions
  readonly #lanes = new Map<DestinationId, Lane>()
  readonly #entries = new Map<DeliveryId, QueueEntry>()
  readonly #inFlight = new Set<DeliveryId>()
  /** Lanes in turn; a lane goes to the back when it has started a request. */
  #turns: Lane[] = []
  #order = 0
  #fresh = 0
  #timer: Timer | null = null
  #timerAt = Infinity
  #running = false
  #pumping = false
  #wallOffset: number

  constructor(options: SchedulerOptions) {
    this.#options = options
    this.#wallOffset = options.clock.now() - options.clock.monotonicMs()
  }

  get waiting(): number {
    return this.#entries.size
  }

  get inFlight(): number {
    return this.#inFlight.size
  }

  isInFlight(id: DeliveryId): boolean {
    return this.#inFlight.has(id)
  }

  waitingOf(destinationId: DestinationId): number {
    return this.#lanes.get(destinationId)?.waiting ?? 0
  }

  resume(): void {
    this.#running = true
    this.pump()
  }

  /** Starts nothing more until {@link resume}; what is under way goes on. */
  pause(): void {
    this.#running = false
    this.#timer?.cancel()
    this.#timer = null
    this.#timerAt = Infinity
  }

  /** Queues a delivery that was accepted just now. */
  addFresh(delivery: Delivery, event: WebhookEvent): void {
    const fresh = this.#fresh < freshLimit ? { delivery, event } : null
    if (fresh !== null) this.#fresh += 1
    this.#push(delivery.id, delivery.destinationId, this.#options.clock.monotonicMs(), fresh)
  }

  /** Queues a delivery that is due after `delayMs`. */
  add(id: DeliveryId, destinationId: DestinationId, delayMs: number): void {
    this.#push(id, destinationId, this.#options.clock.monotonicMs() + Math.max(0, delayMs), null)
  }

  /**
   * Takes a delivery out of the queue.
   * @returns puts it back as it was; undefined when it was not waiting
   */
  take(id: DeliveryId): (() => void) | undefined {
    const entry = this.#entries.get(id)
    if (entry === undefined) return undefined
    this.#entries.delete(id)
    if (entry.fresh !== null) this.#fresh -= 1
    this.#lanes.get(entry.destinationId)?.remove(entry)
    return () => {
      this.#push(entry.id, entry.destinationId, entry.dueAtMonotonicMs, null)
      this.pump()
    }
  }

  /** Replaces the whole queue by what the store says; requests under way are left alone. */
  replace(waiting: readonly WaitingDelivery[], longestDelayMs: (id: DestinationId) => number): void {
    this.#lanes.forEach((lane) => lane.drain())
    this.#entries.clear()
    this.#fresh = 0
    const now = this.#options.clock.now()
    for (const { id, destinationId, dueAt } of waiting) {
      if (this.#inFlight.has(id)) continue
      // A due time further off than the policy allows stems from a clock that was wrong.
      this.add(id, destinationId, Math.min(dueAt - now, longestDelayMs(destinationId)))
    }
    this.pump()
  }

  /** Starts everything that may start now, and arms the timer for what comes next. */
  pump(): void {
    if (!this.#running || this.#pumping) return
    this.#pumping = true
    try {
      this.#followWallClock()
      this.#startDue()
    } finally {
      this.#pumping = false
    }
  }

  #startDue(): void {
    const now = this.#options.clock.monotonicMs()
    let next = Infinity
    let blocked = 0
    while (this.#turns.length > blocked) {
      const lane = this.#turns.shift()
      if (lane === undefined) break
      if (lane.waiting === 0) {
        if (lane.inFlight === 0) this.#lanes.delete(lane.destinationId)
        continue
      }
      const at = this.#startOne(lane, now)
      this.#turns.push(lane)
      if (at === null) blocked = 0
      else {
        blocked += 1
        next = Math.min(next, at)
      }
    }
    this.#arm(now, next)
  }

  /** @returns null when a request was started, else when to look again (Infinity: when something changes) */
  #startOne(lane: Lane, now: number): number | null {
    const destination = this.#options.sendable(lane.destinationId)
    const entry = lane.peek()
    if (destination === undefined || entry === undefined) return Infinity
    if (lane.inFlight >= destination.concurrency) return Infinity
    if (this.#inFlight.size >= this.#options.concurrency() && lane.inFlight > 0) return Infinity
    const at = Math.max(entry.dueAtMonotonicMs, lane.allowedAt(destination.rate_limit, now))
    if (at > now) return at
    lane.shift()
    lane.noteStart(destination.rate_limit, now)
    this.#launch(lane, entry)
    return null
  }

  #launch(lane: Lane, entry: QueueEntry): void {
    this.#entries.delete(entry.id)
    if (entry.fresh !== null) this.#fresh -= 1
    this.#inFlight.add(entry.id)
    lane.inFlight += 1
    const done = (): void => {
      this.#inFlight.delete(entry.id)
      lane.inFlight -= 1
      this.pump()
    }
    this.#options.start(entry).then(done, done)
  }

  #push(
    id: DeliveryId,
    destinationId: DestinationId,
    dueAtMonotonicMs: number,
    fresh: QueueEntry['fresh'],
  ): void {
    let lane = this.#lanes.get(destinationId)
    if (lane === undefined) {
      lane = new Lane(destinationId)
      this.#lanes.set(destinationId, lane)
    }
    if (lane.waiting === 0 && !this.#turns.includes(lane)) this.#turns.push(lane)
    this.#order += 1
    const entry: QueueEntry = { id, destinationId, dueAtMonotonicMs, order: this.#order, removed: false, fresh }
    this.#entries.set(id, entry)
    lane.push(entry)
  }

  #arm(now: number, next: number): void {
    if (this.#entries.size === 0) next = Infinity
    else next = Math.min(next, now + checkClockEveryMs)
    if (next === this.#timerAt) return
    this.#timer?.cancel()
    this.#timer = null
    this.#timerAt = next
    if (next === Infinity) return
    this.#timer = this.#options.clock.after(next - now, () => {
      this.#timer = null
      this.#timerAt = Infinity
      this.pump()
    })
  }

  /**
   * The wall clock moved against the monotonic one. Forward (a sleep, or the clock was set): what is overdue by the
   * wall goes out now, but paced. Backward: nothing changes, so nothing stalls.
   */
  #followWallClock(): void {
    const { clock } = this.#options
    const offset = clock.now() - clock.monotonicMs()
    const jumped = offset - this.#wallOffset
    if (Math.abs(jumped) < jumpMs) return
    this.#wallOffset = offset
    if (jumped < 0) return
    const now = clock.monotonicMs()
    for (const lane of this.#lanes.values()) {
      const entries = lane.drain().sort((a, b) => a.dueAtMonotonicMs - b.dueAtMonotonicMs || a.order - b.order)
      let overdue = 0
      for (const entry of entries) {
        if (entry.dueAtMonotonicMs > now) {
          const remaining = entry.dueAtMonotonicMs - now - jumped
          entry.dueAtMonotonicMs = remaining > 0 ? now + remaining : now + overdue++ * catchUpEveryMs
        }
        lane.push(entry)
      }
    }
  }
}

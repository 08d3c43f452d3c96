import type { Delivery } from '../../../src-shared/model/delivery.ts'
import type { Destination } from '../../../src-shared/model/destination.ts'
import type { WebhookEvent } from '../../../src-shared/model/event.ts'
import type { DeliveryId, DestinationId } from '../../../src-shared/model/ids.ts'
import type { Clock, Timer } from '../ports.ts'
import type { WaitingDelivery } from '../store.ts'
import { Fifo } from './fifo.ts'
import { Heap } from './heap.ts'
import { Lane, type QueueEntry } from './lane.ts'

/**
 * Decides which waiting delivery goes next: one lane for each destination, lanes take turns, each within its own
 * concurrency and rate limit and all within the global one. A lane with nothing under way may always start one
 * request, so that destinations that never answer can't take every slot from the others.
 *
 *              entry pushed, request ended, woken
 *     none ───────────────────────────────────────▶ ready ──▶ starts one, stays ready
 *      ▲                                            │ ▲ │
 *      ├── empty, held, at its own limit ───────────┘ │ ├── not due, rate limit ──▶ sleeping ─┐
 *      │                                              │ └── global limit ─────────▶ starved ──┤
 *      │                                              └──── its time has come, a slot is free ┘
 *
 * A turn costs O(log lanes), however many lanes there are.
 */

export interface SchedulerOptions {
  readonly clock: Clock
  readonly concurrency: () => number
  /** The destination if its deliveries may be sent now; undefined holds the lane until {@link Scheduler.wake}. */
  readonly sendable: (id: DestinationId) => Destination | undefined
  /** Sends one; the slot counts as taken until the promise settles. */
  readonly start: (entry: QueueEntry) => Promise<Ended>
}

/** What came of a start. */
export interface Ended {
  /** Milliseconds after which the delivery is to be started again, or null when it waits no more. */
  readonly againAfterMs: number | null
  /** Called when the delivery is under way no more, and queued again if it is to be. */
  readonly settled?: () => void
}

/** Wall clock and monotonic clock may drift apart this much before it counts as a jump (sleep, clock set). */
const jumpMs = 2000
const checkClockEveryMs = 5000
/** After a jump, overdue deliveries of one destination are let go at this distance. */
const catchUpEveryMs = 50
/** Fresh deliveries kept whole in memory; beyond, or with a larger payload, they are read when their turn comes. */
const freshLimit = 2000
const freshPayloadLimitBytes = 16 * 1024

type Due = Pick<QueueEntry, 'dueAtMonotonicMs' | 'dueAtMs'>

interface Sleeper {
  readonly lane: Lane
  readonly at: number
}

export class Scheduler {
  readonly #options: SchedulerOptions
  readonly #lanes = new Map<DestinationId, Lane>()
  readonly #entries = new Map<DeliveryId, QueueEntry>()
  /** How often each is under way: twice for a moment when it is started again before its promise has settled. */
  readonly #inFlight = new Map<DeliveryId, number>()
  #inFlightCount = 0
  readonly #ready = new Fifo<Lane>()
  /** In the order in which they ran out of slots. */
  readonly #starved = new Set<Lane>()
  readonly #sleeping = new Heap<Sleeper>((a, b) => a.at < b.at)
  #order = 0
  #fresh = 0
  #timer: Timer | null = null
  #timerAt = Infinity
  #running = false
  #pumping = false
  #heldUntil = -Infinity
  #checkAt: number
  #wallOffset: number

  constructor(options: SchedulerOptions) {
    this.#options = options
    this.#checkAt = options.clock.monotonicMs() + checkClockEveryMs
    this.#wallOffset = options.clock.now() - options.clock.monotonicMs()
  }

  get waiting(): number {
    return this.#entries.size
  }

  get inFlight(): number {
    return this.#inFlightCount
  }

  /** Lanes that are kept: for tests of what is left behind. */
  get laneCount(): number {
    return this.#lanes.size
  }

  /** The place in the order of arrival that was given out last. */
  get lastOrder(): number {
    return this.#order
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
    this.#disarm()
  }

  /** Starts nothing for so long: while nothing can be written, every start would only fail. */
  hold(durationMs: number): void {
    this.#heldUntil = this.#options.clock.monotonicMs() + durationMs
  }

  /** Queues a delivery that was accepted just now. */
  addFresh(delivery: Delivery, event: WebhookEvent): void {
    const keeps = this.#fresh < freshLimit && event.payload.length <= freshPayloadLimitBytes
    this.#push(delivery.id, delivery.destinationId, this.#dueAfter(0), keeps ? { delivery, event } : null)
  }

  /** Queues a delivery that is due after `delayMs`. */
  add(id: DeliveryId, destinationId: DestinationId, delayMs: number): void {
    this.#push(id, destinationId, this.#dueAfter(Math.max(0, delayMs)), null)
  }

  /**
   * Takes a delivery out of the queue.
   * @returns puts it back as it was; undefined when it was not waiting
   */
  take(id: DeliveryId): (() => void) | undefined {
    const entry = this.#entries.get(id)
    if (entry === undefined) return undefined
    this.#forget(entry)
    const lane = this.#lanes.get(entry.destinationId)
    lane?.remove(entry)
    if (lane !== undefined) this.#dropIfIdle(lane)
    return () => {
      this.#push(entry.id, entry.destinationId, entry, null)
      this.pump()
    }
  }

  /**
   * Replaces the queue by what the store says; requests under way are left alone.
   * @param since `lastOrder` when the store was read: what was queued after that stays
   */
  replace(
    waiting: readonly WaitingDelivery[],
    longestDelayMs: (id: DestinationId) => number,
    since = this.#order,
  ): void {
    const queuedLater = new Set<DeliveryId>()
    for (const lane of this.#lanes.values()) {
      for (const entry of lane.drain()) {
        if (entry.order > since) {
          lane.push(entry)
          queuedLater.add(entry.id)
        } else {
          this.#forget(entry)
        }
      }
    }
    const now = this.#options.clock.now()
    for (const { id, destinationId, dueAt } of waiting) {
      if (this.#inFlight.has(id) || queuedLater.has(id)) continue
      // A due time further off than the policy allows stems from a clock that was wrong.
      this.add(id, destinationId, Math.min(dueAt - now, longestDelayMs(destinationId)))
    }
    this.wake()
  }

  /** Looks again at every lane: after destinations or limits have changed. */
  wake(): void {
    const now = this.#options.clock.monotonicMs()
    for (const lane of this.#lanes.values()) {
      if (lane.place === 'none' || lane.place === 'sleeping') this.#makeReady(lane)
      this.#dropIfIdle(lane, now)
    }
    this.pump()
  }

  /** Starts everything that may start now, and arms the timer for what comes next. */
  pump(): void {
    if (!this.#running || this.#pumping) return
    this.#pumping = true
    try {
      this.#startDue()
    } finally {
      this.#pumping = false
    }
  }

  #startDue(): void {
    const now = this.#options.clock.monotonicMs()
    if (now < this.#heldUntil) return this.#arm(now, this.#heldUntil)
    this.#followWallClock(now)
    for (;;) {
      const sleeper = this.#sleeping.peek()
      if (sleeper === undefined || sleeper.at > now) break
      this.#sleeping.pop()
      // A lane that was woken earlier left its sleeper behind.
      if (sleeper.lane.place === 'sleeping' && sleeper.lane.wakeAt === sleeper.at)
        this.#makeReady(sleeper.lane)
    }
    const limit = this.#options.concurrency()
    for (;;) {
      const lane = (this.#inFlightCount < limit ? this.#takeStarved() : undefined) ?? this.#ready.shift()
      if (lane === undefined) break
      this.#serve(lane, now, limit)
    }
    this.#arm(now, this.#sleeping.peek()?.at ?? Infinity)
  }

  /** Starts the lane's next delivery and puts it back in turn, or puts it where it waits. */
  #serve(lane: Lane, now: number, limit: number): void {
    lane.place = 'none'
    const entry = lane.peek()
    if (entry === undefined) return this.#dropIfIdle(lane, now)
    if (entry.dueAtMonotonicMs > now) return this.#sleep(lane, entry.dueAtMonotonicMs)
    if (this.#inFlightCount >= limit && lane.inFlight > 0) {
      lane.place = 'starved'
      this.#starved.add(lane)
      return
    }
    const destination = this.#options.sendable(lane.destinationId)
    if (destination === undefined || lane.inFlight >= destination.concurrency) return
    const allowedAt = lane.allowedAt(destination.rate_limit, now)
    if (allowedAt > now) return this.#sleep(lane, allowedAt)
    lane.shift()
    lane.noteStart(destination.rate_limit, now)
    this.#makeReady(lane)
    this.#launch(lane, entry)
  }

  #launch(lane: Lane, entry: QueueEntry): void {
    this.#entries.delete(entry.id)
    if (entry.fresh !== null) this.#fresh -= 1
    this.#inFlight.set(entry.id, (this.#inFlight.get(entry.id) ?? 0) + 1)
    this.#inFlightCount += 1
    lane.inFlight += 1
    this.#options.start(entry).then(
      (ended) => this.#settle(lane, entry, ended),
      () => this.#settle(lane, entry, { againAfterMs: null }),
    )
  }

  #settle(lane: Lane, entry: QueueEntry, { againAfterMs, settled }: Ended): void {
    const left = (this.#inFlight.get(entry.id) ?? 1) - 1
    if (left === 0) this.#inFlight.delete(entry.id)
    else this.#inFlight.set(entry.id, left)
    this.#inFlightCount -= 1
    lane.inFlight -= 1
    if (againAfterMs !== null) this.add(entry.id, entry.destinationId, againAfterMs)
    // With nothing under way any more it may start one beyond the global limit.
    const freed = lane.place === 'starved' && lane.inFlight === 0 && this.#starved.delete(lane)
    if (freed || (lane.place === 'none' && lane.waiting > 0)) this.#makeReady(lane)
    this.#dropIfIdle(lane)
    settled?.()
    this.pump()
  }

  #takeStarved(): Lane | undefined {
    const [lane] = this.#starved
    if (lane !== undefined) this.#starved.delete(lane)
    return lane
  }

  #makeReady(lane: Lane): void {
    lane.place = 'ready'
    this.#ready.push(lane)
  }

  #sleep(lane: Lane, at: number): void {
    lane.place = 'sleeping'
    lane.wakeAt = at
    this.#sleeping.push({ lane, at })
  }

  #forget(entry: QueueEntry): void {
    this.#entries.delete(entry.id)
    if (entry.fresh !== null) this.#fresh -= 1
  }

  #dropIfIdle(lane: Lane, now = this.#options.clock.monotonicMs()): void {
    if (lane.isIdle(now) && this.#lanes.get(lane.destinationId) === lane)
      this.#lanes.delete(lane.destinationId)
  }

  #dueAfter(delayMs: number): Due {
    const { clock } = this.#options
    return { dueAtMonotonicMs: clock.monotonicMs() + delayMs, dueAtMs: clock.now() + delayMs }
  }

  #push(id: DeliveryId, destinationId: DestinationId, due: Due, fresh: QueueEntry['fresh']): void {
    const { dueAtMonotonicMs, dueAtMs } = due
    const known = this.#entries.get(id)
    if (known !== undefined) {
      if (known.dueAtMonotonicMs <= dueAtMonotonicMs) return
      this.take(id)
    }
    let lane = this.#lanes.get(destinationId)
    if (lane === undefined) {
      lane = new Lane(destinationId)
      this.#lanes.set(destinationId, lane)
    }
    this.#order += 1
    const order = this.#order
    const entry: QueueEntry = { id, destinationId, dueAtMonotonicMs, dueAtMs, order, removed: false, fresh }
    if (fresh !== null) this.#fresh += 1
    this.#entries.set(id, entry)
    lane.push(entry)
    const wakes = lane.place === 'none' || (lane.place === 'sleeping' && dueAtMonotonicMs < lane.wakeAt)
    if (wakes) this.#makeReady(lane)
  }

  #arm(now: number, next: number): void {
    if (this.#entries.size === 0) return this.#disarm()
    const at = Math.min(next, Math.max(this.#checkAt, this.#heldUntil))
    // A timer that fires too early only looks and is set again.
    if (this.#timerAt <= at) return
    this.#disarm()
    this.#timerAt = at
    this.#timer = this.#options.clock.after(at - now, () => {
      this.#timer = null
      this.#timerAt = Infinity
      this.pump()
    })
  }

  #disarm(): void {
    this.#timer?.cancel()
    this.#timer = null
    this.#timerAt = Infinity
  }

  /**
   * The wall clock moved against the monotonic one. Forward (a sleep, or the clock was set): what is overdue by the
   * wall goes out now, but paced. Backward: nothing changes, so nothing stalls.
   */
  #followWallClock(now: number): void {
    if (now >= this.#checkAt) this.#checkAt = now + checkClockEveryMs
    const wallNow = this.#options.clock.now()
    const jumped = wallNow - now - this.#wallOffset
    if (Math.abs(jumped) < jumpMs) return
    this.#wallOffset = wallNow - now
    if (jumped < 0) return
    for (const lane of this.#lanes.values()) {
      const entries = lane
        .drain()
        .sort((a, b) => a.dueAtMonotonicMs - b.dueAtMonotonicMs || a.order - b.order)
      let overdue = 0
      for (const entry of entries) {
        const remaining = entry.dueAtMs - wallNow
        if (entry.dueAtMonotonicMs > now && remaining < entry.dueAtMonotonicMs - now) {
          entry.dueAtMonotonicMs = remaining > 0 ? now + remaining : now + overdue++ * catchUpEveryMs
        }
        lane.push(entry)
      }
      if (lane.place === 'none' || lane.place === 'sleeping') this.#makeReady(lane)
    }
  }
}

import type { Delivery } from '../../../src-shared/model/delivery.ts'
import type { WebhookEvent } from '../../../src-shared/model/event.ts'
import type { DeliveryId } from '../../../src-shared/model/ids.ts'
import type { Clock, Timer } from '../ports.ts'
import { ClockWatch } from './clock-watch.ts'
import { Fifo } from './fifo.ts'
import { Heap } from './heap.ts'
import { Lane, type LaneId, type LaneLimits, type QueueEntry } from './lane.ts'
import { Slots } from './slots.ts'
import { UnderWay } from './under-way.ts'

/**
 * Decides which waiting delivery goes next: one lane for each destination and each replay, lanes take turns, each within its own
 * concurrency and rate limit and all within the global one.
 *
 *              entry pushed, slot given back, woken
 *     none ───────────────────────────────────────▶ ready ──▶ starts one, stays ready
 *      ▲                                            │ ▲ │
 *      ├── empty, held, at its own limit ───────────┘ │ ├── not due, rate limit ──▶ sleeping ─┐
 *      │                                              │ └── no slot ──────────────▶ starved ──┤
 *      │                                              └── its time has come, there is a slot ─┘
 *
 * A lane below its share of the global limit has a slot in any case (`slots.ts`), and one that gave back a slot and is
 * below its share is served before those that starve: destinations that never answer take nothing from the others.
 *
 * A turn costs O(log lanes), however many lanes there are.
 */

export interface SchedulerOptions {
  readonly clock: Clock
  readonly concurrency: () => number
  /** While true nothing is started; {@link Scheduler.wake} looks again. */
  readonly paused: () => boolean
  /** What a lane may send now; undefined holds it until {@link Scheduler.wake}. */
  readonly limits: (id: LaneId) => LaneLimits | undefined
  /** Sends one; its slot is taken until {@link Scheduler.freeSlot}, at the latest until the promise settles. */
  readonly start: (entry: QueueEntry) => Promise<Ended>
  /** The wall clock went ahead; what is overdue by it, so many deliveries, goes out spaced. */
  readonly onClockJump?: (jumpedMs: number, overdue: number) => void
}

/** A delivery that waits, as the store knows it; `dueAt` in epoch milliseconds. */
export interface Waiting {
  readonly id: DeliveryId
  readonly laneId: LaneId
  readonly dueAt: number
}

/** What came of a start. */
export interface Ended {
  /** Milliseconds after which the delivery is to be started again, or null when it waits no more. */
  readonly againAfterMs: number | null
  /** Called when the delivery is under way no more, and queued again if it is to be. */
  readonly settled?: () => void
}

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
  readonly #lanes = new Map<LaneId, Lane>()
  readonly #entries = new Map<DeliveryId, QueueEntry>()
  readonly #underWay = new UnderWay()
  readonly #slots: Slots
  readonly #ready = new Fifo<Lane>()
  /** Ready lanes that have given back a slot and hold less than their share: served before the starved. */
  readonly #owed = new Fifo<Lane>()
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
  readonly #clockWatch: ClockWatch

  constructor(options: SchedulerOptions) {
    this.#options = options
    this.#slots = new Slots(options.concurrency)
    this.#clockWatch = new ClockWatch(options.clock)
  }

  get waiting(): number {
    return this.#entries.size
  }

  /** Deliveries under way: until their outcome is written, also when their slot is free again. */
  get inFlight(): number {
    return this.#underWay.size
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
    return this.#underWay.has(id)
  }

  waitingOf(laneId: LaneId): number {
    return this.#lanes.get(laneId)?.waiting ?? 0
  }

  /** All that waits in one of these lanes. Looks through everything that waits. */
  waitingIn(laneIds: ReadonlySet<LaneId>): DeliveryId[] {
    const ids: DeliveryId[] = []
    for (const { id, laneId } of this.#entries.values()) if (laneIds.has(laneId)) ids.push(id)
    return ids
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

  /** Resolves when nothing is under way. */
  idle(): Promise<void> {
    return this.#underWay.idle()
  }

  /** Starts nothing for so long: while nothing can be written, every start would only fail. */
  hold(durationMs: number): void {
    this.#heldUntil = this.#options.clock.monotonicMs() + durationMs
  }

  /** Queues a delivery that was accepted just now. */
  addFresh(delivery: Delivery, laneId: LaneId, event: WebhookEvent): void {
    const keeps = this.#fresh < freshLimit && event.payload.length <= freshPayloadLimitBytes
    this.#push(delivery.id, laneId, this.#dueAfter(0), keeps ? { delivery, event } : null)
  }

  /** Queues a delivery that is due after `delayMs`. */
  add(id: DeliveryId, laneId: LaneId, delayMs: number): void {
    this.#push(id, laneId, this.#dueAfter(Math.max(0, delayMs)), null)
  }

  /**
   * Takes a delivery out of the queue.
   * @returns puts it back as it was; undefined when it was not waiting
   */
  take(id: DeliveryId): (() => void) | undefined {
    const entry = this.#entries.get(id)
    if (entry === undefined) return undefined
    this.#forget(entry)
    const lane = this.#lanes.get(entry.laneId)
    lane?.remove(entry)
    if (lane !== undefined) this.#dropIfIdle(lane)
    return () => {
      this.#push(entry.id, entry.laneId, entry, null)
      this.pump()
    }
  }

  /**
   * Replaces the queue by what the store says; requests under way are left alone.
   * @param since `lastOrder` when the store was read: what was queued after that stays
   */
  replace(waiting: readonly Waiting[], longestDelayMs: (id: LaneId) => number, since = this.#order): void {
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
    for (const { id, laneId, dueAt } of waiting) {
      if (this.#underWay.has(id) || queuedLater.has(id)) continue
      // A due time further off than the policy allows stems from a clock that was wrong.
      this.add(id, laneId, Math.min(dueAt - now, longestDelayMs(laneId)))
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
    if (!this.#running || this.#pumping || this.#options.paused()) return
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
    const jumpedMs = this.#clockWatch.jumpedMs(now)
    // Back changes nothing: due times are kept on the monotonic clock.
    if (jumpedMs > 0) this.#catchUp(now, jumpedMs)
    for (;;) {
      const sleeper = this.#sleeping.peek()
      if (sleeper === undefined || sleeper.at > now) break
      this.#sleeping.pop()
      // A lane that was woken earlier left its sleeper behind.
      if (sleeper.lane.place === 'sleeping' && sleeper.lane.wakeAt === sleeper.at)
        this.#makeReady(sleeper.lane)
    }
    for (;;) {
      const lane =
        this.#owed.shift() ?? (this.#slots.areLeft ? this.#takeStarved() : undefined) ?? this.#ready.shift()
      if (lane === undefined) break
      this.#serve(lane, now)
    }
    this.#arm(now, this.#sleeping.peek()?.at ?? Infinity)
  }

  /** Starts the lane's next delivery and puts it back in turn, or puts it where it waits. */
  #serve(lane: Lane, now: number): void {
    lane.place = 'none'
    const entry = lane.peek()
    if (entry === undefined) return this.#dropIfIdle(lane, now)
    if (entry.dueAtMonotonicMs > now) return this.#sleep(lane, entry.dueAtMonotonicMs)
    if (!this.#slots.mayTake(lane)) {
      lane.place = 'starved'
      this.#starved.add(lane)
      return
    }
    const limits = this.#options.limits(lane.id)
    if (limits === undefined || lane.slots >= limits.concurrency) return
    const allowedAt = lane.allowedAt(limits.rate_limit, now)
    if (allowedAt > now) return this.#sleep(lane, allowedAt)
    lane.shift()
    lane.noteStart(limits.rate_limit, now)
    this.#makeReady(lane)
    this.#launch(lane, entry)
  }

  #launch(lane: Lane, entry: QueueEntry): void {
    this.#forget(entry)
    this.#underWay.begin(entry.id)
    entry.hasSlot = true
    this.#slots.take(lane)
    this.#options.start(entry).then(
      (ended) => this.#settle(entry, ended),
      () => this.#settle(entry, { againAfterMs: null }),
    )
  }

  /** Gives back the slot of a delivery that is still under way, but asks nothing of its destination any more. */
  freeSlot(entry: QueueEntry): void {
    this.#giveBack(entry)
    this.pump()
  }

  #giveBack(entry: QueueEntry): void {
    // A lane is kept while it has slots.
    const lane = this.#lanes.get(entry.laneId)
    if (!entry.hasSlot || lane === undefined) return
    entry.hasSlot = false
    this.#slots.giveBack(lane)
    if (lane.waiting > 0 && (lane.place === 'starved' || lane.place === 'none')) this.#offer(lane)
    this.#dropIfIdle(lane)
  }

  /** A lane in no queue, or without a slot until now, has given one back. */
  #offer(lane: Lane): void {
    if (this.#slots.isBelowShare(lane)) {
      this.#starved.delete(lane)
      lane.place = 'ready'
      this.#owed.push(lane)
    } else if (lane.place === 'none') {
      this.#makeReady(lane)
    }
  }

  #settle(entry: QueueEntry, { againAfterMs, settled }: Ended): void {
    this.#underWay.end(entry.id)
    this.#giveBack(entry)
    if (againAfterMs !== null) this.add(entry.id, entry.laneId, againAfterMs)
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
    if (lane.isIdle(now) && this.#lanes.get(lane.id) === lane) this.#lanes.delete(lane.id)
  }

  #dueAfter(delayMs: number): Due {
    const { clock } = this.#options
    return { dueAtMonotonicMs: clock.monotonicMs() + delayMs, dueAtMs: clock.now() + delayMs }
  }

  #push(id: DeliveryId, laneId: LaneId, due: Due, fresh: QueueEntry['fresh']): void {
    const { dueAtMonotonicMs, dueAtMs } = due
    const known = this.#entries.get(id)
    if (known !== undefined) {
      if (known.dueAtMonotonicMs <= dueAtMonotonicMs) return
      this.take(id)
    }
    let lane = this.#lanes.get(laneId)
    if (lane === undefined) {
      lane = new Lane(laneId)
      this.#lanes.set(laneId, lane)
    }
    this.#order += 1
    const order = this.#order
    const entry: QueueEntry = {
      id,
      laneId,
      dueAtMonotonicMs,
      dueAtMs,
      order,
      fresh,
      removed: false,
      hasSlot: false,
    }
    if (fresh !== null) this.#fresh += 1
    this.#entries.set(id, entry)
    lane.push(entry)
    const wakes = lane.place === 'none' || (lane.place === 'sleeping' && dueAtMonotonicMs < lane.wakeAt)
    if (wakes) this.#makeReady(lane)
  }

  #arm(now: number, next: number): void {
    if (this.#entries.size === 0) return this.#disarm()
    const at = Math.min(next, Math.max(this.#clockWatch.checkAt, this.#heldUntil))
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

  /** The wall clock went ahead (a sleep, or it was set): what is overdue by it goes out now, but paced. */
  #catchUp(now: number, jumpedMs: number): void {
    const wallNow = this.#options.clock.now()
    let overdue = 0
    for (const lane of this.#lanes.values()) {
      overdue += lane.catchUp(now, wallNow, catchUpEveryMs)
      if (lane.place === 'none' || lane.place === 'sleeping') this.#makeReady(lane)
    }
    this.#options.onClockJump?.(jumpedMs, overdue)
  }
}

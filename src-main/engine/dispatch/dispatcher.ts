import { AppError } from '../../../src-shared/errors.ts'
import type { Attempt, Delivery, DeliveryIn, Failure } from '../../../src-shared/model/delivery.ts'
import type { Destination } from '../../../src-shared/model/destination.ts'
import type { WebhookEvent } from '../../../src-shared/model/event.ts'
import type { DeliveryId, DestinationId } from '../../../src-shared/model/ids.ts'
import type { Replay } from '../../../src-shared/model/replay.ts'
import type { Background } from '../background.ts'
import type { Clock, Random, SecretBox, Sender, SendOutcome } from '../ports.ts'
import type { PushHub } from '../push.ts'
import type { KeptReplayRequest } from '../replay/replay-request.ts'
import { ReplayRequestMaker } from '../replay/replay-request-maker.ts'
import type { Change, Store } from '../store.ts'
import { attemptOf, interruptedAttempt, outgoing, urlRoute, type SignableRequest } from './attempt.ts'
import { DeliveryMoves, deletedFailure } from './delivery-moves.ts'
import * as state from './delivery-state.ts'
import type { QueueEntry } from './lane.ts'
import { Lanes } from './lanes.ts'
import { OutcomeRecorder } from './outcome-recorder.ts'
import { verdictOf } from './outcome.ts'
import { RequestMaker } from './request-maker.ts'
import { nextDelayMs } from './retry-policy.ts'
import { Scheduler, type Ended } from './scheduler.ts'

/**
 * Sends what is waiting: claims a delivery, renders and signs it, hands it to the sender, and writes down what came
 * of it. A claim is on disk before the request goes out, so that after a crash every delivery that may have been sent
 * is known.
 */

export interface DispatcherOptions {
  readonly clock: Clock
  readonly random: Random
  readonly store: Store
  readonly sender: Sender
  readonly secrets: SecretBox
  readonly push: PushHub
  readonly background: Background
  readonly receiverUrl: () => string
}

export interface Dispatcher {
  /** Finds what a crash interrupted, queues everything that waits, and starts sending. */
  start(): Promise<void>
  /** Stops claiming; waits up to `graceMs` for what is under way, then parks it. */
  stop(graceMs: number): Promise<void>
  /** Reads the queue again: at the start, and after the store was recovered in mid-life. */
  resync(): Promise<void>
  /**
   * Queues what was just accepted.
   * @param event null for what isn't at hand: it is read when its turn comes
   */
  accepted(deliveries: readonly Delivery[], event: WebhookEvent | null): void
  acceptedReplay(replay: Replay, deliveries: readonly Delivery[]): void
  /** Looks again at what may be sent: after a destination was enabled, resumed or changed. */
  wake(): void
  retry(id: DeliveryId): Promise<Delivery>
  sendNow(id: DeliveryId): Promise<Delivery>
  cancel(id: DeliveryId): Promise<Delivery>
  /** Takes a delivery that is not under way out of the queue and lets `commit` remove it from the history. */
  delete(id: DeliveryId, commit: () => Promise<void>): Promise<void>
  /**
   * Ends everything that waits for destinations, in the transaction that deletes them; they are held until it is over.
   * @returns how many deliveries it has ended
   */
  deleting(
    ids: readonly DestinationId[],
    reason: Failure,
    commit: (ended: readonly Change[]) => Promise<void>,
  ): Promise<number>
  /**
   * Ends everything of a replay that waits, and keeps the replay as it is given. What is under way ends by itself.
   * @returns how many deliveries it has ended
   */
  cancelReplay(cancelled: Replay): Promise<number>
  /** Waiting for one destination or for all, and all that is under way. */
  queueLength(destinationId?: DestinationId): { readonly waiting: number; readonly inFlight: number }
}

const againAfterMs = 500
const interruptedFailure: Failure = {
  code: 'interrupted',
  message: 'Hookbench ended while this was being sent: it may have arrived. It is sent again.',
}
const parkedFailure: Failure = {
  code: 'interrupted',
  message:
    'Hookbench was stopped while this was being sent: it may have arrived. It is sent again at the next start.',
}
const eventGone: Failure = {
  code: 'event_missing',
  message: 'The event of this delivery is gone from the data folder; nothing was sent.',
}

const replayGone: Failure = {
  code: 'payload_missing',
  message: 'The request of this replay is gone from the data folder; nothing was sent.',
}

export function createDispatcher(options: DispatcherOptions): Dispatcher {
  return new EngineDispatcher(options)
}

class EngineDispatcher implements Dispatcher {
  readonly #options: DispatcherOptions
  readonly #scheduler: Scheduler
  readonly #requests: RequestMaker
  readonly #replayRequests: ReplayRequestMaker
  readonly #lanes: Lanes
  readonly #recorder: OutcomeRecorder
  readonly #stopping = new AbortController()
  readonly #moves: DeliveryMoves
  /** Counts recoveries of the store: what was read before one may not be true any more. */
  #epoch = 0

  constructor(options: DispatcherOptions) {
    this.#options = options
    this.#requests = new RequestMaker(options)
    this.#replayRequests = new ReplayRequestMaker(options)
    this.#lanes = new Lanes(options.store, (id) => this.#moves.isClosing(id))
    this.#recorder = new OutcomeRecorder({ ...options, stopping: this.#stopping.signal })
    this.#scheduler = new Scheduler({
      clock: options.clock,
      concurrency: () => options.store.settings().concurrency,
      paused: () => options.store.settings().sending_paused,
      limits: (id) => this.#lanes.limits(id),
      start: (entry) => this.#run(entry),
      onClockJump: (jumpedMs, overdue) => options.background.note('clock', clockJumped(jumpedMs, overdue)),
    })
    this.#moves = new DeliveryMoves({
      ...options,
      scheduler: this.#scheduler,
      lanes: this.#lanes,
      recorder: this.#recorder,
      stopping: this.#stopping.signal,
    })
  }

  async start(): Promise<void> {
    await this.#recoverInterrupted()
    await this.resync()
    this.#scheduler.resume()
  }

  async resync(): Promise<void> {
    const { store } = this.#options
    this.#epoch += 1
    const since = this.#scheduler.lastOrder
    let waiting = await store.waitingDeliveries()
    // Read again: it must be as it is when the queue is replaced.
    if (await this.#lanes.know(waiting)) waiting = await store.waitingDeliveries()
    const queued = waiting
      .filter((delivery) => !this.#lanes.isCutOff(delivery))
      .map((delivery) => ({ id: delivery.id, laneId: this.#lanes.idOf(delivery), dueAt: delivery.dueAt }))
    this.#scheduler.replace(queued, (id) => this.#lanes.longestDelayMs(id), since)
    for (const delivery of waiting) if (this.#lanes.isCutOff(delivery)) this.#moves.abandonSoon(delivery.id)
  }

  async stop(graceMs: number): Promise<void> {
    this.#scheduler.pause()
    if (graceMs <= 0) this.#stopping.abort()
    const deadline = this.#options.clock.after(graceMs, () => this.#stopping.abort())
    await this.#scheduler.idle()
    deadline.cancel()
    this.#stopping.abort()
  }

  acceptedReplay(replay: Replay, deliveries: readonly Delivery[]): void {
    this.#lanes.note(replay)
    this.accepted(deliveries, null)
  }

  accepted(deliveries: readonly Delivery[], event: WebhookEvent | null): void {
    for (const delivery of deliveries) {
      if (this.#lanes.isCutOff(delivery)) {
        this.#moves.abandonSoon(delivery.id)
      } else if (event !== null) {
        this.#scheduler.addFresh(delivery, this.#lanes.idOf(delivery), event)
      } else {
        const delayMs = (delivery.notBefore ?? 0) - this.#options.clock.now()
        this.#scheduler.add(delivery.id, this.#lanes.idOf(delivery), delayMs)
      }
    }
    this.#scheduler.pump()
  }

  wake(): void {
    this.#scheduler.wake()
  }

  queueLength(destinationId?: DestinationId): { waiting: number; inFlight: number } {
    const { waiting, inFlight } = this.#scheduler
    if (destinationId === undefined) return { waiting, inFlight }
    const lanes = this.#lanes.to(destinationId).map((id) => this.#scheduler.waitingOf(id))
    return { waiting: lanes.reduce((sum, count) => sum + count, 0), inFlight }
  }

  retry(id: DeliveryId): Promise<Delivery> {
    return this.#moves.retry(id)
  }

  sendNow(id: DeliveryId): Promise<Delivery> {
    return this.#moves.sendNow(id)
  }

  cancel(id: DeliveryId): Promise<Delivery> {
    return this.#moves.cancel(id)
  }

  delete(id: DeliveryId, commit: () => Promise<void>): Promise<void> {
    return this.#moves.delete(id, commit)
  }

  deleting(
    ids: readonly DestinationId[],
    reason: Failure,
    commit: (ended: readonly Change[]) => Promise<void>,
  ): Promise<number> {
    return this.#moves.deleting(ids, reason, commit)
  }

  cancelReplay(cancelled: Replay): Promise<number> {
    const { store } = this.#options
    return this.#moves.cancelReplay(cancelled.id, (ended) =>
      store.commit([...ended, { kind: 'replay.put', replay: cancelled }], () => this.#lanes.note(cancelled)),
    )
  }

  /** Never rejects: what went wrong is reported. */
  async #run(entry: QueueEntry): Promise<Ended> {
    try {
      return await this.#deliver(entry)
    } catch (error) {
      this.#options.background.run('delivery', () => Promise.reject(error))
      return over
    }
  }

  /** From the queue to the outcome on disk; what can't be written is tried until it can. */
  async #deliver(entry: QueueEntry): Promise<Ended> {
    const epoch = this.#epoch
    const content: Content = entry.fresh ?? (await this.#read(entry.id))
    const { delivery } = content
    if (delivery?.status !== 'pending' && delivery?.status !== 'retrying') return over
    if (this.#stopping.signal.aborted) return over
    // Read before the store was recovered: it may never have been acknowledged.
    if (epoch !== this.#epoch) return again
    const destination = this.#destinationOf(delivery)
    if (destination === undefined || this.#lanes.limits(entry.laneId) === undefined)
      return { againAfterMs: this.#againAfter(delivery, 0) }
    const claim = await this.#claim(delivery)
    if (claim === null) return again
    const request = this.#requestOf(destination, claim, content)
    if ('code' in request)
      return this.#record(entry, state.unrenderable(claim, this.#options.clock.now(), request), null)
    const { outcome, attempt } = await this.#send(destination, claim, request, content)
    return this.#record(entry, this.#after(claim, outcome), attempt)
  }

  /** null: it goes to a URL; undefined: its destination is gone. */
  #destinationOf({ destinationId }: Delivery): Destination | null | undefined {
    return destinationId === null ? null : this.#options.store.destinations.get(destinationId)
  }

  #requestOf(
    destination: Destination | null,
    claim: Delivery,
    { event, replayed }: Content,
  ): SignableRequest | Failure {
    if (claim.replayId !== null)
      return replayed === undefined ? replayGone : this.#replayRequests.make(destination, replayed, claim)
    return event === undefined || destination === null
      ? eventGone
      : this.#requests.make(destination, event, claim)
  }

  async #record(entry: QueueEntry, delivery: Delivery, attempt: Attempt | null): Promise<Ended> {
    const settled = await this.#recorder.record(delivery, attempt, () => this.#scheduler.freeSlot(entry))
    if (delivery.status !== 'retrying') return { againAfterMs: null, settled }
    const delayMs = delivery.nextAttemptAt - this.#options.clock.now()
    return { againAfterMs: this.#againAfter(delivery, delayMs), settled }
  }

  /** The delay, unless the destination has gone while the delivery was under way. */
  #againAfter(delivery: Delivery, delayMs: number): number | null {
    if (!this.#lanes.isCutOff(delivery)) return delayMs
    this.#moves.abandonSoon(delivery.id)
    return null
  }

  async #read(id: DeliveryId): Promise<Content> {
    const { store } = this.#options
    const delivery = await store.delivery(id)
    if (delivery === undefined) return { delivery }
    if (delivery.replayId !== null) return { delivery, replayed: await store.replayRequest(id) }
    return { delivery, event: delivery.eventId === null ? undefined : await store.event(delivery.eventId) }
  }

  /** null when it could not be written: nothing is started then for a while. */
  async #claim(delivery: Delivery): Promise<DeliveryIn<'processing'> | null> {
    const { store, clock, push } = this.#options
    const claim = state.claimed(delivery, clock.now())
    try {
      await store.commit([{ kind: 'delivery.claim', id: claim.id }])
    } catch (error) {
      if (!(error instanceof AppError)) throw error
      this.#scheduler.hold(againAfterMs)
      return null
    }
    push.publish({ kind: 'delivery', delivery: claim })
    return claim
  }

  async #send(
    destination: Destination | null,
    claim: DeliveryIn<'processing'>,
    request: SignableRequest,
    { event, replayed }: Content,
  ): Promise<{ readonly outcome: SendOutcome; readonly attempt: Attempt }> {
    const startedAt = this.#options.clock.now()
    const route = destination ?? urlRoute
    const outcome = await this.#options.sender.send(outgoing(route, request), this.#stopping.signal)
    const attempt = attemptOf(claim, startedAt, request, event?.payload ?? replayed?.body, outcome)
    return { outcome, attempt: isCutShort(outcome) ? { ...attempt, error: parkedFailure } : attempt }
  }

  /** What the outcome makes of the delivery. */
  #after(claim: DeliveryIn<'processing'>, outcome: SendOutcome): Delivery {
    const { clock, random } = this.#options
    const now = clock.now()
    if (isCutShort(outcome)) return state.interrupted(claim, now, parkedFailure)
    const verdict = verdictOf(outcome)
    const ended = { responseStatus: verdict.status, durationMs: outcome.timings.totalMs }
    if (verdict.succeeded) return state.succeeded(claim, now, ended)
    const destination = this.#destinationOf(claim)
    if (destination === undefined) return state.exhausted(claim, now, deletedFailure, ended)
    const policy =
      destination === null || this.#lanes.isCancelled(claim) ? null : this.#lanes.policyOf(destination)
    const delayMs = policy && nextDelayMs(policy, claim.policyAttempts + 1, random.fraction())
    if (delayMs === null) return state.exhausted(claim, now, verdict.failure, ended)
    return state.retrying(claim, now, verdict.failure, ended, now + delayMs)
  }

  async #recoverInterrupted(): Promise<void> {
    const { store, clock } = this.#options
    const cut = (await store.waitingDeliveries()).filter(({ status }) => status === 'processing')
    for (let index = 0; index < cut.length; index += 200) {
      const changes: Change[] = []
      for (const { id } of cut.slice(index, index + 200)) {
        const delivery = await store.delivery(id)
        if (delivery === undefined) continue
        const attempt = interruptedAttempt(delivery, clock.now(), interruptedFailure)
        changes.push({ kind: 'attempt.insert', deliveryId: id, attempt })
        changes.push({
          kind: 'delivery.update',
          delivery: state.interrupted(delivery, clock.now(), interruptedFailure),
        })
      }
      await store.commit(changes)
    }
  }
}

/** A delivery with what it sends: an event, or a request that was kept. */
interface Content {
  readonly delivery: Delivery | undefined
  readonly event?: WebhookEvent | undefined
  readonly replayed?: KeptReplayRequest | undefined
}

const over: Ended = { againAfterMs: null }
const again: Ended = { againAfterMs: 0 }

/** True when the stop ended it, not the receiver. */
function isCutShort({ error }: SendOutcome): boolean {
  return error?.code === 'cancelled' || error?.code === 'interrupted'
}

function clockJumped(jumpedMs: number, overdue: number): string {
  const seconds = Math.round(jumpedMs / 1000)
  return `The clock jumped forward by ${seconds} s; overdue deliveries (${overdue}) go out spaced.`
}

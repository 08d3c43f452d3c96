import { AppError } from '../../../src-shared/errors.ts'
import type { Attempt, Delivery, DeliveryIn, Failure } from '../../../src-shared/model/delivery.ts'
import type { Destination, RetryPolicy } from '../../../src-shared/model/destination.ts'
import type { WebhookEvent } from '../../../src-shared/model/event.ts'
import type { DeliveryId, DestinationId } from '../../../src-shared/model/ids.ts'
import type { Background } from '../background.ts'
import { createExclusive } from '../exclusive.ts'
import type { Clock, Random, SecretBox, Sender, SendOutcome } from '../ports.ts'
import type { PushHub } from '../push.ts'
import type { Change, Store } from '../store.ts'
import { providerOfWorkspace } from '../use-cases/lookup.ts'
import { attemptOf, interruptedAttempt, outgoing, type SignableRequest } from './attempt.ts'
import * as state from './delivery-state.ts'
import type { QueueEntry } from './lane.ts'
import { OutcomeRecorder } from './outcome-recorder.ts'
import { verdictOf } from './outcome.ts'
import { RequestMaker } from './request-maker.ts'
import { longestDelayMs, nextDelayMs, policyOf } from './retry-policy.ts'
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
   * @param announced settles when listeners have been told of it: nothing about it is published before
   */
  accepted(deliveries: readonly Delivery[], event: WebhookEvent, announced: Promise<void>): void
  /** Looks again at what may be sent: after a destination was enabled, resumed or changed. */
  wake(): void
  retry(id: DeliveryId): Promise<Delivery>
  sendNow(id: DeliveryId): Promise<Delivery>
  cancel(id: DeliveryId): Promise<Delivery>
  /** Removes a delivery that is not under way from history and queue. */
  delete(id: DeliveryId): Promise<void>
  /**
   * Ends everything that waits for destinations, in the transaction that deletes them; they are held until it is over.
   * @returns how many deliveries it has ended
   */
  deleting(
    ids: readonly DestinationId[],
    reason: Failure,
    commit: (ended: readonly Change[]) => Promise<void>,
  ): Promise<number>
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
const deletedFailure: Failure = { code: 'destination_deleted', message: 'destination deleted' }
const eventGone: Failure = {
  code: 'event_missing',
  message: 'The event of this delivery is gone from the data folder; nothing was sent.',
}

export function createDispatcher(options: DispatcherOptions): Dispatcher {
  return new EngineDispatcher(options)
}

class EngineDispatcher implements Dispatcher {
  readonly #options: DispatcherOptions
  readonly #scheduler: Scheduler
  readonly #requests: RequestMaker
  readonly #recorder: OutcomeRecorder
  readonly #stopping = new AbortController()
  readonly #underWay = new Set<Promise<unknown>>()
  /** One user's move of a delivery at a time: of two that press the same button one wins. */
  readonly #moves = createExclusive()
  readonly #unannounced = new Map<DeliveryId, Promise<void>>()
  /** Destinations that are being deleted: nothing is started for them. */
  readonly #closing = new Set<DestinationId>()
  /** Counts recoveries of the store: what was read before one may not be true any more. */
  #epoch = 0

  constructor(options: DispatcherOptions) {
    this.#options = options
    this.#requests = new RequestMaker(options)
    this.#recorder = new OutcomeRecorder({ ...options, stopping: this.#stopping.signal })
    this.#scheduler = new Scheduler({
      clock: options.clock,
      concurrency: () => options.store.settings().concurrency,
      sendable: (id) => this.#sendable(id),
      start: (entry) => this.#track(this.#deliver(entry)),
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
    const waiting = await store.waitingDeliveries()
    const exists = (id: DestinationId): boolean => store.destinations.get(id) !== undefined
    const queued = waiting.filter(({ destinationId }) => exists(destinationId))
    this.#scheduler.replace(
      queued,
      (id) => {
        const destination = store.destinations.get(id)
        return destination === undefined ? 0 : longestDelayMs(this.#policyOf(destination))
      },
      since,
    )
    for (const { id, destinationId } of waiting) if (!exists(destinationId)) this.#abandonSoon(id)
  }

  async stop(graceMs: number): Promise<void> {
    this.#scheduler.pause()
    if (graceMs <= 0) this.#stopping.abort()
    const deadline = this.#options.clock.after(graceMs, () => this.#stopping.abort())
    while (this.#underWay.size > 0) await Promise.allSettled(this.#underWay)
    deadline.cancel()
    this.#stopping.abort()
  }

  accepted(deliveries: readonly Delivery[], event: WebhookEvent, announced: Promise<void>): void {
    for (const { id } of deliveries) this.#unannounced.set(id, announced)
    const told = (): void => {
      for (const { id } of deliveries) this.#unannounced.delete(id)
    }
    announced.then(told, told)
    for (const delivery of deliveries) {
      if (this.#options.store.destinations.get(delivery.destinationId) === undefined) {
        this.#abandonSoon(delivery.id)
      } else {
        this.#scheduler.addFresh(delivery, event)
      }
    }
    this.#scheduler.pump()
  }

  wake(): void {
    this.#scheduler.wake()
  }

  queueLength(destinationId?: DestinationId): { waiting: number; inFlight: number } {
    const waiting =
      destinationId === undefined ? this.#scheduler.waiting : this.#scheduler.waitingOf(destinationId)
    return { waiting, inFlight: this.#scheduler.inFlight }
  }

  retry(id: DeliveryId): Promise<Delivery> {
    return this.#move(id, async () => {
      const delivery = await this.#required(id)
      if (delivery.status !== 'failed') {
        throw new AppError('delivery_not_failed', { id, status: delivery.status })
      }
      if (this.#options.store.destinations.get(delivery.destinationId) === undefined) {
        throw new AppError('conflict', {
          message: `The destination of delivery ${id} was deleted; it can't be retried.`,
        })
      }
      const next = state.retried(delivery, this.#options.clock.now())
      await this.#update(next)
      this.#queue(next)
      return next
    })
  }

  sendNow(id: DeliveryId): Promise<Delivery> {
    return this.#moveWaiting(id, async (delivery) => {
      if (delivery.status !== 'retrying') {
        throw new AppError('delivery_not_retrying', { id, status: delivery.status })
      }
      const next = state.hurried(delivery, this.#options.clock.now())
      await this.#update(next)
      this.#queue(next)
      return next
    })
  }

  cancel(id: DeliveryId): Promise<Delivery> {
    return this.#moveWaiting(id, async (delivery) => {
      if (delivery.status !== 'pending' && delivery.status !== 'retrying') {
        throw new AppError('delivery_not_waiting', { id, status: delivery.status })
      }
      const reason = { code: 'cancelled', message: 'Cancelled by the user.' }
      const next = state.abandoned(delivery, this.#options.clock.now(), reason)
      await this.#update(next)
      return next
    })
  }

  async delete(id: DeliveryId): Promise<void> {
    await this.#moveWaiting(id, async (delivery) => {
      if (delivery.status === 'processing') throw new AppError('delivery_under_way', { id })
      await this.#options.store.commit([{ kind: 'delivery.delete', id }])
    })
  }

  async deleting(
    ids: readonly DestinationId[],
    reason: Failure,
    commit: (ended: readonly Change[]) => Promise<void>,
  ): Promise<number> {
    const { push } = this.#options
    for (const id of ids) this.#closing.add(id)
    try {
      const ended: Delivery[] = []
      for (const id of ids) ended.push(...(await this.#abandoned(id, reason)))
      await commit(ended.map((delivery) => ({ kind: 'delivery.update', delivery })))
      for (const delivery of ended) {
        this.#scheduler.take(delivery.id)
        push.publish({ kind: 'delivery', delivery })
      }
      return ended.length
    } finally {
      for (const id of ids) this.#closing.delete(id)
      this.wake()
    }
  }

  /** What waits for a destination, as it is once the destination is gone. What is under way ends by itself. */
  async #abandoned(destinationId: DestinationId, reason: Failure): Promise<Delivery[]> {
    const { store, clock } = this.#options
    const ended: Delivery[] = []
    const justEnding: DeliveryId[] = []
    for (let cursor: string | null = null; ;) {
      const filter = { destinationId, status: ['pending', 'retrying'] as const }
      const page = await store.deliveries(filter, { cursor, limit: 500 })
      for (const delivery of page.items) {
        if (!this.#scheduler.isInFlight(delivery.id))
          ended.push(state.abandoned(delivery, clock.now(), reason))
        else if (this.#recorder.recorded(delivery.id) !== undefined) justEnding.push(delivery.id)
      }
      cursor = page.nextCursor
      if (cursor === null) break
    }
    for (const id of justEnding) {
      await this.#recorder.recorded(id)
      const delivery = await store.delivery(id)
      const waits = delivery?.status === 'pending' || delivery?.status === 'retrying'
      if (waits && !this.#scheduler.isInFlight(id)) ended.push(state.abandoned(delivery, clock.now(), reason))
    }
    return ended
  }

  #move<T>(id: DeliveryId, move: () => Promise<T>): Promise<T> {
    return this.#moves.run(id, async () => {
      await this.#unannounced.get(id)
      // An outcome can be read some milliseconds before it is on disk and told.
      await this.#recorder.recorded(id)
      return move()
    })
  }

  /**
   * Runs a user's move of a delivery, which is out of the queue meanwhile and goes back when the move is refused. Its
   * status is `processing` for the move when it has been started but not yet claimed.
   */
  #moveWaiting<T>(id: DeliveryId, move: (delivery: Delivery) => Promise<T>): Promise<T> {
    return this.#move(id, async () => {
      const putBack = this.#scheduler.take(id)
      try {
        const delivery = await this.#required(id)
        return await move(this.#scheduler.isInFlight(id) ? { ...delivery, status: 'processing' } : delivery)
      } catch (error) {
        putBack?.()
        throw error
      }
    })
  }

  /** Queues a delivery that is due at once, unless its destination has just gone. */
  #queue(delivery: Delivery): void {
    if (this.#options.store.destinations.get(delivery.destinationId) === undefined) {
      this.#abandonSoon(delivery.id)
      return
    }
    this.#scheduler.add(delivery.id, delivery.destinationId, 0)
    this.#scheduler.pump()
  }

  /** Ends a delivery whose destination is gone; the transaction that deleted it didn't know of it yet. */
  #abandonSoon(id: DeliveryId): void {
    this.#options.background.run('abandon delivery', async (stopping) => {
      while (!stopping.aborted) {
        try {
          return await this.#move(id, () => this.#abandonOne(id))
        } catch (error) {
          if (!(error instanceof AppError) || this.#stopping.signal.aborted) throw error
          await this.#recorder.wait(againAfterMs)
        }
      }
    })
  }

  async #abandonOne(id: DeliveryId): Promise<void> {
    const delivery = await this.#options.store.delivery(id)
    if (delivery?.status !== 'pending' && delivery?.status !== 'retrying') return
    await this.#update(state.abandoned(delivery, this.#options.clock.now(), deletedFailure))
  }

  async #required(id: DeliveryId): Promise<Delivery> {
    const delivery = await this.#options.store.delivery(id)
    if (delivery === undefined) throw new AppError('delivery_not_found', { id })
    return delivery
  }

  async #update(delivery: Delivery): Promise<void> {
    await this.#options.store.commit([{ kind: 'delivery.update', delivery }])
    this.#options.push.publish({ kind: 'delivery', delivery })
  }

  #sendable(id: DestinationId): Destination | undefined {
    const { store } = this.#options
    const destination = store.destinations.get(id)
    if (destination === undefined || !destination.enabled || this.#closing.has(id)) return undefined
    return store.destinationHealth(id).paused === null ? destination : undefined
  }

  #policyOf(destination: Destination): RetryPolicy {
    return policyOf(destination, providerOfWorkspace(this.#options.store, destination.workspace_id))
  }

  #track(work: Promise<Ended>): Promise<Ended> {
    const { background } = this.#options
    const tracked: Promise<Ended> = work
      .catch((error: unknown) => {
        background.run('delivery', () => Promise.reject(error))
        return over
      })
      .finally(() => this.#underWay.delete(tracked))
    this.#underWay.add(tracked)
    return tracked
  }

  /** From the queue to the outcome on disk; what can't be written is tried until it can. */
  async #deliver(entry: QueueEntry): Promise<Ended> {
    const epoch = this.#epoch
    const { delivery, event } = entry.fresh ?? (await this.#read(entry.id))
    if (delivery?.status !== 'pending' && delivery?.status !== 'retrying') return over
    if (this.#stopping.signal.aborted) return over
    // Read before the store was recovered: it may never have been acknowledged.
    if (epoch !== this.#epoch) return again
    const destination = this.#sendable(entry.destinationId)
    if (destination === undefined) return { againAfterMs: this.#againAfter(delivery, 0) }
    const claim = await this.#claim(delivery)
    if (claim === null) return again
    const request = event === undefined ? eventGone : this.#requests.make(destination, event, claim)
    if (event === undefined || 'code' in request) {
      const reason = 'code' in request ? request : eventGone
      return this.#record(state.unrenderable(claim, this.#options.clock.now(), reason), null)
    }
    return this.#send(destination, event, claim, request)
  }

  async #record(delivery: Delivery, attempt: Attempt | null): Promise<Ended> {
    const settled = await this.#recorder.record(delivery, attempt)
    if (delivery.status !== 'retrying') return { againAfterMs: null, settled }
    const delayMs = delivery.nextAttemptAt - this.#options.clock.now()
    return { againAfterMs: this.#againAfter(delivery, delayMs), settled }
  }

  /** The delay, unless the destination has gone while the delivery was under way. */
  #againAfter(delivery: Delivery, delayMs: number): number | null {
    if (this.#options.store.destinations.get(delivery.destinationId) !== undefined) return delayMs
    this.#abandonSoon(delivery.id)
    return null
  }

  async #read(id: DeliveryId): Promise<{ delivery: Delivery | undefined; event: WebhookEvent | undefined }> {
    const { store } = this.#options
    const delivery = await store.delivery(id)
    return { delivery, event: delivery === undefined ? undefined : await store.event(delivery.eventId) }
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
    const announced = this.#unannounced.get(claim.id)
    if (announced !== undefined) await announced
    push.publish({ kind: 'delivery', delivery: claim })
    return claim
  }

  async #send(
    destination: Destination,
    event: WebhookEvent,
    claim: DeliveryIn<'processing'>,
    request: SignableRequest,
  ): Promise<Ended> {
    const { clock, sender } = this.#options
    const startedAt = clock.now()
    const outcome = await sender.send(outgoing(destination, request), this.#stopping.signal)
    const attempt = attemptOf(claim, startedAt, request, event, outcome)
    const stopped = outcome.error?.code === 'cancelled' || outcome.error?.code === 'interrupted'
    const next = stopped
      ? state.interrupted(claim, clock.now(), parkedFailure)
      : this.#decide(destination, claim, outcome)
    return this.#record(next, stopped ? { ...attempt, error: parkedFailure } : attempt)
  }

  #decide(destination: Destination, claim: DeliveryIn<'processing'>, outcome: SendOutcome): Delivery {
    const { clock, random, store } = this.#options
    const verdict = verdictOf(outcome)
    const now = clock.now()
    if (verdict.succeeded) return state.succeeded(claim, now, verdict.status)
    const current = store.destinations.get(destination.id)
    if (current === undefined) return state.exhausted(claim, now, deletedFailure, verdict.status)
    const delayMs = nextDelayMs(this.#policyOf(current), claim.policyAttempts + 1, random.fraction())
    if (delayMs === null) return state.exhausted(claim, now, verdict.failure, verdict.status)
    return state.retrying(claim, now, verdict.failure, verdict.status, now + delayMs)
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

const over: Ended = { againAfterMs: null }
const again: Ended = { againAfterMs: 0 }

import { AppError } from '../../../src-shared/errors.ts'
import type { Attempt, Delivery, DeliveryIn, Failure } from '../../../src-shared/model/delivery.ts'
import type { Destination, RetryPolicy } from '../../../src-shared/model/destination.ts'
import type { WebhookEvent } from '../../../src-shared/model/event.ts'
import type { DeliveryId, DestinationId } from '../../../src-shared/model/ids.ts'
import type { Background } from '../background.ts'
import { createExclusive } from '../exclusive.ts'
import type { Clock, Random, SecretBox, Sender, SendOutcome } from '../ports.ts'
import { requireProvider } from '../providers/index.ts'
import type { Provider } from '../providers/provider.ts'
import type { PushHub } from '../push.ts'
import { signRequest } from '../signing/sign.ts'
import type { Change, Store } from '../store.ts'
import { attemptOf, interruptedAttempt, outgoing, type SignableRequest } from './attempt.ts'
import * as state from './delivery-state.ts'
import { healthAfter, type HealthChange } from './destination-health.ts'
import type { QueueEntry } from './lane.ts'
import { verdictOf } from './outcome.ts'
import { parseDestinationTemplates, renderRequest, type DestinationTemplates } from './render-request.ts'
import { longestDelayMs, nextDelayMs } from './retry-policy.ts'
import { Scheduler, type Ended } from './scheduler.ts'
import { DestinationSecrets } from './secrets-of.ts'

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
  /** What ends everything that waits for a destination, for the transaction that deletes it. */
  abandonment(destinationId: DestinationId, reason: Failure): Promise<Abandonment>
  /** Waiting for one destination or for all, and all that is under way. */
  queueLength(destinationId?: DestinationId): { readonly waiting: number; readonly inFlight: number }
}

export interface Abandonment {
  readonly changes: readonly Change[]
  /** Takes it out of the queue and tells listeners, once it is on disk. */
  done(): void
}

const recordAgainAfterMs = 500
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
const payloadGone: Failure = {
  code: 'payload_missing',
  message: 'The payload of this event is gone from the data folder; nothing was sent.',
}

export function createDispatcher(options: DispatcherOptions): Dispatcher {
  return new EngineDispatcher(options)
}

class EngineDispatcher implements Dispatcher {
  readonly #options: DispatcherOptions
  readonly #scheduler: Scheduler
  readonly #secrets: DestinationSecrets
  readonly #templates = new WeakMap<Destination, DestinationTemplates>()
  readonly #stopping = new AbortController()
  readonly #underWay = new Set<Promise<unknown>>()
  /** One user's move of a delivery at a time: of two that press the same button one wins. */
  readonly #moves = createExclusive()
  readonly #unannounced = new Map<DeliveryId, Promise<void>>()
  /** Outcomes that can be read and are not yet on disk and told: moves wait for these milliseconds. */
  readonly #recording = new Map<DeliveryId, { readonly over: Promise<void>; readonly end: () => void }>()
  /** Counts recoveries of the store: what was read before one may not be true any more. */
  #epoch = 0

  constructor(options: DispatcherOptions) {
    this.#options = options
    this.#secrets = new DestinationSecrets(options.secrets)
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

  async abandonment(destinationId: DestinationId, reason: Failure): Promise<Abandonment> {
    const { store, clock, push } = this.#options
    const ended: Delivery[] = []
    for (let cursor: string | null = null; ; ) {
      const page = await store.deliveries(
        { destinationId, status: ['pending', 'retrying'] },
        { cursor, limit: 500 },
      )
      for (const delivery of page.items) {
        await this.#recording.get(delivery.id)?.over
        // What is under way ends by itself, and is seen to then.
        if (this.#scheduler.isInFlight(delivery.id)) continue
        ended.push(state.abandoned(delivery, clock.now(), reason))
      }
      cursor = page.nextCursor
      if (cursor === null) break
    }
    return {
      changes: ended.map((delivery) => ({ kind: 'delivery.update', delivery })),
      done: () => {
        for (const delivery of ended) {
          this.#scheduler.take(delivery.id)
          push.publish({ kind: 'delivery', delivery })
        }
      },
    }
  }

  #move<T>(id: DeliveryId, move: () => Promise<T>): Promise<T> {
    return this.#moves.run(id, async () => {
      await this.#unannounced.get(id)
      await this.#recording.get(id)?.over
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
          await this.#wait(recordAgainAfterMs)
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
    if (destination === undefined || !destination.enabled) return undefined
    return store.destinationHealth(id).paused === null ? destination : undefined
  }

  #policyOf(destination: Destination): RetryPolicy {
    if (destination.retry_policy !== null) return destination.retry_policy
    const { retry } = this.#providerOf(destination)
    return { delays_seconds: [...retry.delaysSeconds], jitter: retry.jitter }
  }

  #providerOf(destination: Destination): Provider {
    const workspace = this.#options.store.workspaces.get(destination.workspace_id)
    if (workspace === undefined) throw new Error(`destination ${destination.id} has no workspace`)
    return requireProvider(workspace.provider)
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
    const request = this.#render(destination, event, claim)
    if (event === undefined || 'code' in request) {
      const reason = 'code' in request ? request : payloadGone
      const failed = state.unrenderable(claim, this.#options.clock.now(), reason)
      return this.#record(failed, [{ kind: 'delivery.update', delivery: failed }])
    }
    return this.#send(destination, event, claim, request)
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
      this.#scheduler.hold(recordAgainAfterMs)
      return null
    }
    const announced = this.#unannounced.get(claim.id)
    if (announced !== undefined) await announced
    push.publish({ kind: 'delivery', delivery: claim })
    return claim
  }

  #render(
    destination: Destination,
    event: WebhookEvent | undefined,
    delivery: Delivery,
  ): SignableRequest | Failure {
    if (event === undefined || event.payload.length === 0) return payloadGone
    try {
      return this.#sign(destination, event, delivery)
    } catch (error) {
      if (error instanceof AppError) return { code: error.code, message: error.message }
      // A bug, or a body file that was tampered with: without an end here it would stay `processing` for good.
      this.#options.background.run('render', () => Promise.reject(error))
      return { code: 'internal', message: 'Something broke while the request was made; nothing was sent.' }
    }
  }

  #sign(destination: Destination, event: WebhookEvent, delivery: Delivery): SignableRequest | Failure {
    const { store, clock, receiverUrl } = this.#options
    const workspace = store.workspaces.get(delivery.workspaceId)
    if (workspace === undefined) {
      return { code: 'workspace_gone', message: 'The workspace of this delivery was deleted.' }
    }
    const provider = requireProvider(workspace.provider)
    const rendered = renderRequest({
      provider,
      destination,
      templates: this.#templatesOf(destination),
      workspace,
      event,
      delivery,
      receiverUrl: receiverUrl(),
    })
    if ('code' in rendered) return rendered
    const now = clock.now()
    const secrets = this.#secrets.signing(destination, now)
    const signed = signRequest(provider.scheme, {
      secrets,
      timestampSeconds: Math.floor(now / 1000),
      id: delivery.providerDeliveryId,
      eventType: delivery.eventType,
      body: rendered.body ?? noBytes,
      order: provider.headerOrder,
    })
    const { client_key: clientKey } = destination.tls
    return {
      rendered,
      signed,
      clientKey: clientKey === null ? undefined : this.#options.secrets.open(clientKey),
      secretInBody: provider.scheme.kind === 'shared_secret' ? (secrets[0] ?? null) : null,
    }
  }

  #templatesOf(destination: Destination): DestinationTemplates {
    let templates = this.#templates.get(destination)
    if (templates === undefined) {
      templates = parseDestinationTemplates(destination)
      this.#templates.set(destination, templates)
    }
    return templates
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
    const kept = stopped ? { ...attempt, error: parkedFailure } : attempt
    return this.#record(
      next,
      [
        { kind: 'attempt.insert', deliveryId: claim.id, attempt: kept },
        { kind: 'delivery.update', delivery: next },
      ],
      kept,
    )
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

  /** Writes an outcome; while nothing can be written it keeps it and tries again, for it can't be had anew. */
  async #record(delivery: Delivery, changes: readonly Change[], attempt?: Attempt): Promise<Ended> {
    const { clock } = this.#options
    for (;;) {
      this.#beginRecording(delivery.id)
      try {
        const health = await this.#commitOutcome(delivery, changes, attempt)
        const delayMs = delivery.status === 'retrying' ? delivery.nextAttemptAt - clock.now() : null
        return {
          againAfterMs: delayMs === null ? null : this.#againAfter(delivery, delayMs),
          // Whoever hears of it may act on it at once: it has to be under way no more.
          settled: () => {
            this.#publishOutcome(delivery, attempt, health)
            this.#endRecording(delivery.id)
          },
        }
      } catch (error) {
        this.#endRecording(delivery.id)
        if (!(error instanceof AppError) || this.#stopping.signal.aborted) throw error
        await this.#wait(recordAgainAfterMs)
      }
    }
  }

  /** Waits, but not beyond the end of a stop's grace. */
  #wait(durationMs: number): Promise<void> {
    return new Promise((resolve) => {
      const { signal } = this.#stopping
      const end = (): void => {
        timer.cancel()
        signal.removeEventListener('abort', end)
        resolve()
      }
      const timer = this.#options.clock.after(durationMs, end)
      signal.addEventListener('abort', end)
    })
  }

  #beginRecording(id: DeliveryId): void {
    let end: () => void = () => undefined
    const ended = new Promise<void>((resolve) => {
      end = resolve
    })
    this.#recording.set(id, { over: ended, end })
  }

  #endRecording(id: DeliveryId): void {
    this.#recording.get(id)?.end()
    this.#recording.delete(id)
  }

  #publishOutcome(delivery: Delivery, attempt: Attempt | undefined, health: HealthChange | null): void {
    const { push } = this.#options
    if (attempt !== undefined) push.publish({ kind: 'attempt', deliveryId: delivery.id, attempt })
    push.publish({ kind: 'delivery', delivery })
    const news = health?.news ?? null
    if (news !== null) push.publish({ kind: 'destination', destinationId: delivery.destinationId, change: news })
  }

  /**
   * The destination's health is read and written in the moment in which the outcome becomes visible: a large answer
   * goes to a file first, and of two outcomes that read the same count before one would be lost. Both records share
   * one write and one fsync.
   */
  async #commitOutcome(
    delivery: Delivery,
    changes: readonly Change[],
    attempt: Attempt | undefined,
  ): Promise<HealthChange | null> {
    const { store } = this.#options
    const written: { health: HealthChange | null; durable: Promise<void> | null } = { health: null, durable: null }
    await store.commit(changes, () => {
      written.health = attempt === undefined ? null : this.#healthAfter(delivery)
      if (written.health === null) return
      const { health } = written.health
      written.durable = store.commit([{ kind: 'destination.health', id: delivery.destinationId, health }])
      written.durable.catch(() => undefined)
    })
    await written.durable
    return written.health
  }

  #healthAfter(delivery: Delivery): HealthChange | null {
    const { store, clock } = this.#options
    const destination = store.destinations.get(delivery.destinationId)
    if (destination === undefined) return null
    const health = store.destinationHealth(destination.id)
    const { notify_after_failures: notifyAfter } = store.settings()
    return healthAfter(health, delivery, this.#providerOf(destination), notifyAfter, clock.now())
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

const noBytes = new Uint8Array()
const over: Ended = { againAfterMs: null }
const again: Ended = { againAfterMs: 0 }

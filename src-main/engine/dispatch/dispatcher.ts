import { AppError } from '../../../src-shared/errors.ts'
import type { Attempt, Delivery, DeliveryIn, Failure } from '../../../src-shared/model/delivery.ts'
import type { Destination, DestinationHealth, RetryPolicy } from '../../../src-shared/model/destination.ts'
import type { WebhookEvent } from '../../../src-shared/model/event.ts'
import type { DeliveryId, DestinationId } from '../../../src-shared/model/ids.ts'
import type { Background } from '../background.ts'
import type { Clock, OutgoingRequest, Random, SecretBox, Sender, SendOutcome } from '../ports.ts'
import { requireProvider } from '../providers/index.ts'
import type { Provider } from '../providers/provider.ts'
import type { PushHub } from '../push.ts'
import { signRequest } from '../signing/sign.ts'
import type { Change, Store } from '../store.ts'
import * as state from './delivery-state.ts'
import type { QueueEntry } from './lane.ts'
import { parseDestinationTemplates, renderRequest, type DestinationTemplates, type RenderedRequest } from './render-request.ts'
import { longestDelayMs, nextDelayMs } from './retry-policy.ts'
import { Scheduler } from './scheduler.ts'
import { DestinationSecrets } from './secrets-of.ts'
import { verdictOf } from './outcome.ts'

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
  /** Reads the queue again: after the store was recovered in mid-life. */
  resync(): Promise<void>
  /** Queues what was just accepted. */
  accepted(deliveries: readonly Delivery[], event: WebhookEvent): void
  /** Looks again at what may be sent: after a destination was enabled, resumed or changed. */
  wake(): void
  retry(id: DeliveryId): Promise<Delivery>
  sendNow(id: DeliveryId): Promise<Delivery>
  cancel(id: DeliveryId): Promise<Delivery>
  /** Ends everything that waits for a destination; goes into the transaction that deletes it. */
  abandonAll(destinationId: DestinationId, reason: Failure): Promise<Change[]>
  /** Waiting and under way, for one destination or all. */
  queueLength(destinationId?: DestinationId): { readonly waiting: number; readonly inFlight: number }
  isInFlight(id: DeliveryId): boolean
  /** Forgets waiting deliveries that are about to be deleted. */
  forget(id: DeliveryId): void
}

const recordAgainAfterMs = 500
const interruptedFailure: Failure = {
  code: 'interrupted',
  message: 'Hookbench ended while this was being sent: it may have arrived. It is sent again.',
}
const parkedFailure: Failure = {
  code: 'interrupted',
  message: 'Hookbench was stopped while this was being sent: it may have arrived. It is sent again at the next start.',
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
  readonly #underWay = new Set<Promise<void>>()

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
    this.#scheduler.replace(await this.#options.store.waitingDeliveries(), (id) => {
      const destination = this.#options.store.destinations.get(id)
      return destination === undefined ? 0 : longestDelayMs(this.#policyOf(destination))
    })
  }

  async stop(graceMs: number): Promise<void> {
    this.#scheduler.pause()
    const deadline = this.#options.clock.after(graceMs, () => this.#stopping.abort())
    while (this.#underWay.size > 0) await Promise.allSettled(this.#underWay)
    deadline.cancel()
  }

  accepted(deliveries: readonly Delivery[], event: WebhookEvent): void {
    for (const delivery of deliveries) this.#scheduler.addFresh(delivery, event)
    this.#scheduler.pump()
  }

  wake(): void {
    this.#scheduler.pump()
  }

  queueLength(destinationId?: DestinationId): { waiting: number; inFlight: number } {
    const waiting = destinationId === undefined ? this.#scheduler.waiting : this.#scheduler.waitingOf(destinationId)
    return { waiting, inFlight: this.#scheduler.inFlight }
  }

  isInFlight(id: DeliveryId): boolean {
    return this.#scheduler.isInFlight(id)
  }

  forget(id: DeliveryId): void {
    this.#scheduler.take(id)
  }

  async retry(id: DeliveryId): Promise<Delivery> {
    const delivery = await this.#required(id)
    if (delivery.status !== 'failed') throw new AppError('delivery_not_failed', { id, status: delivery.status })
    if (this.#options.store.destinations.get(delivery.destinationId) === undefined) {
      throw new AppError('conflict', { message: `The destination of delivery ${id} was deleted; it can't be retried.` })
    }
    const next = state.retried(delivery, this.#options.clock.now())
    await this.#update(next)
    this.#scheduler.add(id, next.destinationId, 0)
    this.#scheduler.pump()
    return next
  }

  async sendNow(id: DeliveryId): Promise<Delivery> {
    const putBack = this.#scheduler.take(id)
    try {
      const delivery = await this.#required(id)
      if (delivery.status !== 'retrying' || putBack === undefined) {
        throw new AppError('delivery_not_retrying', { id, status: delivery.status })
      }
      const next = state.hurried(delivery, this.#options.clock.now())
      await this.#update(next)
      this.#scheduler.add(id, next.destinationId, 0)
      this.#scheduler.pump()
      return next
    } catch (error) {
      putBack?.()
      throw error
    }
  }

  async cancel(id: DeliveryId): Promise<Delivery> {
    const putBack = this.#scheduler.take(id)
    try {
      const delivery = await this.#required(id)
      if (putBack === undefined || (delivery.status !== 'pending' && delivery.status !== 'retrying')) {
        throw new AppError('delivery_not_waiting', { id, status: delivery.status })
      }
      const reason = { code: 'cancelled', message: 'Cancelled by the user.' }
      const next = state.abandoned(delivery, this.#options.clock.now(), reason)
      await this.#update(next)
      return next
    } catch (error) {
      putBack?.()
      throw error
    }
  }

  async abandonAll(destinationId: DestinationId, reason: Failure): Promise<Change[]> {
    const { store, clock } = this.#options
    const changes: Change[] = []
    for (let cursor: string | null = null; ; ) {
      const page = await store.deliveries({ destinationId, status: ['pending', 'retrying'] }, { cursor, limit: 500 })
      for (const delivery of page.items) {
        if (this.#scheduler.take(delivery.id) === undefined) continue
        changes.push({ kind: 'delivery.update', delivery: state.abandoned(delivery, clock.now(), reason) })
      }
      cursor = page.nextCursor
      if (cursor === null) return changes
    }
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

  #track(work: Promise<void>): Promise<void> {
    const { background } = this.#options
    const tracked = work
      .catch((error: unknown) => background.run('delivery', () => Promise.reject(error)))
      .finally(() => this.#underWay.delete(tracked))
    this.#underWay.add(tracked)
    return tracked
  }

  /** From the queue to the outcome on disk. Never rejects: what can't be written is tried until it can. */
  async #deliver(entry: QueueEntry): Promise<void> {
    const { store } = this.#options
    const delivery = entry.fresh?.delivery ?? (await store.delivery(entry.id))
    const event = entry.fresh?.event ?? (delivery === undefined ? undefined : await store.event(delivery.eventId))
    const destination = this.#sendable(entry.destinationId)
    if (delivery === undefined || event === undefined) return
    if (delivery.status !== 'pending' && delivery.status !== 'retrying') return
    if (destination === undefined) {
      this.#scheduler.add(entry.id, entry.destinationId, 0)
      return
    }
    const claim = await this.#claim(entry, delivery)
    if (claim === null) return
    const rendered = this.#render(destination, event, claim)
    if ('code' in rendered) {
      const failed = state.unrenderable(claim, this.#options.clock.now(), rendered)
      await this.#record(failed, [{ kind: 'delivery.update', delivery: failed }])
      return
    }
    await this.#send(destination, event, claim, rendered)
  }

  /** null when it could not be written: the delivery waits again, until writing works. */
  async #claim(entry: QueueEntry, delivery: Delivery): Promise<DeliveryIn<'processing'> | null> {
    const { store, clock, push } = this.#options
    const claim = state.claimed(delivery, clock.now())
    try {
      await store.commit([{ kind: 'delivery.claim', id: claim.id }])
    } catch (error) {
      if (!(error instanceof AppError)) throw error
      this.#scheduler.add(entry.id, entry.destinationId, recordAgainAfterMs)
      return null
    }
    push.publish({ kind: 'delivery', delivery: claim })
    return claim
  }

  #render(destination: Destination, event: WebhookEvent, delivery: Delivery): SignableRequest | Failure {
    const { store, clock, receiverUrl } = this.#options
    const workspace = store.workspaces.get(delivery.workspaceId)
    if (workspace === undefined) return { code: 'workspace_gone', message: 'The workspace of this delivery was deleted.' }
    const provider = requireProvider(workspace.provider)
    const templates = this.#templatesOf(destination)
    const rendered = renderRequest({ provider, destination, templates, workspace, event, delivery, receiverUrl: receiverUrl() })
    if ('code' in rendered) return rendered
    try {
      const now = clock.now()
      const signed = signRequest(provider.scheme, {
        secrets: this.#secrets.signing(destination, now),
        timestampSeconds: Math.floor(now / 1000),
        id: delivery.providerDeliveryId,
        eventType: delivery.eventType,
        body: rendered.body ?? noBytes,
        order: provider.headerOrder,
      })
      const clientKey = destination.tls.client_key
      return { rendered, signed, clientKey: clientKey === null ? undefined : this.#options.secrets.open(clientKey) }
    } catch (error) {
      if (error instanceof AppError) return { code: error.code, message: error.message }
      throw error
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

  async #send(destination: Destination, event: WebhookEvent, claim: DeliveryIn<'processing'>, request: SignableRequest): Promise<void> {
    const { clock, sender } = this.#options
    const startedAt = clock.now()
    const outcome = await sender.send(outgoing(destination, request), this.#stopping.signal)
    const attempt = attemptOf(claim, startedAt, request.rendered, event, outcome)
    if (outcome.error?.code === 'cancelled') {
      await this.#park(claim, attempt)
      return
    }
    const next = this.#decide(destination, claim, outcome)
    await this.#record(
      next,
      [
        { kind: 'attempt.insert', deliveryId: claim.id, attempt },
        { kind: 'delivery.update', delivery: next },
        ...this.#healthAfter(this.#options.store.destinations.get(destination.id), next),
      ],
      attempt,
    )
    if (next.status === 'retrying') {
      this.#scheduler.add(next.id, next.destinationId, next.nextAttemptAt - clock.now())
    }
  }

  #decide(destination: Destination, claim: DeliveryIn<'processing'>, outcome: SendOutcome): Delivery {
    const { clock, random, store } = this.#options
    const verdict = verdictOf(outcome)
    const now = clock.now()
    if (verdict.succeeded) return state.succeeded(claim, now, verdict.status)
    const current = store.destinations.get(destination.id)
    if (current === undefined) {
      return state.exhausted(claim, now, { code: 'destination_deleted', message: 'The destination was deleted.' }, verdict.status)
    }
    const delayMs = nextDelayMs(this.#policyOf(current), claim.policyAttempts + 1, random.fraction())
    if (delayMs === null) return state.exhausted(claim, now, verdict.failure, verdict.status)
    return state.retrying(claim, now, verdict.failure, verdict.status, now + delayMs)
  }

  /** What a delivery that ended says about its destination. */
  #healthAfter(destination: Destination | undefined, delivery: Delivery): Change[] {
    if (destination === undefined || (delivery.status !== 'succeeded' && delivery.status !== 'failed')) return []
    const { store, clock, push } = this.#options
    const health = store.destinationHealth(destination.id)
    if (delivery.status === 'succeeded') {
      if (health.failures_in_row === 0) return []
      return [{ kind: 'destination.health', id: destination.id, health: { ...health, failures_in_row: 0 } }]
    }
    const failures = health.failures_in_row + 1
    const provider = this.#providerOf(destination)
    const limit = provider.pauseAfterFailures
    let { paused }: DestinationHealth = health
    if (paused === null && limit !== null && failures >= limit) {
      const reason = `${provider.name} pauses an endpoint after ${limit} failed deliveries in a row. Resume it when the receiver works again.`
      paused = { reason, at: new Date(clock.now()).toISOString() }
    }
    if (paused !== null && health.paused === null) {
      push.publish({ kind: 'destination', destinationId: destination.id, change: 'paused' })
    } else if (failures === store.settings().notify_after_failures) {
      push.publish({ kind: 'destination', destinationId: destination.id, change: 'failing' })
    }
    return [{ kind: 'destination.health', id: destination.id, health: { failures_in_row: failures, paused } }]
  }

  async #park(claim: DeliveryIn<'processing'>, attempt: Attempt): Promise<void> {
    const parked = state.interrupted(claim, this.#options.clock.now(), parkedFailure)
    await this.#record(
      parked,
      [
        { kind: 'attempt.insert', deliveryId: claim.id, attempt: { ...attempt, error: parkedFailure } },
        { kind: 'delivery.update', delivery: parked },
      ],
      attempt,
    )
  }

  /** Writes an outcome; while nothing can be written it keeps it and tries again, for it can't be had anew. */
  async #record(delivery: Delivery, changes: readonly Change[], attempt?: Attempt): Promise<void> {
    const { store, push, clock } = this.#options
    for (;;) {
      try {
        await store.commit(changes)
        break
      } catch (error) {
        if (!(error instanceof AppError) || this.#stopping.signal.aborted) throw error
        await new Promise<void>((resolve) => clock.after(recordAgainAfterMs, resolve))
      }
    }
    if (attempt !== undefined) push.publish({ kind: 'attempt', deliveryId: delivery.id, attempt })
    push.publish({ kind: 'delivery', delivery })
  }

  async #recoverInterrupted(): Promise<void> {
    const { store, clock } = this.#options
    const cut = (await store.waitingDeliveries()).filter(({ status }) => status === 'processing')
    for (let index = 0; index < cut.length; index += 200) {
      const changes: Change[] = []
      for (const { id } of cut.slice(index, index + 200)) {
        const delivery = await store.delivery(id)
        if (delivery === undefined) continue
        const attempt = interruptedAttempt(delivery, clock.now())
        changes.push({ kind: 'attempt.insert', deliveryId: id, attempt })
        changes.push({ kind: 'delivery.update', delivery: state.interrupted(delivery, clock.now(), interruptedFailure) })
      }
      await store.commit(changes)
    }
  }
}

const noBytes = new Uint8Array()

interface SignableRequest {
  readonly rendered: RenderedRequest
  readonly signed: ReturnType<typeof signRequest>
  readonly clientKey: string | undefined
}

function outgoing(destination: Destination, { rendered, signed, clientKey }: SignableRequest): OutgoingRequest {
  const { tls } = destination
  return {
    method: rendered.method,
    url: rendered.url,
    headers: [...rendered.headers, ...signed.headers],
    ...(rendered.body === null ? {} : { body: signed.body }),
    timeoutMs: destination.timeout_seconds * 1000,
    followRedirects: destination.follow_redirects,
    strictUrlRules: destination.strict_url_rules,
    tls: {
      acceptSelfSigned: tls.accept_self_signed,
      ...(tls.ca === null ? {} : { ca: tls.ca }),
      ...(tls.client_certificate === null ? {} : { clientCertificate: tls.client_certificate }),
      ...(clientKey === undefined ? {} : { clientKey }),
    },
  }
}

function attemptOf(
  claim: Delivery,
  startedAt: number,
  rendered: RenderedRequest,
  event: WebhookEvent,
  outcome: SendOutcome,
): Attempt {
  return {
    number: claim.attemptCount + 1,
    startedAt,
    durationMs: outcome.timings.totalMs,
    timings: outcome.timings,
    method: rendered.method,
    url: rendered.url,
    requestHeaders: outcome.requestHeaders,
    requestBody: rendered.body === event.payload ? 'payload' : rendered.body,
    redirectedTo: outcome.redirectedTo,
    response: outcome.response,
    error: outcome.error,
  }
}

function interruptedAttempt(delivery: Delivery, now: number): Attempt {
  return {
    number: delivery.attemptCount + 1,
    startedAt: now,
    durationMs: 0,
    timings: { dnsMs: null, connectMs: null, tlsMs: null, firstByteMs: null, totalMs: 0 },
    method: '',
    url: '',
    requestHeaders: [],
    requestBody: null,
    redirectedTo: [],
    response: null,
    error: interruptedFailure,
  }
}

import type { Handlers } from '../../../src-shared/api/contract.ts'
import { AppError } from '../../../src-shared/errors.ts'
import type {
  Attempt,
  AttemptView,
  Delivery,
  DeliverySummary,
  DeliveryView,
} from '../../../src-shared/model/delivery.ts'
import type { Header } from '../../../src-shared/model/header.ts'
import { hintFor } from '../dispatch/outcome.ts'
import { parseDestinationTemplates, renderRequest, type RenderedRequest } from '../dispatch/render-request.ts'
import { requireProvider } from '../providers/index.ts'
import { shownReplayRequest } from '../replay/shown-request.ts'
import type { DeliveryId } from '../../../src-shared/model/ids.ts'
import { parseSearch } from '../search-query.ts'
import type { DeliveryFilter } from '../store.ts'
import { byteRange, rawContent } from './byte-range.ts'
import { historyCursor, invalidField, type EngineContext } from './context.ts'
import { iso } from '../iso-time.ts'
import { matchingDeliveries, moveMany } from './move-many.ts'
import type { RemovalBatch, Removals } from './removals.ts'

type DeliveryHandlers = Pick<
  Handlers,
  | 'deliveries.list'
  | 'deliveries.get'
  | 'deliveries.body'
  | 'deliveries.retry'
  | 'deliveries.retry-all'
  | 'deliveries.send-now-all'
  | 'deliveries.cancel-all'
  | 'deliveries.remove'
  | 'deliveries.send-now'
  | 'deliveries.cancel'
  | 'deliveries.delete'
>

/** How much of a body a detail shows; the rest is had as raw bytes. */
export const shownBodyBytes = 64 * 1024

export const shownHeaders = (headers: readonly Header[]): [string, string][] =>
  headers.map(([name, value]) => [name, value])

export function deliverySummary(delivery: Delivery): DeliverySummary {
  const source = delivery.source
  return {
    id: delivery.id,
    event_id: delivery.eventId,
    event_type: delivery.eventType,
    workspace_id: delivery.workspaceId,
    destination_id: delivery.destinationId,
    destination_name: delivery.destinationName,
    subscription_id: delivery.subscriptionId,
    origin: delivery.origin,
    source:
      source === null
        ? null
        : 'captureId' in source
          ? { capture_id: source.captureId }
          : { delivery_id: source.deliveryId },
    replay_id: delivery.replayId,
    replay_mode: delivery.replayMode ?? null,
    provider_delivery_id: delivery.providerDeliveryId,
    status: delivery.status,
    attempt_count: delivery.attemptCount,
    next_attempt_at: delivery.status === 'retrying' ? iso(delivery.nextAttemptAt) : null,
    created_at: iso(delivery.createdAt),
    updated_at: iso(delivery.updatedAt),
    response_status: delivery.responseStatus,
    duration_ms: delivery.durationMs,
    error: delivery.status === 'failed' ? delivery.reason : delivery.lastFailure,
    hint: hintFor(delivery.lastFailure, delivery.responseStatus),
  }
}

function attemptView(attempt: Attempt): AttemptView {
  const { timings, response } = attempt
  const excerpt = Buffer.from(response?.excerpt ?? new Uint8Array())
  return {
    number: attempt.number,
    started_at: iso(attempt.startedAt),
    duration_ms: attempt.durationMs,
    timings: {
      dns_ms: timings.dnsMs,
      connect_ms: timings.connectMs,
      tls_ms: timings.tlsMs,
      first_byte_ms: timings.firstByteMs,
      total_ms: timings.totalMs,
    },
    method: attempt.method,
    url: attempt.url,
    request_headers: shownHeaders(attempt.requestHeaders),
    redirected_to: [...attempt.redirectedTo],
    response_status: response?.status ?? null,
    response_headers: shownHeaders(response?.headers ?? []),
    response_excerpt: excerpt.toString('utf8'),
    response_excerpt_base64: excerpt.toString('base64'),
    response_truncated: response?.truncated ?? false,
    error: attempt.error === null ? null : { code: attempt.error.code, message: attempt.error.message },
  }
}

async function shownRequest(
  context: EngineContext,
  delivery: Delivery,
  last: Attempt | undefined,
): Promise<DeliveryView['request']> {
  return requestView(await requestOf(context, delivery, last))
}

/** The request of a delivery: as it was last sent or, before that, as it would be. */
export async function requestOf(
  context: EngineContext,
  delivery: Delivery,
  last: Attempt | undefined,
): Promise<RenderedRequest> {
  const { eventId, destinationId } = delivery
  if (delivery.replayId !== null) return shownReplayRequest(context, delivery, last)
  const event = eventId === null ? undefined : await context.store.event(eventId)
  if (last !== undefined && last.url !== '') {
    const body = last.requestBody === 'payload' ? event?.payload : last.requestBody
    return { method: last.method, url: last.url, headers: last.requestHeaders, body: body ?? null }
  }
  const destination = destinationId === null ? undefined : context.store.destinations.get(destinationId)
  const workspace = destination && context.store.workspaces.get(destination.workspace_id)
  const nothing: RenderedRequest = { method: '', url: '', headers: [], body: null }
  if (event === undefined || destination === undefined || workspace === undefined) return nothing
  const rendered = renderRequest({
    provider: requireProvider(workspace.provider),
    destination,
    templates: parseDestinationTemplates(destination),
    workspace,
    event,
    delivery,
    receiverUrl: context.receiverUrl(),
  })
  return 'code' in rendered ? nothing : rendered
}

function requestView({ method, url, headers, body }: RenderedRequest): DeliveryView['request'] {
  const bytes = Buffer.from(body ?? new Uint8Array())
  return {
    method,
    url,
    headers: shownHeaders(headers),
    body_bytes: bytes.length,
    body_base64: bytes.subarray(0, shownBodyBytes).toString('base64'),
  }
}

type FilterInput = Omit<Parameters<Handlers['deliveries.list']>[0], 'cursor' | 'limit'>

export function deliveryFilterOf({
  workspace,
  destination,
  event,
  event_type: eventType,
  source_capture: sourceCaptureId,
  source_delivery: sourceDeliveryId,
  q,
  ...rest
}: FilterInput): DeliveryFilter {
  const { since, until, ids, status, origin, replay } = rest
  return {
    workspaceId: workspace,
    destinationId: destination,
    eventId: event,
    eventType,
    search: q === undefined ? undefined : parseSearch(q),
    since: since === undefined ? undefined : Date.parse(since),
    until: until === undefined ? undefined : Date.parse(until),
    ids,
    status,
    origin,
    replayId: replay,
    sourceCaptureId,
    sourceDeliveryId,
  }
}

export function deliveryHandlers(context: EngineContext, removals: Removals): DeliveryHandlers {
  const { store, dispatcher } = context
  const required = async (id: DeliveryId): Promise<Delivery> => {
    const delivery = await store.delivery(id)
    if (delivery === undefined) throw new AppError('delivery_not_found', { id })
    return delivery
  }
  /** @returns whether it could be removed */
  const removeOne = async (batch: RemovalBatch, { id, status }: Delivery): Promise<boolean> => {
    if (status === 'processing') return false
    try {
      await dispatcher.delete(id, () => batch.take([id]))
      return true
    } catch (error) {
      if (error instanceof AppError && error.code === 'delivery_under_way') return false
      throw error
    }
  }
  return {
    'deliveries.list': async ({ cursor, limit, ...filter }) => {
      const from = historyCursor(cursor, filter.q !== undefined)
      const page = await store.deliveries(deliveryFilterOf(filter), { cursor: from, limit })
      return { items: page.items.map(deliverySummary), next_cursor: page.nextCursor }
    },
    'deliveries.get': async ({ id }) => {
      const delivery = await required(id)
      const attempts = await store.attempts(id)
      const request = await shownRequest(context, delivery, lastSent(attempts))
      return { ...deliverySummary(delivery), request, attempts: attempts.map(attemptView) }
    },
    'deliveries.body': async ({ id, range }) => {
      const delivery = await required(id)
      const body = await requestBody(context, delivery, lastSent(await store.attempts(id)))
      const part = byteRange(range, body.length)
      return rawContent(`delivery-${id}.bin`, body.subarray(...part), part, body.length)
    },
    'deliveries.retry': async ({ id }) => deliverySummary(await dispatcher.retry(id)),
    'deliveries.retry-all': async (filter) => {
      const retry = (id: DeliveryId): Promise<unknown> => dispatcher.retry(id)
      const { moved, ...rest } = await moveMany(store, deliveryFilterOf(filter), ['failed'], retry)
      return { retried: moved, ...rest }
    },
    'deliveries.send-now-all': async (filter) => {
      const send = (id: DeliveryId): Promise<unknown> => dispatcher.sendNow(id)
      const { moved, ...rest } = await moveMany(store, deliveryFilterOf(filter), ['retrying'], send)
      return { sent: moved, ...rest }
    },
    'deliveries.cancel-all': async ({ all, ...filter }) => {
      requireFilter(filter, all, 'cancelling')
      const cancel = (id: DeliveryId): Promise<unknown> => dispatcher.cancel(id)
      const { moved, ...rest } = await moveMany(
        store,
        deliveryFilterOf(filter),
        ['pending', 'retrying'],
        cancel,
      )
      return { cancelled: moved, ...rest }
    },
    'deliveries.remove': async ({ all, ...filter }) => {
      requireFilter(filter, all)
      const batch = removals.begin('deliveries')
      let skipped = 0
      for await (const page of matchingDeliveries(store, deliveryFilterOf(filter))) {
        const ended = page.filter(({ status }) => status === 'succeeded' || status === 'failed')
        await batch.take(ended.map(({ id }) => id))
        for (const delivery of page) {
          if (!ended.includes(delivery) && !(await removeOne(batch, delivery))) skipped += 1
        }
      }
      return batch.end(skipped)
    },
    'deliveries.send-now': async ({ id }) => deliverySummary(await dispatcher.sendNow(id)),
    'deliveries.cancel': async ({ id }) => deliverySummary(await dispatcher.cancel(id)),
    'deliveries.delete': async ({ id }) => {
      const batch = removals.begin('deliveries')
      await dispatcher.delete(id, () => batch.take([id]))
      return batch.end(0)
    },
  }
}

/** A forgotten filter must not empty the history, nor end everything. */
export function requireFilter(filter: object, all: boolean | undefined, what = 'removing'): void {
  const filtered = Object.values(filter).some((value) => value !== undefined)
  if (!filtered && all !== true) {
    throw invalidField('all', `${what} everything needs all=true; or name what is meant with a filter`)
  }
}

export function lastSent(attempts: readonly Attempt[]): Attempt | undefined {
  return attempts.findLast((attempt) => attempt.url !== '')
}

/** What was sent last, or would be sent. */
async function requestBody(
  context: EngineContext,
  delivery: Delivery,
  last: Attempt | undefined,
): Promise<Uint8Array> {
  const { body } = await requestOf(context, delivery, last)
  return body ?? new Uint8Array()
}

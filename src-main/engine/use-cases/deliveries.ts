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
import { iso, type EngineContext } from './context.ts'

type DeliveryHandlers = Pick<
  Handlers,
  | 'deliveries.list'
  | 'deliveries.get'
  | 'deliveries.retry'
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
    provider_delivery_id: delivery.providerDeliveryId,
    status: delivery.status,
    attempt_count: delivery.attemptCount,
    next_attempt_at: delivery.status === 'retrying' ? iso(delivery.nextAttemptAt) : null,
    created_at: iso(delivery.createdAt),
    updated_at: iso(delivery.updatedAt),
    response_status: delivery.responseStatus,
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

/** The request of a delivery: as it was last sent or, before that, as it would be. */
async function shownRequest(
  context: EngineContext,
  delivery: Delivery,
  last: Attempt | undefined,
): Promise<DeliveryView['request']> {
  const event = await context.store.event(delivery.eventId)
  if (last !== undefined && last.url !== '') {
    const body = last.requestBody === 'payload' ? event?.payload : last.requestBody
    return requestView({
      method: last.method,
      url: last.url,
      headers: last.requestHeaders,
      body: body ?? null,
    })
  }
  const destination = context.store.destinations.get(delivery.destinationId)
  const workspace = context.store.workspaces.get(delivery.workspaceId)
  const nothing: RenderedRequest = { method: '', url: '', headers: [], body: null }
  if (event === undefined || destination === undefined || workspace === undefined) return requestView(nothing)
  const rendered = renderRequest({
    provider: requireProvider(workspace.provider),
    destination,
    templates: parseDestinationTemplates(destination),
    workspace,
    event,
    delivery,
    receiverUrl: context.receiverUrl(),
  })
  return requestView('code' in rendered ? nothing : rendered)
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

export function deliveryHandlers(context: EngineContext): DeliveryHandlers {
  const { store, dispatcher } = context
  return {
    'deliveries.list': async ({
      workspace,
      destination,
      event,
      event_type: eventType,
      since,
      until,
      cursor,
      limit,
      ...rest
    }) => {
      const page = await store.deliveries(
        {
          workspaceId: workspace,
          destinationId: destination,
          eventId: event,
          eventType,
          since: since === undefined ? undefined : Date.parse(since),
          until: until === undefined ? undefined : Date.parse(until),
          ...rest,
        },
        { cursor: cursor ?? null, limit },
      )
      return { items: page.items.map(deliverySummary), next_cursor: page.nextCursor }
    },
    'deliveries.get': async ({ id }) => {
      const delivery = await store.delivery(id)
      if (delivery === undefined) throw new AppError('delivery_not_found', { id })
      const attempts = await store.attempts(id)
      const request = await shownRequest(
        context,
        delivery,
        attempts.findLast((attempt) => attempt.url !== ''),
      )
      return { ...deliverySummary(delivery), request, attempts: attempts.map(attemptView) }
    },
    'deliveries.retry': async ({ id }) => deliverySummary(await dispatcher.retry(id)),
    'deliveries.send-now': async ({ id }) => deliverySummary(await dispatcher.sendNow(id)),
    'deliveries.cancel': async ({ id }) => deliverySummary(await dispatcher.cancel(id)),
    'deliveries.delete': async ({ id }) => {
      await dispatcher.delete(id)
      return {}
    },
  }
}

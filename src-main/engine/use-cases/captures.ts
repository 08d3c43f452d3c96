import type { Handlers } from '../../../src-shared/api/contract.ts'
import { AppError } from '../../../src-shared/errors.ts'
import type { Capture, CaptureSummary, CaptureWithBody } from '../../../src-shared/model/capture.ts'
import { masked } from '../dispatch/attempt.ts'
import { verificationOf, type Capturing } from '../capture/capturing.ts'
import { parseJsonBody, textAtPath } from '../signing/json-body.ts'
import { parseRawRequest } from '../signing/raw-request.ts'
import { invalidField, iso, type EngineContext } from './context.ts'
import { shownBodyBytes, shownHeaders } from './deliveries.ts'

type CaptureHandlers = Pick<
  Handlers,
  'captures.list' | 'captures.get' | 'captures.change' | 'captures.delete' | 'captures.import'
>

export function captureSummary(capture: Capture): CaptureSummary {
  const { verdict } = capture
  return {
    id: capture.id,
    endpoint_id: capture.endpointId,
    received_at: iso(capture.receivedAt),
    remote_address: capture.remoteAddress,
    method: capture.method,
    target: capture.target,
    http_version: capture.httpVersion,
    headers: shownHeaders(capture.headers),
    trailers: shownHeaders(capture.trailers),
    body_bytes: capture.bodyBytes,
    truncated: capture.truncated,
    aborted: capture.aborted,
    malformed: capture.malformed,
    event_type: capture.eventType,
    delivery_id: capture.deliveryId,
    duplicate_of: capture.duplicateOf,
    verdict: {
      status: verdict.status,
      cause: verdict.cause,
      message: verdict.message,
      secret_name: verdict.secretName,
    },
    answered: { status: capture.answeredStatus },
    pinned: capture.pinned,
    tags: [...capture.tags],
    note: capture.note,
  }
}

/** A body as it may be shown: a secret that travels in it is masked by as many asterisks as it has bytes. */
export function shownBody(context: EngineContext, capture: CaptureWithBody): Buffer {
  const body = Buffer.from(capture.body)
  const endpoint = context.store.endpoints.get(capture.endpointId)
  if (endpoint === undefined) return body
  const { scheme, secrets: known } = verificationOf(context, endpoint)
  if (scheme?.kind !== 'shared_secret' || scheme.secret_path === undefined) return body
  // A body that was cut, or is no JSON after all, still holds what the endpoint knows to be secret.
  const secrets = [textAtPath(parseJsonBody(body), scheme.secret_path), ...known.map(({ value }) => value)]
  return Buffer.from(secrets.reduce<Uint8Array>((shown, secret) => masked(shown, secret), body))
}

export function captureHandlers(context: EngineContext, capturing: Capturing): CaptureHandlers {
  const { store, push, clock } = context
  const required = async (id: CaptureWithBody['id']): Promise<CaptureWithBody> => {
    const capture = await store.capture(id)
    if (capture === undefined) throw new AppError('capture_not_found', { id })
    return capture
  }
  return {
    'captures.list': async ({
      endpoint,
      event_type: eventType,
      delivery_id: deliveryId,
      since,
      until,
      cursor,
      limit,
      ...rest
    }) => {
      const page = await store.captures(
        {
          endpointId: endpoint,
          eventType,
          deliveryId,
          since: since === undefined ? undefined : Date.parse(since),
          until: until === undefined ? undefined : Date.parse(until),
          ...rest,
        },
        { cursor: cursor ?? null, limit },
      )
      return { items: page.items.map(captureSummary), next_cursor: page.nextCursor }
    },
    'captures.get': async ({ id }) => {
      const capture = await required(id)
      const { endpointId, deliveryId } = capture
      const same = deliveryId === null ? [] : await store.capturesOfDelivery(endpointId, deliveryId)
      return {
        ...captureSummary(capture),
        body_base64: shownBody(context, capture).subarray(0, shownBodyBytes).toString('base64'),
        same_delivery: same.filter((other) => other !== id),
      }
    },
    'captures.change': async ({ id, pinned, tags, note }) => {
      const { body: _body, ...capture } = await required(id)
      const marks = {
        pinned: pinned ?? capture.pinned,
        tags: tags ?? capture.tags,
        note: note ?? capture.note,
      }
      await store.commit([{ kind: 'capture.marks', id, marks }])
      const changed = { ...capture, ...marks }
      push.publish({ kind: 'capture', capture: changed })
      return captureSummary(changed)
    },
    'captures.delete': async ({ id }) => {
      await required(id)
      await store.commit([{ kind: 'capture.delete', id }])
      return {}
    },
    'captures.import': async ({ endpoint: slug, requests }) => {
      const endpoint = store.endpoints.list().find((candidate) => candidate.slug === slug)
      if (endpoint === undefined) throw invalidField('endpoint', `there is no endpoint "${slug}"`)
      const parsed = requests.map(({ raw_base64 }) => parseRawRequest(Buffer.from(raw_base64, 'base64')))
      const items: CaptureSummary[] = []
      for (const request of parsed) {
        const capture = await capturing.keep({
          receivedAtMs: clock.now(),
          remoteAddress: 'import',
          method: request.method,
          target: request.target,
          httpVersion: request.httpVersion,
          headers: request.headers,
          trailers: request.trailers,
          body: request.body,
          bodyBytes: request.body.length,
          truncated: false,
          malformed: null,
          aborted: false,
          slug,
          forcedStatus: null,
        })
        items.push(captureSummary(capture))
      }
      return { items }
    },
  }
}

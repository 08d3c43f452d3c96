import type { Handlers } from '../../../src-shared/api/contract.ts'
import { AppError } from '../../../src-shared/errors.ts'
import type {
  Capture,
  CaptureSummary,
  CaptureWithBody,
  DiagnosisView,
} from '../../../src-shared/model/capture.ts'
import { masked } from '../dispatch/attempt.ts'
import { verificationOf, type Capturing } from '../capture/capturing.ts'
import { diagnoseReceived, type Diagnosis } from '../capture/verdict.ts'
import { differenceView } from '../signing/doctor/difference.ts'
import { answeredView } from '../capture/kept-answer.ts'
import { parseJsonBody, textAtPath } from '../signing/json-body.ts'
import { parseRawRequest } from '../signing/raw-request.ts'
import { requestsIn } from '../transfer/imported-requests.ts'
import { parseSearch } from '../search-query.ts'
import type { CaptureFilter, Page, Store } from '../store.ts'
import { byteRange, rawContent } from './byte-range.ts'
import { historyCursor, invalidField, type EngineContext } from './context.ts'
import { iso } from '../iso-time.ts'
import { requireFilter, shownBodyBytes, shownHeaders } from './deliveries.ts'
import type { Removals } from './removals.ts'

type CaptureHandlers = Pick<
  Handlers,
  | 'captures.list'
  | 'captures.get'
  | 'captures.body'
  | 'captures.diagnosis'
  | 'captures.change'
  | 'captures.delete'
  | 'captures.remove'
  | 'captures.import'
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

/** Of an endpoint that is gone. */
const noVerification = { scheme: null, secrets: [] }

function diagnosisView({ status, cause, message, secretName, difference }: Diagnosis): DiagnosisView {
  return {
    ok: status === 'verified',
    status,
    cause,
    message,
    secret_name: secretName,
    difference: difference === null ? null : differenceView(difference),
  }
}

interface SecretInBody {
  readonly path: string
  /** Secrets that the endpoint knows: a body that was cut, or is no JSON after all, may hold them. */
  readonly known: readonly string[]
}

/** Where a capture's body may hold a secret, for providers that send it there. */
function secretInBody(context: EngineContext, capture: Capture): SecretInBody | null {
  const endpoint = context.store.endpoints.get(capture.endpointId)
  if (endpoint === undefined) return null
  const { scheme, secrets } = verificationOf(context, endpoint)
  if (scheme?.kind !== 'shared_secret' || scheme.secret_path === undefined) return null
  return { path: scheme.secret_path, known: secrets.map(({ value }) => value) }
}

/** A body as it may be shown: a secret that travels in it is masked by as many asterisks as it has bytes. */
export function shownBody(context: EngineContext, capture: CaptureWithBody): Buffer {
  const body = Buffer.from(capture.body)
  const secret = secretInBody(context, capture)
  if (secret === null) return body
  const secrets = [textAtPath(parseJsonBody(body), secret.path), ...secret.known]
  return Buffer.from(secrets.reduce<Uint8Array>((shown, value) => masked(shown, value), body))
}

type FilterInput = Omit<Parameters<Handlers['captures.list']>[0], 'cursor' | 'limit'>

export function captureFilterOf({
  endpoint,
  event_type: eventType,
  delivery_id: deliveryId,
  q,
  ...rest
}: FilterInput): CaptureFilter {
  const { since, until, ids, method, verdict, pinned } = rest
  return {
    endpointId: endpoint,
    eventType,
    deliveryId,
    search: q === undefined ? undefined : parseSearch(q),
    since: since === undefined ? undefined : Date.parse(since),
    until: until === undefined ? undefined : Date.parse(until),
    ids,
    method,
    verdict,
    pinned,
  }
}

/** What matches, a page at a time. */
export async function* matchingCaptures(
  store: Store,
  filter: CaptureFilter,
): AsyncGenerator<readonly Capture[]> {
  let cursor: string | null = null
  do {
    const page: Page<Capture> = await store.captures(filter, { cursor, limit: 200 })
    yield page.items
    cursor = page.nextCursor
  } while (cursor !== null)
}

export function captureHandlers(
  context: EngineContext,
  capturing: Capturing,
  removals: Removals,
): CaptureHandlers {
  const { store, push, clock } = context
  const required = async (id: CaptureWithBody['id']): Promise<CaptureWithBody> => {
    const capture = await store.capture(id)
    if (capture === undefined) throw new AppError('capture_not_found', { id })
    return capture
  }
  return {
    'captures.list': async ({ cursor, limit, ...filter }) => {
      const from = historyCursor(cursor, filter.q !== undefined)
      const page = await store.captures(captureFilterOf(filter), { cursor: from, limit })
      return { items: page.items.map(captureSummary), next_cursor: page.nextCursor }
    },
    'captures.body': async ({ id, range }) => {
      const { items } = await store.captures({ ids: [id] }, { cursor: null, limit: 1 })
      const [capture] = items
      if (capture === undefined) throw new AppError('capture_not_found', { id })
      const name = `capture-${id}.bin`
      if (secretInBody(context, capture) !== null) {
        // The secret has to be found first, so all of it is read.
        const body = shownBody(context, await required(id))
        const part = byteRange(range, body.length)
        return rawContent(name, body.subarray(...part), part, body.length)
      }
      let part: readonly [number, number] = [0, 0]
      let total = 0
      const bytes = await store.captureBody(id, (keptBytes) => {
        total = keptBytes
        part = byteRange(range, keptBytes)
        return part
      })
      return rawContent(name, bytes ?? new Uint8Array(), part, total)
    },
    'captures.get': async ({ id }) => {
      const capture = await required(id)
      const { endpointId, deliveryId } = capture
      const same = deliveryId === null ? [] : await store.capturesOfDelivery(endpointId, deliveryId)
      return {
        ...captureSummary(capture),
        answered: answeredView(capture),
        body_base64: shownBody(context, capture).subarray(0, shownBodyBytes).toString('base64'),
        kept_bytes: capture.body.byteLength,
        same_delivery: same.filter((other) => other !== id),
      }
    },
    'captures.diagnosis': async ({ id }) => {
      const capture = await required(id)
      const endpoint = store.endpoints.get(capture.endpointId)
      const verification = endpoint === undefined ? noVerification : verificationOf(context, endpoint)
      return diagnosisView(diagnoseReceived({ ...capture, receivedAtMs: capture.receivedAt }, verification))
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
      push.publish({ kind: 'capture', capture: changed, change: 'marked' })
      return captureSummary(changed)
    },
    'captures.delete': async ({ id }) => {
      await required(id)
      const batch = removals.begin('captures')
      await batch.take([id])
      return batch.end(0)
    },
    'captures.remove': async ({ all, ...filter }) => {
      requireFilter(filter, all)
      const batch = removals.begin('captures')
      for await (const page of matchingCaptures(store, captureFilterOf(filter)))
        await batch.take(page.map(({ id }) => id))
      return batch.end(0)
    },
    'captures.import': async ({ endpoint: slug, requests }) => {
      const endpoint = store.endpoints.list().find((candidate) => candidate.slug === slug)
      if (endpoint === undefined) throw invalidField('endpoint', `there is no endpoint "${slug}"`)
      const parsed = requests
        .flatMap(({ raw_base64 }) => requestsIn(Buffer.from(raw_base64, 'base64')))
        .map((raw) => parseRawRequest(raw))
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
          ownAnswer: { status: endpoint.answer.status, sent: false },
        })
        items.push(captureSummary(capture))
      }
      return { items }
    },
  }
}

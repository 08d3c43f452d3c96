import type { Capture, CaptureVerdict, CaptureWithBody } from '../../../src-shared/model/capture.ts'
import { inboxSlug, type Endpoint } from '../../../src-shared/model/endpoint.ts'
import type { Header } from '../../../src-shared/model/header.ts'
import type { CaptureId } from '../../../src-shared/model/ids.ts'
import type { SignatureScheme } from '../../../src-shared/model/scheme.ts'
import { findProvider, knownSchemes } from '../providers/index.ts'
import { describeRequest } from '../signing/describe-request.ts'
import type { VerifySecret } from '../signing/verify-request.ts'
import type { EngineContext } from '../use-cases/context.ts'
import { judge } from './verdict.ts'

/**
 * From a request that the receiver took to a capture on disk. What is answered is the endpoint's fixed answer; it
 * goes out after the capture is durable.
 */

/** A request as the receiver took it from the wire. */
export interface IncomingRequest {
  readonly receivedAtMs: number
  readonly remoteAddress: string
  readonly method: string
  readonly target: string
  readonly httpVersion: string
  readonly headers: readonly Header[]
  readonly trailers: readonly Header[]
  readonly body: Uint8Array
  readonly bodyBytes: number
  readonly truncated: boolean
  readonly malformed: { readonly reason: string } | null
  readonly aborted: boolean
  /** The slug of its path, or null for the inbox. */
  readonly slug: string | null
  /** Status that the receiver will answer by itself (400, 413, …), whatever the endpoint says; null: the endpoint's. */
  readonly forcedStatus: number | null
}

/** The endpoint's fixed answer. */
export type CaptureAnswer = Endpoint['answer']

const noAnswer: CaptureAnswer = { status: 200, headers: [], body: '' }

/** How an endpoint verifies: scheme, secrets and who they belong to. */
interface Verification {
  readonly scheme: SignatureScheme | null
  readonly secrets: readonly VerifySecret[]
}

export interface Capturing {
  /** Keeps the request. Resolves, once it is on disk, with what to answer. */
  receive(request: IncomingRequest): Promise<CaptureAnswer>
}

export function createCapturing(context: EngineContext): Capturing {
  const verifications = new VerificationCache(context)
  return {
    async receive(request) {
      const endpoint = endpointFor(context, request.slug)
      const capture = await captureOf(context, endpoint, request, verifications.of(endpoint))
      await context.store.commit([{ kind: 'capture.insert', capture }])
      context.push.publish({ kind: 'capture', capture: withoutBody(capture) })
      return endpoint?.answer ?? noAnswer
    },
  }
}

function endpointFor(context: EngineContext, slug: string | null): Endpoint | undefined {
  const endpoints = context.store.endpoints.list()
  return (
    (slug === null ? undefined : endpoints.find((endpoint) => endpoint.slug === slug)) ??
    endpoints.find((endpoint) => endpoint.slug === inboxSlug)
  )
}

/** Schemes and opened secrets of endpoints, for as long as the records they stem from are the same objects. */
class VerificationCache {
  readonly #context: EngineContext
  readonly #known = new WeakMap<Endpoint, { readonly stems: readonly unknown[]; readonly verification: Verification }>()

  constructor(context: EngineContext) {
    this.#context = context
  }

  of(endpoint: Endpoint | undefined): Verification {
    if (endpoint === undefined) return { scheme: null, secrets: [] }
    const { store } = this.#context
    const stems = [
      endpoint.destination_id === null ? null : store.destinations.get(endpoint.destination_id),
      endpoint.scheme_id === null ? null : store.schemes.get(endpoint.scheme_id),
      endpoint.workspace_id === null ? null : store.workspaces.get(endpoint.workspace_id),
    ]
    const known = this.#known.get(endpoint)
    if (known !== undefined && known.stems.every((stem, index) => stem === stems[index])) return known.verification
    const verification = verificationOf(this.#context, endpoint)
    this.#known.set(endpoint, { stems, verification })
    return verification
  }
}

/** An endpoint's scheme and secrets: its own, and the current and previous ones of the destination it follows. */
export function verificationOf(context: EngineContext, endpoint: Endpoint): Verification {
  const { store, secrets: box } = context
  const destination = endpoint.destination_id === null ? undefined : store.destinations.get(endpoint.destination_id)
  const workspaceId = destination?.workspace_id ?? endpoint.workspace_id
  const workspace = workspaceId === null ? undefined : store.workspaces.get(workspaceId)
  const own = endpoint.scheme_id === null ? undefined : store.schemes.get(endpoint.scheme_id)?.scheme
  const provider = findProvider(endpoint.provider ?? workspace?.provider ?? '')
  const secrets: VerifySecret[] = []
  if (box.available) {
    if (destination?.secret) secrets.push({ name: 'current', value: box.open(destination.secret.sealed) })
    if (destination?.previous_secret) {
      const { sealed, valid_until } = destination.previous_secret
      secrets.push({ name: 'previous', value: box.open(sealed), previous: true, valid_until })
    }
    for (const { name, sealed, previous, valid_until } of endpoint.secrets) {
      secrets.push({ name, value: box.open(sealed), ...(previous ? { previous } : {}), ...(valid_until === null ? {} : { valid_until }) })
    }
  }
  return { scheme: own ?? provider?.scheme ?? null, secrets }
}

async function captureOf(
  context: EngineContext,
  endpoint: Endpoint | undefined,
  request: IncomingRequest,
  verification: Verification,
): Promise<CaptureWithBody> {
  const { slug: _slug, forcedStatus, receivedAtMs, ...kept } = request
  const described = describe(verification.scheme, request)
  const id = context.ids.uuid() as CaptureId
  const endpointId = endpoint?.id
  if (endpointId === undefined) throw new Error('there is no inbox')
  const earlier = described.deliveryId === null ? [] : await context.store.capturesOfDelivery(endpointId, described.deliveryId)
  return {
    ...kept,
    id,
    endpointId,
    receivedAt: receivedAtMs,
    eventType: described.eventType,
    deliveryId: described.deliveryId,
    duplicateOf: earlier[0] ?? null,
    verdict: verdictOf(request, verification),
    answeredStatus: forcedStatus ?? endpoint?.answer.status ?? noAnswer.status,
    pinned: false,
    tags: [],
    note: '',
  }
}

/** Event type and delivery id: by the endpoint's scheme or, where there is none, by the first known one that fits. */
function describe(scheme: SignatureScheme | null, request: IncomingRequest): { eventType: string | null; deliveryId: string | null } {
  if (request.malformed !== null) return { eventType: null, deliveryId: null }
  if (scheme !== null) return describeRequest(scheme, request.headers, request.body)
  for (const known of knownSchemes) {
    if (known.scheme.id_header === undefined) continue
    const described = describeRequest(known.scheme, request.headers, emptyBody)
    if (described.deliveryId !== null) return described
  }
  return { eventType: null, deliveryId: null }
}

const emptyBody = new Uint8Array()

function verdictOf(request: IncomingRequest, { scheme, secrets }: Verification): CaptureVerdict {
  if (request.malformed !== null) {
    return { status: 'unsigned', cause: 'none', message: 'This is no valid HTTP request, so no signature was looked for.', secretName: null }
  }
  if (request.truncated && scheme !== null && secrets.length > 0) {
    const message = 'Only a part of the body is kept, so its signature can’t be checked.'
    return { status: 'unchecked', cause: 'unknown', message, secretName: null }
  }
  return judge({ scheme, secrets, headers: request.headers, body: request.body, receivedAtMs: request.receivedAtMs })
}

function withoutBody({ body: _body, ...capture }: CaptureWithBody): Capture {
  return capture
}

/** Judges the unchecked captures of an endpoint again: after a scheme or secret was set. */
export async function rejudgeUnchecked(context: EngineContext, endpoint: Endpoint): Promise<void> {
  const verification = verificationOf(context, endpoint)
  if (verification.scheme === null || verification.secrets.length === 0) return
  for (let cursor: string | null = null; ; ) {
    const page = await context.store.captures({ endpointId: endpoint.id, verdict: ['unchecked', 'unsigned'] }, { cursor, limit: 200 })
    for (const { id } of page.items) {
      const capture = await context.store.capture(id)
      if (capture === undefined || capture.truncated || capture.malformed !== null) continue
      const verdict = judge({ ...verification, headers: capture.headers, body: capture.body, receivedAtMs: capture.receivedAt })
      await context.store.commit([{ kind: 'capture.verdict', id, verdict }])
      context.push.publish({ kind: 'capture', capture: { ...withoutBody(capture), verdict } })
    }
    cursor = page.nextCursor
    if (cursor === null) return
  }
}

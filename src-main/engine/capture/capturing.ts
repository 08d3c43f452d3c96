import type {
  Capture,
  CaptureVerdict,
  CaptureWithBody,
  KeptAnswer,
} from '../../../src-shared/model/capture.ts'
import { inboxSlug, type Endpoint } from '../../../src-shared/model/endpoint.ts'
import { AppError } from '../../../src-shared/errors.ts'
import type { Destination } from '../../../src-shared/model/destination.ts'
import type { Header } from '../../../src-shared/model/header.ts'
import type { CaptureId } from '../../../src-shared/model/ids.ts'
import type { SignatureScheme } from '../../../src-shared/model/scheme.ts'
import type { SecretBox } from '../ports.ts'
import { findProvider, knownSchemes } from '../providers/index.ts'
import { describeRequest, type RequestDescription } from '../signing/describe-request.ts'
import type { VerifySecret } from '../signing/verify-request.ts'
import type { EngineContext } from '../use-cases/context.ts'
import { DiagnosisBudget } from './diagnosis-budget.ts'
import { keptAnswer } from './kept-answer.ts'
import type { ReceivedRequest } from './received-request.ts'
import { judge, judgeReceived } from './verdict.ts'

/**
 * From a request that the receiver took to a capture on disk. What is answered is the endpoint's fixed answer; it
 * goes out after the capture is durable.
 */

/** A request with what its addressing and the receiver decide. */
export interface IncomingRequest extends ReceivedRequest {
  /** The slug of its path, or null for the inbox. */
  readonly slug: string | null
  /** What the receiver answers by itself (400, 413, …), whatever the endpoint says; null: the endpoint's answer. */
  readonly ownAnswer: OwnAnswer | null
}

/** `sent` false: nobody is there to be answered. */
type OwnAnswer =
  | { readonly status: number; readonly headers: readonly Header[]; readonly body: Uint8Array }
  | { readonly status: number; readonly sent: false }

/** The endpoint's fixed answer. */
export type CaptureAnswer = Endpoint['answer']

/** How an endpoint verifies: scheme, secrets and who they belong to. */
export interface Verification {
  readonly scheme: SignatureScheme | null
  readonly secrets: readonly VerifySecret[]
  /** Secrets of the other destinations and endpoints, by their names: they verify nothing here. */
  readonly explaining: () => readonly VerifySecret[]
}

export interface Capturing {
  /** Keeps the request. Resolves, once it is on disk, with what to answer. */
  receive(request: IncomingRequest): Promise<CaptureAnswer>
  /** Keeps the request. Resolves with the capture once it is on disk. */
  keep(request: IncomingRequest): Promise<Capture>
}

export function createCapturing(context: EngineContext): Capturing {
  const { store } = context
  const verifications = new VerificationCache(context)
  const budget = new DiagnosisBudget(context.clock)
  const keep = async (request: IncomingRequest, endpoint: Endpoint): Promise<Capture> => {
    const verification = verifications.of(endpoint)
    const { eventType, deliveryId } = describe(verification.scheme, request)
    const judged = { eventType, deliveryId, verdict: judgeReceived(request, verification, budget) }
    const received = { endpointId: endpoint.id, deliveryId, body: request.body }
    const capture = await store.keepCapture(received, (first) =>
      captureOf(context, endpoint, request, judged, first),
    )
    context.push.publish({ kind: 'capture', capture, change: 'received' })
    return capture
  }
  return {
    keep: (request) => keep(request, endpointFor(context, request.slug)),
    async receive(request) {
      const endpoint = endpointFor(context, request.slug)
      await keep(request, endpoint)
      return endpoint.answer
    },
  }
}

function endpointFor(context: EngineContext, slug: string | null): Endpoint {
  const endpoints = context.store.endpoints.list()
  const endpoint =
    (slug === null ? undefined : endpoints.find((candidate) => candidate.slug === slug)) ??
    endpoints.find((candidate) => candidate.slug === inboxSlug)
  if (endpoint === undefined) throw new Error('there is no inbox')
  return endpoint
}

/** Schemes and opened secrets of endpoints, for as long as the records they stem from are the same objects. */
class VerificationCache {
  readonly #context: EngineContext
  readonly #known = new WeakMap<
    Endpoint,
    { readonly stems: readonly unknown[]; readonly verification: Verification }
  >()

  constructor(context: EngineContext) {
    this.#context = context
  }

  of(endpoint: Endpoint): Verification {
    const { store } = this.#context
    const stems = [
      endpoint.destination_id === null ? null : store.destinations.get(endpoint.destination_id),
      endpoint.scheme_id === null ? null : store.schemes.get(endpoint.scheme_id),
      endpoint.workspace_id === null ? null : store.workspaces.get(endpoint.workspace_id),
    ]
    const known = this.#known.get(endpoint)
    if (known !== undefined && known.stems.every((stem, index) => stem === stems[index]))
      return known.verification
    const verification = verificationOf(this.#context, endpoint)
    this.#known.set(endpoint, { stems, verification })
    return verification
  }
}

/** An endpoint's scheme and secrets: its own, and the current and previous ones of the destination it follows. */
export function verificationOf(context: EngineContext, endpoint: Endpoint): Verification {
  const { store, secrets: box } = context
  const destination =
    endpoint.destination_id === null ? undefined : store.destinations.get(endpoint.destination_id)
  const workspaceId = destination?.workspace_id ?? endpoint.workspace_id
  const workspace = workspaceId === null ? undefined : store.workspaces.get(workspaceId)
  const own = endpoint.scheme_id === null ? undefined : store.schemes.get(endpoint.scheme_id)?.scheme
  const provider = findProvider(endpoint.provider ?? workspace?.provider ?? '')
  const scheme = own ?? provider?.scheme ?? null
  const secrets = openedOr(box, () => openedSecrets(box, endpoint, destination))
  return { scheme, secrets, explaining: () => explainingSecrets(context, endpoint, secrets) }
}

/** None where the key is lost: requests are kept all the same, unchecked until new secrets are set. */
function openedOr(box: SecretBox, open: () => VerifySecret[]): VerifySecret[] {
  try {
    return box.available ? open() : []
  } catch (error) {
    if (error instanceof AppError) return []
    throw error
  }
}

/** @throws AppError `secrets_unavailable` */
function openedSecrets(
  box: SecretBox,
  endpoint: Endpoint,
  destination: Destination | undefined,
): VerifySecret[] {
  const secrets: VerifySecret[] = []
  if (destination?.secret) secrets.push({ name: 'current', value: box.open(destination.secret.sealed) })
  if (destination?.previous_secret) {
    const { sealed, valid_until } = destination.previous_secret
    secrets.push({ name: 'previous', value: box.open(sealed), previous: true, valid_until })
  }
  for (const { name, sealed, previous, valid_until } of endpoint.secrets) {
    const value = box.open(sealed)
    secrets.push({
      name,
      value,
      ...(previous ? { previous } : {}),
      ...(valid_until === null ? {} : { valid_until }),
    })
  }
  return secrets
}

function explainingSecrets(
  { store, secrets: box }: EngineContext,
  endpoint: Endpoint,
  own: readonly VerifySecret[],
): VerifySecret[] {
  const known = new Set(own.map(({ value }) => value))
  const sealed = [
    ...store.destinations
      .list()
      .filter(({ id }) => id !== endpoint.destination_id)
      .flatMap(({ name, secret }) => (secret === null ? [] : [{ name, sealed: secret.sealed }])),
    ...store.endpoints
      .list()
      .filter(({ id }) => id !== endpoint.id)
      .flatMap((other) => other.secrets.map((secret) => ({ name: other.name, sealed: secret.sealed }))),
  ].slice(0, mostExplaining)
  return openedOr(box, () =>
    sealed.map(({ name, sealed: text }) => ({ name, value: box.open(text) })),
  ).filter(({ value }) => !known.has(value))
}

/** Each is tried with everything else. */
const mostExplaining = 32

/** What a request says about itself, and whether its signature holds. */
interface Judged {
  readonly eventType: string | null
  readonly deliveryId: string | null
  readonly verdict: CaptureVerdict
}

// Field by field: captures are made by the thousand, and copying objects of this size costs more than it looks.
function captureOf(
  { ids }: EngineContext,
  endpoint: Endpoint,
  request: IncomingRequest,
  { eventType, deliveryId, verdict }: Judged,
  duplicateOf: CaptureId | null,
): Capture {
  const { ownAnswer } = request
  return {
    id: ids.uuid() as CaptureId,
    endpointId: endpoint.id,
    receivedAt: request.receivedAtMs,
    remoteAddress: request.remoteAddress,
    method: request.method,
    target: request.target,
    httpVersion: request.httpVersion,
    headers: request.headers,
    trailers: request.trailers,
    bodyBytes: request.bodyBytes,
    truncated: request.truncated,
    aborted: request.aborted,
    malformed: request.malformed,
    eventType,
    deliveryId,
    duplicateOf,
    verdict,
    answeredStatus: ownAnswer?.status ?? endpoint.answer.status,
    answer: ownAnswer === null ? keptAnswerOf(endpoint.answer) : keptOwnAnswer(ownAnswer),
    pinned: false,
    tags: [],
    note: '',
  }
}

const nothingSent: KeptAnswer = {}
const keptAnswers = new WeakMap<CaptureAnswer, KeptAnswer>()

/** Worked out once for each answer that is set: a large one isn't looked through at every request. */
function keptAnswerOf(answer: CaptureAnswer): KeptAnswer {
  if (answer.headers.length === 0 && answer.body === '') return nothingSent
  let kept = keptAnswers.get(answer)
  if (kept === undefined) {
    kept = keptAnswer(answer.headers, answer.body)
    keptAnswers.set(answer, kept)
  }
  return kept
}

function keptOwnAnswer(answer: OwnAnswer): KeptAnswer {
  if ('sent' in answer) return { sent: false }
  return keptAnswer(answer.headers, Buffer.from(answer.body).toString('utf8'))
}

/** Event type and delivery id: by the endpoint's scheme or, where there is none, by the first known one that fits. */
function describe(scheme: SignatureScheme | null, request: IncomingRequest): RequestDescription {
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

function withoutBody({ body: _body, ...capture }: CaptureWithBody): Capture {
  return capture
}

/** Judges the unchecked captures of an endpoint again, in the background: after a scheme or secret was set. */
export function rejudgeLater(context: EngineContext, endpoint: Endpoint): void {
  context.background.run('judge captures again', async (stopping) => {
    try {
      await rejudgeUnchecked(context, endpoint, stopping)
    } catch (error) {
      // A full disk has its own alert; the captures stay as they were judged.
      if (!(error instanceof AppError)) throw error
    }
  })
}

async function rejudgeUnchecked(
  context: EngineContext,
  endpoint: Endpoint,
  stopping: AbortSignal,
): Promise<void> {
  const { store, push } = context
  const verification = verificationOf(context, endpoint)
  if (verification.scheme === null || verification.secrets.length === 0) return
  const budget = new DiagnosisBudget(context.clock)
  for (let cursor: string | null = null; !stopping.aborted;) {
    const page = await store.captures(
      { endpointId: endpoint.id, verdict: ['unchecked', 'unsigned'] },
      { cursor, limit: 100 },
    )
    const judged: Capture[] = []
    for (const summary of page.items) {
      if (summary.truncated || summary.aborted || summary.malformed !== null) continue
      const capture = await store.capture(summary.id)
      if (capture === undefined) continue
      const { headers, body, receivedAt } = capture
      const verdict = budget.spend(body, (effort) =>
        judge({ ...verification, headers, body, receivedAtMs: receivedAt, effort }),
      )
      // None was expected when it came: a request without a signature doesn't become wrong afterwards.
      if (summary.verdict.status === 'unsigned' && verdict.cause === 'header-missing') continue
      judged.push({ ...withoutBody(capture), verdict })
    }
    await store.commit(judged.map(({ id, verdict }) => ({ kind: 'capture.verdict', id, verdict })))
    // Read again: marks may have been set meanwhile.
    for (const { id } of judged) {
      const capture = await store.capture(id)
      if (capture !== undefined)
        push.publish({ kind: 'capture', capture: withoutBody(capture), change: 'marked' })
    }
    cursor = page.nextCursor
    if (cursor === null) return
  }
}

import { AppError } from '../../../src-shared/errors.ts'
import type { Capture } from '../../../src-shared/model/capture.ts'
import type { Attempt, Delivery } from '../../../src-shared/model/delivery.ts'
import type { Endpoint } from '../../../src-shared/model/endpoint.ts'
import type { Header } from '../../../src-shared/model/header.ts'
import type { CaptureId, DeliveryId, EventId, WorkspaceId } from '../../../src-shared/model/ids.ts'
import type { SignatureScheme } from '../../../src-shared/model/scheme.ts'
import { verificationOf } from '../capture/capturing.ts'
import { findProvider, knownSchemes } from '../providers/index.ts'
import { carriesSignature } from '../signing/read-evidence.ts'
import type { EngineContext } from '../use-cases/context.ts'
import type { BodySource, KeptReplayRequest } from './replay-request.ts'
import { sendableHeaders } from './sendable-headers.ts'
import { targetOf, targetOfRequest } from './target.ts'

/** A request of the past that can be sent again. */
export interface ReplaySource {
  /** For sentences: `capture 0189…`. */
  readonly name: string
  readonly reference: NonNullable<Delivery['source']>
  readonly eventId: EventId | null
  readonly eventType: string
  readonly workspaceId: WorkspaceId | null
  readonly providerDeliveryId: string | null
  /** When it came or was sent, in epoch milliseconds. */
  readonly recordedAt: number
  readonly method: string
  /** Path and query; null when it had none. */
  readonly target: string | null
  readonly headers: readonly Header[]
  readonly body: BodySource | null
  /** How it was signed, as far as that can be known. */
  readonly scheme: SignatureScheme | null
  /** Sealed, the current one first: those that would sign it now. */
  readonly secrets: readonly string[]
  /** True when a secret that travelled in it was kept apart: an exact replay puts it in again. */
  readonly lacksSecret: boolean
  readonly secretPaths: readonly string[]
}

/** Why something can't be replayed, in a sentence. */
export interface Unreplayable {
  readonly problem: string
}

/** In the order of the ids. @throws AppError `capture_not_found` */
export async function captureSources(
  context: EngineContext,
  ids: readonly CaptureId[],
): Promise<(ReplaySource | Unreplayable)[]> {
  const page = await context.store.captures({ ids }, { cursor: null, limit: ids.length })
  const captures = new Map(page.items.map((capture) => [capture.id, capture]))
  const schemes = new Map<Endpoint, SignatureScheme | null>()
  const schemeOf = (endpoint: Endpoint): SignatureScheme | null => {
    if (!schemes.has(endpoint)) schemes.set(endpoint, verificationOf(context, endpoint).scheme)
    return schemes.get(endpoint) ?? null
  }
  return ids.map((id) => {
    const capture = captures.get(id)
    if (capture === undefined) throw new AppError('capture_not_found', { id })
    return captureSource(context, capture, schemeOf)
  })
}

function captureSource(
  { store }: EngineContext,
  capture: Capture,
  schemeOf: (endpoint: Endpoint) => SignatureScheme | null,
): ReplaySource | Unreplayable {
  const { id, headers, method } = capture
  if (capture.malformed !== null) return { problem: `Capture ${id} is no valid HTTP request.` }
  if (capture.truncated || capture.aborted)
    return { problem: `Only a part of the body of capture ${id} was kept.` }
  if (method.toUpperCase() === 'CONNECT')
    return { problem: `Capture ${id} is a CONNECT, which can't be sent.` }
  const endpoint = store.endpoints.get(capture.endpointId)
  const followed = endpoint?.destination_id ?? null
  const destination = followed === null ? undefined : store.destinations.get(followed)
  const scheme = (endpoint === undefined ? null : schemeOf(endpoint)) ?? recognisedScheme(headers)
  const own = endpoint?.secrets.find(({ previous }) => !previous) ?? endpoint?.secrets[0]
  const secret = destination?.secret ?? own ?? null
  return {
    name: `capture ${id}`,
    reference: { captureId: id },
    eventId: null,
    eventType: capture.eventType ?? '',
    workspaceId: destination?.workspace_id ?? endpoint?.workspace_id ?? null,
    providerDeliveryId: capture.deliveryId,
    recordedAt: capture.receivedAt,
    method,
    target: targetOfRequest(capture.target),
    headers: sendableHeaders(headers),
    body: capture.bodyBytes === 0 ? null : { captureId: id },
    scheme,
    secrets: secret === null ? [] : [secret.sealed],
    lacksSecret: false,
    secretPaths: secretPathsOf(scheme),
  }
}

/** In the order of the ids. @throws AppError `delivery_not_found` */
export async function deliverySources(
  context: EngineContext,
  ids: readonly DeliveryId[],
): Promise<(ReplaySource | Unreplayable)[]> {
  const sources: (ReplaySource | Unreplayable)[] = []
  for (const id of ids) {
    const delivery = await context.store.delivery(id)
    if (delivery === undefined) throw new AppError('delivery_not_found', { id })
    sources.push(await deliverySource(context, delivery))
  }
  return sources
}

async function deliverySource(
  context: EngineContext,
  delivery: Delivery,
): Promise<ReplaySource | Unreplayable> {
  const { id } = delivery
  const last = (await context.store.attempts(id)).findLast((attempt) => attempt.url !== '')
  if (last === undefined) return { problem: `Delivery ${id} was never sent.` }
  const kept = delivery.replayId === null ? undefined : await context.store.replayRequest(id)
  const { scheme, secrets } = signingOf(context, delivery, kept, last.requestHeaders)
  return {
    name: `delivery ${id}`,
    reference: { deliveryId: id },
    eventId: delivery.eventId,
    eventType: delivery.eventType,
    workspaceId: delivery.workspaceId,
    providerDeliveryId: delivery.providerDeliveryId,
    recordedAt: last.startedAt,
    method: last.method,
    target: targetOf(last.url),
    headers: sendableHeaders(last.requestHeaders),
    body: bodyOf(delivery, last),
    scheme,
    secrets,
    lacksSecret: scheme?.kind === 'shared_secret' && (kept === undefined || kept.signing !== null),
    secretPaths: kept?.secretPaths ?? secretPathsOf(scheme),
  }
}

function bodyOf({ id, eventId, replayId }: Delivery, last: Attempt): BodySource | null {
  if (last.requestBody === null) return null
  if (last.requestBody !== 'payload') return { deliveryId: id, attempt: last.number }
  if (replayId !== null) return { replayed: id }
  return eventId === null ? null : { eventId }
}

function signingOf(
  { store }: EngineContext,
  delivery: Delivery,
  kept: KeptReplayRequest | undefined,
  headers: readonly Header[],
): Pick<ReplaySource, 'scheme' | 'secrets'> {
  const { destinationId, workspaceId } = delivery
  const destination = destinationId === null ? undefined : store.destinations.get(destinationId)
  const workspace = workspaceId === null ? undefined : store.workspaces.get(workspaceId)
  const provider = workspace && findProvider(workspace.provider)
  const current = destination?.secret ? [destination.secret.sealed] : []
  if (kept === undefined) return { scheme: provider?.scheme ?? null, secrets: current }
  const { signing } = kept
  const scheme = signing?.scheme ?? recognisedScheme(headers) ?? provider?.scheme ?? null
  return {
    scheme,
    secrets: signing === null || signing.secrets === 'destination' ? current : signing.secrets,
  }
}

/** The scheme whose signature header a request carries. */
function recognisedScheme(headers: readonly Header[]): SignatureScheme | null {
  const known = knownSchemes.find(
    ({ scheme }) => scheme.header !== undefined && carriesSignature(scheme, headers, new Uint8Array()),
  )
  return known?.scheme ?? null
}

export function secretPathsOf(scheme: SignatureScheme | null): string[] {
  return scheme?.kind === 'shared_secret' && scheme.secret_path !== undefined ? [scheme.secret_path] : []
}

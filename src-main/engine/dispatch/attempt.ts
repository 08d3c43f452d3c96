import type { Attempt, Delivery, Failure } from '../../../src-shared/model/delivery.ts'
import type { Destination } from '../../../src-shared/model/destination.ts'
import type { Header } from '../../../src-shared/model/header.ts'
import type { OutgoingRequest, SendOutcome } from '../ports.ts'
import type { SignedRequest } from '../signing/sign.ts'
import type { RenderedRequest } from './render-request.ts'

/** What one attempt sends: the request, its signature, and the opened key of the client certificate. */
export interface SignableRequest {
  readonly rendered: RenderedRequest
  readonly signed: SignedRequest
  readonly clientKey: string | undefined
  /** A secret that travels in the body or, as it is, in a header: never kept in the clear. */
  readonly secretInside: string | null
}

/** How a request is sent: a destination's settings. */
export type Route = Pick<Destination, 'timeout_seconds' | 'follow_redirects' | 'strict_url_rules' | 'tls'>

/** To a URL of the user's own: no strict rules, it is their machine. */
export const urlRoute: Route = {
  timeout_seconds: 10,
  follow_redirects: false,
  strict_url_rules: false,
  tls: { accept_self_signed: false, ca: null, client_certificate: null, client_key: null },
}

export function outgoing(route: Route, request: SignableRequest): OutgoingRequest {
  const { rendered, signed, clientKey } = request
  const { tls } = route
  return {
    method: rendered.method,
    url: rendered.url,
    headers: [...rendered.headers, ...signed.headers],
    ...(rendered.body === null ? {} : { body: signed.body }),
    timeoutMs: route.timeout_seconds * 1000,
    followRedirects: route.follow_redirects,
    strictUrlRules: route.strict_url_rules,
    tls: {
      acceptSelfSigned: tls.accept_self_signed,
      ...(tls.ca === null ? {} : { ca: tls.ca }),
      ...(tls.client_certificate === null ? {} : { clientCertificate: tls.client_certificate }),
      ...(clientKey === undefined ? {} : { clientKey }),
    },
  }
}

/**
 * The attempt as it is kept: the body before a secret was put in, and no secret in what the receiver sent back.
 * @param keptBody the event's payload or the body of the replay: it needn't be kept twice
 */
export function attemptOf(
  claim: Delivery,
  startedAt: number,
  { rendered, secretInside }: SignableRequest,
  keptBody: Uint8Array | null | undefined,
  outcome: SendOutcome,
): Attempt {
  const { response } = outcome
  return {
    number: claim.attemptCount + 1,
    startedAt,
    durationMs: outcome.timings.totalMs,
    timings: outcome.timings,
    method: rendered.method,
    url: rendered.url,
    requestHeaders: maskedHeaders(outcome.requestHeaders, secretInside),
    requestBody: rendered.body !== null && rendered.body === keptBody ? 'payload' : rendered.body,
    redirectedTo: outcome.redirectedTo,
    response: response === null ? null : { ...response, excerpt: masked(response.excerpt, secretInside) },
    error: outcome.error,
  }
}

function maskedHeaders(headers: readonly Header[], secret: string | null): readonly Header[] {
  if (secret === null || secret === '') return headers
  return headers.map(([name, value]) => [name, value.replaceAll(secret, '***')])
}

/** Bytes with every occurrence of a secret, as it is or as JSON text, replaced by asterisks. */
export function masked(bytes: Uint8Array, secret: string | null): Uint8Array {
  if (secret === null || secret === '') return bytes
  let copy: Buffer | null = null
  for (const needle of new Set([secret, JSON.stringify(secret).slice(1, -1)])) {
    const secretBytes = Buffer.from(needle)
    const from = copy ?? Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    for (
      let at = from.indexOf(secretBytes);
      at !== -1;
      at = from.indexOf(secretBytes, at + secretBytes.length)
    ) {
      copy ??= Buffer.from(bytes)
      copy.fill('*', at, at + secretBytes.length)
    }
  }
  return copy ?? bytes
}

/** The attempt that a crash cut short: all that is known of it is that it may have been sent. */
export function interruptedAttempt(delivery: Delivery, now: number, error: Failure): Attempt {
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
    error,
  }
}

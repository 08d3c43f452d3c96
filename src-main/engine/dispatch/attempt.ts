import type { Attempt, Delivery, Failure } from '../../../src-shared/model/delivery.ts'
import type { Destination } from '../../../src-shared/model/destination.ts'
import type { WebhookEvent } from '../../../src-shared/model/event.ts'
import type { OutgoingRequest, SendOutcome } from '../ports.ts'
import type { SignedRequest } from '../signing/sign.ts'
import type { RenderedRequest } from './render-request.ts'

/** What one attempt sends: the request, its signature, and the opened key of the client certificate. */
export interface SignableRequest {
  readonly rendered: RenderedRequest
  readonly signed: SignedRequest
  readonly clientKey: string | undefined
  /** A secret that travels in the body: never kept in the clear. */
  readonly secretInBody: string | null
}

export function outgoing(destination: Destination, request: SignableRequest): OutgoingRequest {
  const { rendered, signed, clientKey } = request
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

/** The attempt as it is kept: the body before a secret was put in, and no secret in what the receiver sent back. */
export function attemptOf(
  claim: Delivery,
  startedAt: number,
  { rendered, secretInBody }: SignableRequest,
  event: WebhookEvent,
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
    requestHeaders: outcome.requestHeaders,
    requestBody: rendered.body === event.payload ? 'payload' : rendered.body,
    redirectedTo: outcome.redirectedTo,
    response: response === null ? null : { ...response, excerpt: masked(response.excerpt, secretInBody) },
    error: outcome.error,
  }
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

import type { Header } from '../../src-shared/model/header.ts'

/**
 * What the engine needs from the outside world. Storage, sender and hosts implement these;
 * nothing here names a library. Times are epoch milliseconds of the wall clock unless the name says `monotonic`.
 */

/** Cancels what it stands for; calling it again does nothing. */
export interface Timer {
  cancel(): void
}

/** Time, injected so that tests drive it by hand. */
export interface Clock {
  /** Wall clock in epoch milliseconds; may jump when the user or NTP sets it. */
  now(): number
  /** Milliseconds since some fixed moment; never jumps. For durations. */
  monotonicMs(): number
  /** Runs `task` once after `delayMs` of monotonic time. */
  after(delayMs: number, task: () => void): Timer
}

/** Chance, injected so that tests can repeat it. */
export interface Random {
  /** `count` bytes fit for keys and secrets. */
  bytes(count: number): Uint8Array
  /** A number in [0, 1). */
  fraction(): number
}

/** TLS options of a destination, in PEM text where they are certificates or keys. */
export interface TlsOptions {
  readonly acceptSelfSigned?: boolean
  readonly ca?: string
  readonly clientCertificate?: string
  readonly clientKey?: string
}

/** A request that is ready for the wire: rendered and signed. */
export interface OutgoingRequest {
  readonly method: string
  /** Absolute http(s) URL. Sent as written: no normalisation of the path. */
  readonly url: string
  readonly headers: readonly Header[]
  /** Absent: no body, no Content-Length. */
  readonly body?: Uint8Array
  /** From the first connect to the last byte of the answer, redirects included. */
  readonly timeoutMs: number
  readonly followRedirects: boolean
  /** Refuse private, local and non-HTTPS addresses, checked before and after name resolution. */
  readonly strictUrlRules: boolean
  readonly tls: TlsOptions
}

/** Milliseconds by phase; null where the phase did not happen (e.g. connect on a kept-alive connection). */
export interface Timings {
  readonly dnsMs: number | null
  readonly connectMs: number | null
  readonly tlsMs: number | null
  /** From the request written to the first byte of the answer. */
  readonly firstByteMs: number | null
  readonly totalMs: number
}

/** Why an attempt got no usable answer. `message` is a sentence for the user. */
export interface SendError {
  readonly code: SendErrorCode
  readonly message: string
}

export type SendErrorCode =
  | 'dns_not_found'
  | 'dns_temporary'
  | 'refused'
  | 'unreachable'
  | 'reset'
  /** The connection ended after the request was written: it may have arrived. */
  | 'reset_after_send'
  | 'timeout'
  | 'tls_expired'
  | 'tls_self_signed'
  | 'tls_untrusted'
  | 'tls_wrong_host'
  | 'tls'
  /** Response headers beyond the limit. */
  | 'response_too_large'
  | 'invalid_response'
  | 'invalid_request'
  | 'url_invalid'
  | 'address_forbidden'
  | 'too_many_redirects'
  | 'cancelled'
  | 'interrupted'

/** The answer of a receiver, its body cut to what is kept. */
export interface ReceivedResponse {
  readonly status: number
  readonly headers: readonly Header[]
  /** At most the first 64 KiB of the body as it was on the wire (no content coding undone). */
  readonly excerpt: Uint8Array
  /** True when there was more than the excerpt holds. */
  readonly truncated: boolean
}

/** What came of one try. An answer that broke off half-way has both `response` and `error`. */
export interface SendOutcome {
  /** Headers as sent, Host and Content-Length included. */
  readonly requestHeaders: readonly Header[]
  readonly response: ReceivedResponse | null
  readonly error: SendError | null
  readonly timings: Timings
  /** URLs that were visited by following redirects, the first one not included. */
  readonly redirectedTo: readonly string[]
}

/** Sends one request. Never rejects for what happens on the network: that is an outcome. */
export interface Sender {
  send(request: OutgoingRequest, signal?: AbortSignal): Promise<SendOutcome>
  /** Closes idle connections and ends those under way. */
  close(): Promise<void>
}

/** Keeps secrets at rest. `seal` and `open` throw AppError `secrets_unavailable` when there is no key. */
export interface SecretBox {
  readonly available: boolean
  seal(plain: string): string
  open(sealed: string): string
}

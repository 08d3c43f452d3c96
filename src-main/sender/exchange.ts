import type { Header } from '../../src-shared/model/header.ts'
import type { Clock, ReceivedResponse, SendError, Timings } from '../engine/ports.ts'
import type { Connection } from './connection-pool.ts'
import { Excerpt } from './excerpt.ts'
import { failureOf } from './failures.ts'
import type { ConnectionPhases } from './opening.ts'
import type { Target } from './target-url.ts'

/** Read on after the excerpt is full, so that connections of ordinary answers stay usable; beyond it they are closed. */
const drainedBytes = 256 * 1024

/** Methods whose requests have a Content-Length even without a body; undici's list. */
const bodyMethods = new Set(['POST', 'PUT', 'PATCH', 'QUERY', 'PROPFIND', 'PROPPATCH'])

/** One request to one URL; a redirect makes another. */
export interface Hop {
  readonly target: Target
  readonly method: string
  readonly headers: readonly Header[]
  readonly body: Uint8Array | undefined
}

/** What undici's `dispatch` takes of a request. */
interface DispatchOptions {
  readonly path: string
  readonly method: string
  readonly headers: string[]
  readonly body: Uint8Array | null
  readonly reset?: boolean
}

/** Who is told that an exchange has ended. Called once. */
export interface ExchangeOwner {
  exchangeEnded(exchange: Exchange): void
}

/**
 * One hop on the wire: undici's handler for it (the lower-level form that gives raw headers).
 * The phases are written by the connection that is made for it; all null on a kept-alive one.
 *
 *   queued → (resolving → connecting → handshaking →) ready → written → answered → ended
 *
 * `end` and `fail` lead to ended from everywhere; afterwards undici's callbacks change nothing.
 */
export class Exchange implements ConnectionPhases {
  readonly hop: Hop
  readonly #clock: Clock
  readonly #owner: ExchangeOwner

  phase: ConnectionPhases['phase'] = 'queued'
  dnsMs: number | null = null
  connectMs: number | null = null
  tlsMs: number | null = null

  connection: Connection | null = null
  error: SendError | null = null
  #ended = false
  #writtenAtMs: number | null = null
  #firstByteMs: number | null = null
  #status = 0
  #rawHeaders: readonly Buffer[] = []
  #excerpt: Excerpt | null = null
  #isComplete = false

  constructor(hop: Hop, clock: Clock, owner: ExchangeOwner) {
    this.hop = hop
    this.#clock = clock
    this.#owner = owner
  }

  get isEnded(): boolean {
    return this.#ended
  }

  get isWritten(): boolean {
    return this.#writtenAtMs !== null
  }

  get isAnswered(): boolean {
    return this.#status !== 0
  }

  get status(): number {
    return this.#status
  }

  /** The request in undici's form. */
  dispatchOptions(): DispatchOptions {
    const { target, method, headers, body } = this.hop
    const flat: string[] = []
    for (const header of headers) flat.push(header[0], header[1])
    const options = { path: target.path, method, headers: flat, body: body ?? null }
    return this.#closesAfterwards() && method !== 'HEAD' ? { ...options, reset: true } : options
  }

  // A receiver that doesn't read the body of e.g. a GET would take it for the next request.
  #closesAfterwards(): boolean {
    const { method, body } = this.hop
    return method === 'HEAD' || (body !== undefined && body.length > 0 && !bodyMethods.has(method))
  }

  /** The headers as on the wire: undici writes Host and Connection before, Content-Length after the given ones. */
  sentHeaders(): Header[] {
    const { target, method, headers, body } = this.hop
    const sent: Header[] = [
      ['host', target.origin.hostHeader],
      ['connection', this.#closesAfterwards() ? 'close' : 'keep-alive'],
      ...headers,
    ]
    if (body !== undefined && body.length > 0) sent.push(['content-length', String(body.length)])
    else if (bodyMethods.has(method)) sent.push(['content-length', '0'])
    return sent
  }

  /** The answer as far as it came, or null. */
  response(): ReceivedResponse | null {
    if (!this.isAnswered) return null
    const excerpt = this.#excerpt
    return {
      status: this.#status,
      headers: headersOf(this.#rawHeaders),
      excerpt: excerpt === null ? new Uint8Array(0) : excerpt.take(),
      truncated: !this.#isComplete || (excerpt?.isCut ?? false),
    }
  }

  /** Timings of this hop, the total aside. */
  timings(totalMs: number): Timings {
    const { dnsMs, connectMs, tlsMs } = this
    return { dnsMs, connectMs, tlsMs, firstByteMs: this.#firstByteMs, totalMs }
  }

  /** Ends it from outside (deadline, cancel, stop): the connection is closed. */
  fail(error: SendError): void {
    if (this.#ended) return
    this.error = error
    this.#end(false)
  }

  #end(keepConnection: boolean): void {
    this.#ended = true
    if (keepConnection) this.connection?.release()
    else this.connection?.discard()
    this.#owner.exchangeEnded(this)
  }

  /** undici: the request is about to be written. */
  onConnect(): void {
    // Nothing to do: the connection is closed by way of `connection`.
  }

  /** undici: the request was handed to the socket. */
  onRequestSent(): void {
    this.#writtenAtMs = this.#clock.monotonicMs()
    this.connection?.expectAnswer()
  }

  /** undici: the first bytes of an answer, interim ones included. */
  onResponseStarted(): void {
    if (this.#writtenAtMs !== null) this.#firstByteMs ??= this.#clock.monotonicMs() - this.#writtenAtMs
  }

  /** undici: an answer's headers; called for interim answers too. */
  onHeaders(status: number, rawHeaders: Buffer[]): boolean {
    if (status < 200) return true
    this.#status = status
    this.#rawHeaders = rawHeaders
    return true
  }

  /** undici: a piece of the body. */
  onData(chunk: Buffer): boolean {
    if (this.#ended) return true
    this.#excerpt ??= new Excerpt()
    this.#excerpt.add(chunk)
    // The status is known and the excerpt is full: that is an answer, no failure.
    if (this.#excerpt.seenBytes > drainedBytes) this.#end(false)
    return true
  }

  /** undici: the answer is complete. */
  onComplete(): void {
    if (this.#ended) return
    this.#isComplete = true
    this.#end(true)
  }

  /** undici: the connection or the exchange failed. */
  onError(error: unknown): void {
    if (this.#ended) return
    const stage = this.isAnswered ? 'answered' : this.isWritten ? 'written' : 'connect'
    this.error = failureOf(error, stage, this.hop.target.origin.label)
    this.#end(false)
  }
}

/** Raw names and values, alternating, as text: one byte, one character. */
function headersOf(raw: readonly Buffer[]): Header[] {
  const headers: Header[] = []
  for (let at = 0; at + 1 < raw.length; at += 2) headers.push([latin1(raw[at]), latin1(raw[at + 1])])
  return headers
}

function latin1(bytes: Buffer | undefined): string {
  return bytes === undefined ? '' : bytes.toString('latin1')
}

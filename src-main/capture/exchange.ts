import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { endWith, handOver, isWritten, plainAnswer, whenWritten, writeAnswer } from './answer.ts'
import type { CaptureContext } from './capture-context.ts'
import { pairHeaders } from './cookie-mask.ts'
import { excerptBytes, type Answer, type ReceivedRequest } from './received-request.ts'

/** What an exchange needs of its connection. */
interface ExchangeConnection {
  readonly socket: Socket
  readonly remoteAddress: string
  /** The request before this one. */
  readonly last: { readonly response: ServerResponse } | null
  /** Nothing more is read as a request from here on. */
  giveUp(): void
}

/**
 * One request whose head was valid, from then on to its answer. It is handed over exactly once:
 *
 * ```
 * receiving ┬→ complete              → the handler's answer
 *           ├→ beyond the limit      → 413, hang up
 *           ├→ broken off (sender gone, time-out) → 400 or 408 where there is someone to read it
 *           └→ surrendered: the body turned out malformed, see malformed.ts
 * ```
 */
export class Exchange {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly #connection: ExchangeConnection
  readonly #context: CaptureContext
  readonly #receivedAtMs: number
  readonly #limitBytes: number
  /** The response that must be on the wire before anything of this exchange may be. */
  readonly #precededBy: ServerResponse | null
  readonly #declaredBytes: number | null
  /** More bytes than this are too many: the limit, or of a body that is declared too large what is kept of it. */
  readonly #enoughBytes: number
  #chunks: Buffer[] = []
  #seenBytes = 0
  #taken = false

  constructor(
    connection: ExchangeConnection,
    request: IncomingMessage,
    response: ServerResponse,
    context: CaptureContext,
  ) {
    this.request = request
    this.response = response
    this.#connection = connection
    this.#context = context
    this.#receivedAtMs = context.clock.now()
    this.#limitBytes = context.bodyLimitBytes()
    const before = connection.last?.response ?? null
    this.#precededBy = before === null || isWritten(before) ? null : before
    const declared = request.headers['content-length']
    this.#declaredBytes = declared === undefined ? null : Number(declared)
    this.#enoughBytes = this.declaredTooLarge ? this.#keptBytes - 1 : this.#limitBytes
  }

  get declaredTooLarge(): boolean {
    return this.#declaredBytes !== null && this.#declaredBytes > this.#limitBytes
  }

  /** Starts to read the body. */
  receive(): void {
    this.request.on('data', this.#onData)
    this.request.on('end', this.#onEnd)
    // Node says so when the connection closes, also after the request's end: then it is taken already.
    this.request.on('error', () => this.breakOff(null))
  }

  readonly #onData = (chunk: Buffer): void => {
    if (this.#taken) return
    this.#chunks.push(chunk)
    this.#seenBytes += chunk.length
    if (this.#seenBytes > this.#enoughBytes) void this.refuse()
  }

  readonly #onEnd = (): void => {
    if (this.#taken) return
    this.#taken = true
    const received = this.#received(this.#body(), false, false)
    void handOver(received, this.#context).then((answer) => {
      if (this.#context.work.closing || this.#mayLoseBytes) this.response.shouldKeepAlive = false
      writeAnswer(this.response, answer, received.method)
    })
  }

  /** The body is too large: keeps its first part, answers 413. */
  async refuse(): Promise<void> {
    if (!this.surrender()) return
    this.request.pause()
    const sentence = `The body is larger than ${this.#limitBytes} bytes; Hookbench kept its first part.`
    const body = this.#body().subarray(0, this.#keptBytes)
    const received = this.#received(body, true, false)
    this.#chunks = []
    await this.#endWith(await handOver(received, this.#context, plainAnswer(413, sentence)))
  }

  /** The rest of the body won't come: hands over what did. `instead` null: nobody is there to be answered. */
  breakOff(instead: Answer | null): void {
    if (!this.surrender()) return
    const received = this.#received(this.#body(), true, true)
    void handOver(received, this.#context, instead ?? undefined).then(async (answer) => {
      if (instead === null) this.#connection.socket.destroy()
      else await this.#endWith(answer)
    })
  }

  /** Ends this exchange's part without handing anything over; false when that has happened already. */
  surrender(): boolean {
    if (this.#taken) return false
    this.#taken = true
    this.#connection.giveUp()
    return true
  }

  /** What is known of the request, with another body: for one that turned out malformed. */
  receivedWith(body: Uint8Array, bodyBytes: number, reason: string): ReceivedRequest {
    const truncated = bodyBytes > body.byteLength
    return { ...this.#received(body, truncated, false), bodyBytes, malformed: { reason } }
  }

  /** Resolves when this exchange may write to the socket. */
  turn(): Promise<void> {
    return whenWritten(this.#precededBy)
  }

  async #endWith(answer: Answer): Promise<void> {
    await this.turn()
    endWith(this.#connection.socket, answer)
    // Lets what still comes of the body pass into nothing.
    this.request.resume()
  }

  /** Node's parser drops what follows an upgrade request in its packet: better closed than waited for. */
  get #mayLoseBytes(): boolean {
    return this.request.headers.upgrade !== undefined
  }

  get #keptBytes(): number {
    return Math.min(excerptBytes, this.#limitBytes)
  }

  #body(): Buffer {
    const only = this.#chunks.length === 1 ? this.#chunks[0] : undefined
    return only ?? Buffer.concat(this.#chunks)
  }

  #received(body: Uint8Array, truncated: boolean, aborted: boolean): ReceivedRequest {
    const { request } = this
    const { maskCookie } = this.#context
    return {
      receivedAtMs: this.#receivedAtMs,
      remoteAddress: this.#connection.remoteAddress,
      method: request.method ?? '',
      target: request.url ?? '',
      httpVersion: request.httpVersion,
      headers: pairHeaders(request.rawHeaders, maskCookie),
      trailers: request.rawTrailers.length === 0 ? [] : pairHeaders(request.rawTrailers, maskCookie),
      body,
      bodyBytes: truncated ? Math.max(this.#declaredBytes ?? 0, this.#seenBytes) : body.byteLength,
      truncated,
      malformed: null,
      aborted,
    }
  }
}

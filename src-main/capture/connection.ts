import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { isWritten } from './answer.ts'
import type { Exchange } from './exchange.ts'
import { MessageTap } from './message-tap.ts'
import { watchPackets } from './parser-packets.ts'

/** One connection: its requests in order, and the raw bytes of the one that is not complete. */
export class Connection {
  readonly socket: Socket
  readonly remoteAddress: string
  readonly tap = new MessageTap()
  /** Told of bytes that arrive after the connection was given up; null: the sender has finished. */
  onMore: ((packet: Buffer | null) => void) | null = null
  readonly #beginningsSeen: boolean
  #last: Exchange | null = null
  #begun = 0
  #heads = 0
  #givenUp = false

  constructor(socket: Socket) {
    this.socket = socket
    this.remoteAddress = addressText(socket.remoteAddress, socket.remotePort)
    this.#beginningsSeen = watchPackets(socket, {
      begun: () => {
        this.#begun += 1
      },
      parsed: (bytes) => this.#parsed(bytes),
    })
  }

  /** The latest request with a valid head. */
  get last(): Exchange | null {
    return this.#last
  }

  /** The request whose body is still arriving. */
  get incomplete(): Exchange | null {
    return this.#last === null || this.#last.request.complete ? null : this.#last
  }

  /** Requests that have arrived whole since the connection's start. */
  get complete(): number {
    return this.incomplete === null ? this.#heads : this.#heads - 1
  }

  /** Nothing more on this connection is read as a request; whoever gave it up ends it. */
  get givenUp(): boolean {
    return this.#givenUp
  }

  /** No request has begun that isn't answered. */
  get idle(): boolean {
    const answered = this.#last === null || isWritten(this.#last.response)
    return answered && this.incomplete === null && this.tap.totalBytes === 0 && !this.#givenUp
  }

  /** The latest response if it was given already (it may still be on its way), else null. */
  get answered(): ServerResponse | null {
    return this.#last?.response.writableEnded === true ? this.#last.response : null
  }

  add(exchange: Exchange): void {
    this.#heads += 1
    this.#last = exchange
  }

  giveUp(): void {
    if (this.#givenUp) return
    this.#givenUp = true
    // Node's own listener would end our side with the sender's, before the answer is written.
    this.socket.removeAllListeners('end')
    this.socket.on('end', () => this.onMore?.(null))
  }

  #parsed(bytes: () => Buffer): void {
    if (this.#givenUp) return
    const complete = this.complete
    if (this.#beginningsSeen && this.#begun === complete) this.tap.clean(complete)
    else this.tap.packet(bytes(), complete)
  }
}

function addressText(address: string | undefined, port: number | undefined): string {
  if (address === undefined) return ''
  const plain = address.replace(/^::ffff:(?=\d+\.)/, '')
  return plain.includes(':') ? `[${plain}]:${port}` : `${plain}:${port}`
}

import { MessageFraming } from './message-framing.ts'
import { excerptBytes } from './received-request.ts'

const nothing = Buffer.alloc(0)

/**
 * Keeps the raw bytes of the one request on a connection that is not complete yet, so that they are at hand
 * should it turn out malformed: Node's parser gives only its last packet then. It always begins with that
 * request's first byte, also when that shares a packet with requests before it; it keeps the first 64 KiB.
 */
export class MessageTap {
  readonly #framing = new MessageFraming()
  #kept: Buffer[] = []
  #keptBytes = 0
  #totalBytes = 0
  /** How many of the connection's complete requests the framing has passed. */
  #passed = 0

  /** Raw bytes of the incomplete request so far, those not kept included. */
  get totalBytes(): number {
    return this.#totalBytes
  }

  /** Between two packets, with no request begun: nothing to keep. `complete` counts since the connection's start. */
  clean(complete: number): void {
    this.#passed = complete
    if (this.#totalBytes > 0) this.#forget()
  }

  /** A packet after which a request is incomplete (or may be). */
  packet(bytes: Buffer, complete: number): void {
    const rest = this.#pass(bytes, complete)
    this.append(rest)
    if (this.#framing.feed(rest) !== -1) {
      // Complete by its framing, and not yet by the parser's count: keep all, cut nothing.
      this.#framing.reset()
    }
  }

  /** More bytes of a request that is known to be broken: their framing means nothing any more. */
  append(bytes: Buffer): void {
    this.#totalBytes += bytes.length
    const room = excerptBytes - this.#keptBytes
    if (room <= 0 || bytes.length === 0) return
    const part = bytes.length > room ? bytes.subarray(0, room) : bytes
    this.#kept.push(part)
    this.#keptBytes += part.length
  }

  /** The packet in which the parser found the error. */
  broken(bytes: Buffer, complete: number): void {
    this.append(this.#pass(bytes, complete))
  }

  /** The incomplete request's bytes, at most the first 64 KiB. */
  bytes(): Buffer {
    return this.#kept.length === 1 ? (this.#kept[0] ?? nothing) : Buffer.concat(this.#kept)
  }

  /** What is left of a packet behind the requests that were completed in it. */
  #pass(bytes: Buffer, complete: number): Buffer {
    let rest = bytes
    if (complete > this.#passed) this.#forgetKept()
    while (this.#passed < complete) {
      this.#passed += 1
      const end = this.#framing.feed(rest)
      // Not found: the parser was laxer than the framing. Rather too many bytes than too few.
      if (end === -1) this.#framing.reset()
      else rest = rest.subarray(end)
    }
    return rest
  }

  #forgetKept(): void {
    this.#kept = []
    this.#keptBytes = 0
    this.#totalBytes = 0
  }

  #forget(): void {
    this.#forgetKept()
    this.#framing.reset()
  }
}

import type { Socket } from 'node:net'

/**
 * undici ends the connection at a `100 Continue` it didn't ask for, but receivers send it. So it is taken out of
 * the stream before undici reads it. Other interim answers (102, 103) undici skips by itself.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-15.2: "A client MUST be able to parse one or more 1xx
 * responses received prior to a final response, even if the client does not expect one."
 */
export class InterimAnswers {
  /** True from the request's writing to the first bytes of its final answer. */
  #expecting = false
  #held: Buffer | null = null

  /** Filters what is read from this socket. */
  constructor(socket: Socket) {
    const read = socket.read.bind(socket)
    socket.read = (size?: number): Buffer | null => {
      for (;;) {
        const chunk: Buffer | null = read(size)
        if (chunk === null || !this.#expecting) return chunk
        const rest = this.#strip(chunk)
        if (rest !== null) return rest
      }
    }
  }

  /** A request was written: its answer begins with the next byte. */
  expectAnswer(): void {
    this.#expecting = true
    this.#held = null
  }

  /** What is left of the chunk without `100 Continue`; null when more must be read first. */
  #strip(chunk: Buffer): Buffer | null {
    // '1' of a status 1xx, or a piece too short to tell.
    if (this.#held === null && chunk.length > 9 && chunk[9] !== 0x31) {
      this.#expecting = false
      return chunk
    }
    let bytes = this.#held === null ? chunk : Buffer.concat([this.#held, chunk])
    this.#held = null
    while (startsLikeContinue(bytes)) {
      const end = bytes.indexOf('\r\n\r\n')
      if (end === -1 && bytes.length <= longestInterimBytes) {
        this.#held = bytes
        return null
      }
      if (end === -1) break
      bytes = bytes.subarray(end + 4)
      if (bytes.length === 0) return null
    }
    this.#expecting = false
    return bytes
  }
}

const longestInterimBytes = 16 * 1024
const forms = ['HTTP/1.1 100', 'HTTP/1.0 100']

/** True for a `100` answer, and for so short a beginning of one that it can't be told yet. */
function startsLikeContinue(bytes: Buffer): boolean {
  const start = bytes.toString('latin1', 0, 12)
  return forms.some((form) => form.startsWith(start))
}

const lineFeed = 10
const carriageReturn = 13

type State = 'start' | 'head' | 'body' | 'chunk-size' | 'chunk' | 'trailers' | 'ended'

/**
 * Finds where HTTP/1 requests end in a stream of bytes, and nothing else. It sees only bytes that Node's
 * parser has accepted, so it may be short: it need not check what the parser has checked.
 *
 * ```
 * start → head ┬→ ended
 *              ├→ body → ended
 *              └→ chunk-size ⇄ chunk
 *                     └→ trailers → ended
 * ```
 */
export class MessageFraming {
  #state: State = 'start'
  /** The head, or the line of a chunked body, that is being gathered; latin-1. */
  #text = ''
  /** Bytes still to come of the body, or of the chunk with its line end. */
  #remaining = 0

  reset(): void {
    this.#state = 'start'
    this.#text = ''
    this.#remaining = 0
  }

  /**
   * Takes the next bytes. Returns the offset behind the message's last byte, ready for the next message
   * from there on; or -1 when the message goes on beyond them.
   */
  feed(bytes: Buffer): number {
    let at = 0
    while (at < bytes.length) {
      at = this.#step(bytes, at)
      if (this.#state === 'ended') {
        this.reset()
        return at
      }
    }
    return -1
  }

  #step(bytes: Buffer, at: number): number {
    if (this.#state === 'start') {
      const byte = bytes[at]
      if (byte === lineFeed || byte === carriageReturn) return at + 1
      this.#state = 'head'
    }
    if (this.#state === 'head') return this.#takeHead(bytes, at)
    if (this.#state === 'body' || this.#state === 'chunk') return this.#takeCounted(bytes, at)
    return this.#takeLine(bytes, at)
  }

  #takeHead(bytes: Buffer, at: number): number {
    const before = this.#text.length
    this.#text += bytes.toString('latin1', at)
    const end = this.#text.indexOf('\r\n\r\n', Math.max(0, before - 3))
    if (end === -1) return bytes.length
    const head = this.#text.slice(0, end + 2)
    const next = at + end + 4 - before
    this.#text = ''
    this.#remaining = Number(/\r\ncontent-length[ \t]*:[ \t]*(\d+)/i.exec(head)?.[1] ?? 0)
    // Accepted by the parser, so a Transfer-Encoding ends in `chunked`.
    if (/\r\ntransfer-encoding[ \t]*:/i.test(head)) this.#state = 'chunk-size'
    else this.#state = this.#remaining > 0 ? 'body' : 'ended'
    return next
  }

  #takeCounted(bytes: Buffer, at: number): number {
    const taken = Math.min(this.#remaining, bytes.length - at)
    this.#remaining -= taken
    if (this.#remaining === 0) this.#state = this.#state === 'body' ? 'ended' : 'chunk-size'
    return at + taken
  }

  #takeLine(bytes: Buffer, at: number): number {
    const end = bytes.indexOf(lineFeed, at)
    this.#text += bytes.toString('latin1', at, end === -1 ? bytes.length : end)
    if (end === -1) return bytes.length
    const line = this.#text.trim()
    this.#text = ''
    if (this.#state === 'trailers') {
      if (line === '') this.#state = 'ended'
      return end + 1
    }
    const size = Number.parseInt(line, 16)
    this.#remaining = size + 2
    this.#state = size > 0 ? 'chunk' : 'trailers'
    return end + 1
  }
}

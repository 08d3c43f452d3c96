/** Bytes of an answer's body that are kept. */
export const keptBytes = 64 * 1024

const empty = new Uint8Array(0)

/** Collects the beginning of a body in a plain array of its own: no slab of a socket stays alive for it. */
export class Excerpt {
  #bytes: Uint8Array = empty
  #length = 0
  /** Bytes that came, kept or not. */
  seenBytes = 0

  add(chunk: Uint8Array): void {
    this.seenBytes += chunk.length
    const room = keptBytes - this.#length
    if (room === 0) return
    const piece = chunk.length <= room ? chunk : chunk.subarray(0, room)
    const length = this.#length + piece.length
    if (length > this.#bytes.length) this.#grow(length)
    this.#bytes.set(piece, this.#length)
    this.#length = length
  }

  get isCut(): boolean {
    return this.seenBytes > this.#length
  }

  /** The kept bytes, in an array of just their size. */
  take(): Uint8Array {
    return this.#length === this.#bytes.length ? this.#bytes : this.#bytes.slice(0, this.#length)
  }

  // Exact for the first piece, which mostly is the only one; doubling afterwards.
  #grow(length: number): void {
    const capacity = this.#length === 0 ? length : Math.min(keptBytes, Math.max(length, this.#length * 2))
    const bytes = new Uint8Array(capacity)
    bytes.set(this.#bytes.subarray(0, this.#length))
    this.#bytes = bytes
  }
}

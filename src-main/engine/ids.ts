import type { Clock, Random } from './ports.ts'

/** Makes ids that sort by the order in which they were made, also when the clock stands still or goes back. */
export interface Ids {
  /** UUID v7. @see RFC 9562, 5.7 and 6.2 (method 1: a counter in rand_a, carried into the time) */
  uuid(): string
  /** ULID in lower case. @see https://github.com/ulid/spec */
  ulid(): string
  /** `length` lower-case letters and digits by chance, at most 64. */
  word(length: number): string
}

const crockford = Buffer.from('0123456789abcdefghjkmnpqrstvwxyz', 'latin1')
const hexadecimal = Buffer.from('0123456789abcdef', 'latin1')
const hyphen = 0x2d
/** Where the bytes of chance stand in a UUID, behind the one with the variant. */
const restOfUuid = [21, 24, 26, 28, 30, 32, 34]

export function createIds(clock: Clock, random: Random): Ids {
  return new IdMaker(clock, random)
}

class IdMaker implements Ids {
  readonly #clock: Clock
  readonly #random: Random
  // Bytes are drawn in blocks: one system call for many ids.
  #pool: Uint8Array = new Uint8Array(0)
  #used = 0
  // Written as bytes and made a text once: joined from pieces an id would be a tree of them, to be flattened later.
  readonly #text = Buffer.alloc(64)
  #lastMs = 0
  #counter = 0

  constructor(clock: Clock, random: Random) {
    this.#clock = clock
    this.#random = random
  }

  uuid(): string {
    this.#tick()
    const ms = this.#lastMs
    this.#put(0, 6, Math.floor(ms / 2 ** 24), 4)
    this.#put(6, 2, Math.floor(ms / 2 ** 16) & 0xff, 4)
    this.#put(9, 4, ms & 0xffff, 4)
    this.#put(14, 4, 0x7000 | this.#counter, 4)
    this.#put(19, 2, (this.#byte() & 0x3f) | 0x80, 4)
    for (const at of restOfUuid) this.#put(at, 2, this.#byte(), 4)
    const text = this.#text
    text[8] = text[13] = text[18] = text[23] = hyphen
    return text.toString('latin1', 0, 36)
  }

  ulid(): string {
    this.#tick()
    const ms = this.#lastMs
    this.#put(0, 5, Math.floor(ms / 2 ** 25), 5)
    this.#put(5, 5, ms % 2 ** 25, 5)
    // The counter takes the place of the first random digits, so that ids of one millisecond keep their order.
    this.#put(10, 3, (this.#counter << 3) | (this.#byte() & 7), 5)
    this.#putChance(13, 26)
    return this.#text.toString('latin1', 0, 26)
  }

  word(length: number): string {
    this.#putChance(0, length)
    return this.#text.toString('latin1', 0, length)
  }

  /** A millisecond and a 12-bit counter that never come twice and never decrease. */
  #tick(): void {
    const now = this.#clock.now()
    if (now > this.#lastMs) {
      this.#lastMs = now
      this.#counter = 0
    } else if (this.#counter < 0xfff) {
      this.#counter += 1
    } else {
      this.#lastMs += 1
      this.#counter = 0
    }
  }

  /** Writes the lowest `count` digits of `bits` each, of a number below 2 ** 31. */
  #put(at: number, count: number, value: number, bits: 4 | 5): void {
    const digits = bits === 4 ? hexadecimal : crockford
    const mask = (1 << bits) - 1
    for (let index = at + count - 1, rest = value; index >= at; index -= 1, rest >>>= bits)
      this.#text[index] = digits[rest & mask] ?? 0
  }

  #putChance(from: number, to: number): void {
    for (let at = from; at < to; at += 1) this.#text[at] = crockford[this.#byte() & 31] ?? 0
  }

  #byte(): number {
    if (this.#used === this.#pool.length) {
      this.#pool = this.#random.bytes(4096)
      this.#used = 0
    }
    this.#used += 1
    return this.#pool[this.#used - 1] ?? 0
  }
}

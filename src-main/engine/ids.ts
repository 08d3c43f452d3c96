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

export function createIds(clock: Clock, random: Random): Ids {
  // Bytes are drawn in blocks: one system call for many ids.
  let pool: Uint8Array = new Uint8Array(0)
  let used = 0
  /** Where in the pool so many fresh bytes stand. */
  const draw = (count: number): number => {
    if (used + count > pool.length) {
      pool = random.bytes(4096)
      used = 0
    }
    used += count
    return used - count
  }
  // Written as bytes and made a text once: joined from pieces an id would be a tree of them, to be flattened later.
  const text = Buffer.alloc(64)
  /** Writes the lowest `count` digits of `bits` each, of a number below 2 ** 31. */
  const put = (at: number, count: number, value: number, bits: 4 | 5): void => {
    const digits = bits === 4 ? hexadecimal : crockford
    const mask = (1 << bits) - 1
    for (let index = at + count - 1, rest = value; index >= at; index -= 1, rest >>>= bits)
      text[index] = digits[rest & mask] ?? 0
  }
  const chance = (at: number, count: number): void => {
    for (let index = 0, from = draw(count); index < count; index += 1)
      text[at + index] = crockford[(pool[from + index] ?? 0) & 31] ?? 0
  }
  let lastMs = 0
  let counter = 0
  /** A millisecond and a 12-bit counter that never come twice and never decrease. */
  const tick = (): void => {
    const now = clock.now()
    if (now > lastMs) {
      lastMs = now
      counter = 0
    } else if (counter < 0xfff) {
      counter += 1
    } else {
      lastMs += 1
      counter = 0
    }
  }
  return {
    uuid() {
      tick()
      const from = draw(8)
      put(0, 6, Math.floor(lastMs / 2 ** 24), 4)
      put(6, 2, (lastMs / 2 ** 16) & 0xff, 4)
      put(9, 4, lastMs & 0xffff, 4)
      put(14, 4, 0x7000 | counter, 4)
      put(19, 2, ((pool[from] ?? 0) & 0x3f) | 0x80, 4)
      put(21, 2, pool[from + 1] ?? 0, 4)
      for (let index = 2; index < 8; index += 1) put(20 + index * 2, 2, pool[from + index] ?? 0, 4)
      text[8] = text[13] = text[18] = text[23] = hyphen
      return text.toString('latin1', 0, 36)
    },
    ulid() {
      tick()
      put(0, 5, Math.floor(lastMs / 2 ** 25), 5)
      put(5, 5, lastMs % 2 ** 25, 5)
      // The counter takes the place of the first random digits, so that ids of one millisecond keep their order.
      put(10, 3, (counter << 3) | ((pool[draw(1)] ?? 0) & 7), 5)
      chance(13, 13)
      return text.toString('latin1', 0, 26)
    },
    word(length) {
      chance(0, length)
      return text.toString('latin1', 0, length)
    },
  }
}

import type { Clock, Random } from './ports.ts'

/** Makes ids that sort by the order in which they were made, also when the clock stands still or goes back. */
export interface Ids {
  /** UUID v7. @see RFC 9562, 5.7 and 6.2 (method 1: a counter in rand_a, carried into the time) */
  uuid(): string
  /** ULID in lower case. @see https://github.com/ulid/spec */
  ulid(): string
  /** `length` lower-case letters and digits by chance. */
  word(length: number): string
}

const crockford = '0123456789abcdefghjkmnpqrstvwxyz'
const hex = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))

export function createIds(clock: Clock, random: Random): Ids {
  // Bytes are drawn in blocks: one system call for many ids.
  let pool: Uint8Array = new Uint8Array(0)
  let used = 0
  const draw = (count: number): Uint8Array => {
    if (used + count > pool.length) {
      pool = random.bytes(4096)
      used = 0
    }
    used += count
    return pool.subarray(used - count, used)
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
      const time = lastMs.toString(16).padStart(12, '0')
      const b = draw(8)
      const h = (index: number): string => hex[b[index] ?? 0] ?? '00'
      const variant = hex[((b[0] ?? 0) & 0x3f) | 0x80] ?? '80'
      const counterText = counter.toString(16).padStart(3, '0')
      return `${time.slice(0, 8)}-${time.slice(8)}-7${counterText}-${variant}${h(1)}-${h(2)}${h(3)}${h(4)}${h(5)}${h(6)}${h(7)}`
    },
    ulid() {
      tick()
      let time = ''
      for (let rest = lastMs, i = 0; i < 10; i += 1, rest = Math.floor(rest / 32))
        time = (crockford[rest % 32] ?? '0') + time
      // The counter takes the place of the first random digits, so that ids of one millisecond keep their order.
      const ordered = (crockford[counter >> 7] ?? '0') + (crockford[(counter >> 2) & 31] ?? '0')
      const third = crockford[((counter & 3) << 3) | ((draw(1)[0] ?? 0) & 7)] ?? '0'
      let chance = ''
      for (const byte of draw(13)) chance += crockford[byte & 31] ?? '0'
      return time + ordered + third + chance
    },
    word(length) {
      let text = ''
      for (const byte of draw(length)) text += crockford[byte & 31] ?? '0'
      return text
    },
  }
}

import { randomBytes } from 'node:crypto'
import type { Random } from './engine/ports.ts'

const poolBytes = 4096
/** What is drawn for keys and secrets stays in no pool: ids and fractions take less. */
const largestPooledBytes = 8

/** Chance from the system's generator, small amounts from a pool: one system call for many. */
function createSystemRandom(): Random {
  let pool = Buffer.alloc(0)
  let used = 0
  const draw = (count: number): Buffer => {
    if (used + count > pool.length) {
      pool = randomBytes(poolBytes)
      used = 0
    }
    used += count
    return pool.subarray(used - count, used)
  }
  return {
    bytes: (count) => (count > largestPooledBytes ? randomBytes(count) : draw(count)),
    fraction: () => draw(6).readUIntBE(0, 6) / 2 ** 48,
  }
}

export const systemRandom: Random = createSystemRandom()

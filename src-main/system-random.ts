import { randomBytes } from 'node:crypto'
import type { Random } from './engine/ports.ts'

/** Chance from the system's generator. */
export const systemRandom: Random = {
  bytes: (count) => randomBytes(count),
  fraction: () => randomBytes(6).readUIntBE(0, 6) / 2 ** 48,
}

import type { CaptureId, EndpointId } from '../../src-shared/model/ids.ts'
import { findFirstCaptureOfDelivery } from './repositories/capture-repository.ts'
import type { Sqlite } from './sqlite.ts'

/**
 * Finds the oldest capture with a delivery id. Nearly all ids are new, and a Bloom filter says so without a query;
 * where it says "perhaps", the database knows. Captures that are deleted stay in the filter, which only costs a query.
 *
 *     empty ──first question──▶ filling (the database is asked) ──all rows read──▶ complete ──twice as full──▶ filling
 *
 * @see https://doi.org/10.1145/362686.362692
 */
export class FirstCaptures {
  readonly #database: () => Sqlite
  #filter: BloomFilter | null = null
  #complete = false
  #closed = false

  constructor(database: () => Sqlite) {
    this.#database = database
  }

  find(endpointId: EndpointId, deliveryId: string): CaptureId | null {
    const filter = this.#filter ?? this.#fill(smallestCapacity)
    if (this.#complete && !filter.mayHold(endpointId, deliveryId)) return null
    return findFirstCaptureOfDelivery(this.#database(), endpointId, deliveryId)
  }

  note(endpointId: EndpointId, deliveryId: string | null): void {
    if (deliveryId === null || this.#filter === null) return
    this.#filter.add(endpointId, deliveryId)
    if (this.#complete && this.#filter.isFull) this.#fill(this.#filter.capacity * 2)
  }

  /** The database is another one. */
  forget(): void {
    this.#filter = null
    this.#complete = false
  }

  close(): void {
    this.#closed = true
  }

  /** Begins with an empty filter. */
  #fill(capacity: number): BloomFilter {
    const filter = new BloomFilter(capacity)
    this.#filter = filter
    this.#complete = false
    let after = ''
    // A little at a time; what is kept meanwhile is added as it comes.
    const addSome = (): void => {
      if (this.#closed || this.#filter !== filter) return
      const rows = this.#database().all(rowsAfter, [after, rowsAtOnce])
      for (const row of rows) filter.add(String(row['endpoint_id']), String(row['delivery_id']))
      after = String(rows.at(-1)?.['id'])
      if (rows.length === rowsAtOnce) setImmediate(addSome)
      else this.#complete = true
    }
    addSome()
    return filter
  }
}

const smallestCapacity = 1 << 17
const rowsAtOnce = 500
const rowsAfter = `SELECT id, endpoint_id, delivery_id FROM captures
  WHERE id > ? AND delivery_id IS NOT NULL ORDER BY id LIMIT ?`

const bitsOfEach = 4
/** With 16 bits for each of `capacity` things, one answer in 400 is "perhaps" for something that is not there. */
const bitsPerThing = 16

/** A set of texts that forgets nothing, and is sometimes sure to hold what it doesn't. `capacity` is a power of two. */
class BloomFilter {
  readonly capacity: number
  readonly #words: Uint32Array
  readonly #mask: number
  #added = 0

  constructor(capacity: number) {
    this.capacity = capacity
    this.#words = new Uint32Array((capacity * bitsPerThing) / 32)
    this.#mask = capacity * bitsPerThing - 1
  }

  get isFull(): boolean {
    return this.#added > this.capacity
  }

  add(endpointId: string, deliveryId: string): void {
    this.#added += 1
    let bit = hash(deliveryId, hash(endpointId, firstSeed))
    const step = hash(deliveryId, secondSeed) | 1
    for (let index = 0; index < bitsOfEach; index += 1) {
      const at = bit & this.#mask
      this.#words[at >>> 5] = (this.#words[at >>> 5] ?? 0) | (1 << (at & 31))
      bit = (bit + step) | 0
    }
  }

  mayHold(endpointId: string, deliveryId: string): boolean {
    let bit = hash(deliveryId, hash(endpointId, firstSeed))
    const step = hash(deliveryId, secondSeed) | 1
    for (let index = 0; index < bitsOfEach; index += 1) {
      const at = bit & this.#mask
      if (((this.#words[at >>> 5] ?? 0) & (1 << (at & 31))) === 0) return false
      bit = (bit + step) | 0
    }
    return true
  }
}

const firstSeed = 0x811c9dc5
const secondSeed = 0x2f0b4c47

/** FNV-1a with a last mixing, so that its low bits depend on every character. @see RFC 9923 */
function hash(text: string, seed: number): number {
  let value = seed
  for (let index = 0; index < text.length; index += 1)
    value = Math.imul(value ^ text.charCodeAt(index), 0x01000193)
  value = Math.imul(value ^ (value >>> 16), 0x45d9f3b)
  return value ^ (value >>> 15)
}

import { crc32 } from 'node:zlib'

/**
 * The journal's binary form. A segment is a header and a list of records:
 *
 *     header  "HKBJRNL1" u32 generation  u32 previous generation  u64 previous length
 *     record  u32 payload length  u32 crc32(payload)  payload
 *     payload operations:  1 define   u16 statement id  u32 length  SQL text
 *                          2 execute  u16 statement id  u8 count  parameters
 *     parameter            0 null | 1 f64 | 2 text (u32 length, UTF-8) | 3 blob (u32 length, bytes)
 *
 * A statement's SQL stands in the segment that uses it, so an old segment can be replayed by any later version.
 * All numbers are little-endian.
 */

export type SqlValue = null | number | string | Uint8Array

/** Runs one statement of a record. */
export type Execute = (sql: string, parameters: readonly SqlValue[]) => void

/**
 * The same with the parameters as they stand in a record from `start` on, where their count is.
 * @returns where they end
 */
export type ExecuteEncoded = (sql: string, bytes: Buffer, start: number) => number

const magic = Buffer.from('HKBJRNL1', 'latin1')
export const segmentHeaderBytes = 24
export const recordHeaderBytes = 8
/** The problem of a record that goes on beyond the bytes at hand. */
export const cutOffRecord = 'the last record is cut off'
const define = 1
const execute = 2

export interface SegmentHeader {
  readonly generation: number
  /** Generation and length of the segment before this one; equal generations mean there is none. */
  readonly previousGeneration: number
  readonly previousLength: number
}

export function encodeSegmentHeader(header: SegmentHeader): Buffer {
  const bytes = Buffer.alloc(segmentHeaderBytes)
  magic.copy(bytes)
  bytes.writeUInt32LE(header.generation, 8)
  bytes.writeUInt32LE(header.previousGeneration, 12)
  bytes.writeBigUInt64LE(BigInt(header.previousLength), 16)
  return bytes
}

/** The header of a segment, or null when the bytes are too few or foreign. */
export function decodeSegmentHeader(bytes: Buffer): SegmentHeader | null {
  if (bytes.length < segmentHeaderBytes || !bytes.subarray(0, 8).equals(magic)) return null
  return {
    generation: bytes.readUInt32LE(8),
    previousGeneration: bytes.readUInt32LE(12),
    previousLength: Number(bytes.readBigUInt64LE(16)),
  }
}

/** The numbers that stand for statements in one segment, given by first use. */
export class StatementIds {
  readonly #ids = new Map<string, number>()
  #texts: string[] = []

  get count(): number {
    return this.#texts.length
  }

  idOf(sql: string): number | undefined {
    return this.#ids.get(sql)
  }

  readonly textOf = (id: number): string | undefined => this.#texts[id]

  add(sql: string): number {
    const id = this.#texts.push(sql) - 1
    this.#ids.set(sql, id)
    return id
  }

  /** Forgets those that were added last: only so many stay. 0 begins a segment. */
  keep(count: number): void {
    for (const sql of this.#texts.slice(count)) this.#ids.delete(sql)
    this.#texts = this.#texts.slice(0, count)
  }
}

/** Collects records for one write to a segment. */
export class RecordBuffer {
  #bytes = Buffer.allocUnsafeSlow(64 * 1024)
  #length = 0
  #recordStart = -1
  readonly #ids: StatementIds
  #idsBefore = 0

  constructor(ids: StatementIds) {
    this.#ids = ids
  }

  get length(): number {
    return this.#length
  }

  /** Without the record that was begun and is not completed. */
  get wholeLength(): number {
    return this.#recordStart === -1 ? this.#length : this.#recordStart
  }

  /** The memory behind {@link bytes}, which is longer; saves making a view for each statement. */
  get backing(): Buffer {
    return this.#bytes
  }

  /** What has been collected; valid until the next call that changes the buffer. */
  get bytes(): Buffer {
    return this.#bytes.subarray(0, this.#length)
  }

  begin(): void {
    this.#recordStart = this.#length
    this.#idsBefore = this.#ids.count
    this.#reserve(recordHeaderBytes)
    this.#length += recordHeaderBytes
  }

  /** Adds a statement. @returns where its parameters begin; they end with the buffer */
  add(sql: string, parameters: readonly SqlValue[]): number {
    let id = this.#ids.idOf(sql)
    if (id === undefined) {
      id = this.#ids.add(sql)
      this.#writeDefinition(id, sql)
    }
    this.#reserve(4)
    this.#bytes[this.#length] = execute
    this.#bytes.writeUInt16LE(id, this.#length + 1)
    this.#bytes[this.#length + 3] = parameters.length
    this.#length += 4
    const start = this.#length - 1
    for (const parameter of parameters) this.#writeParameter(parameter)
    return start
  }

  /** Completes the record; returns false and drops it when it holds no statement. */
  end(): boolean {
    const payloadStart = this.#recordStart + recordHeaderBytes
    if (this.#length === payloadStart) {
      this.abort()
      return false
    }
    this.#bytes.writeUInt32LE(this.#length - payloadStart, this.#recordStart)
    this.#bytes.writeUInt32LE(crc32(this.#bytes.subarray(payloadStart, this.#length)), this.#recordStart + 4)
    this.#recordStart = -1
    return true
  }

  /** Drops the record that was begun. */
  abort(): void {
    this.#ids.keep(this.#idsBefore)
    this.#length = this.#recordStart
    this.#recordStart = -1
  }

  clear(): void {
    this.#length = 0
    // One huge record must not keep its memory for ever.
    if (this.#bytes.length > 8 * 1024 * 1024) this.#bytes = Buffer.allocUnsafeSlow(64 * 1024)
  }

  #writeDefinition(id: number, sql: string): void {
    const length = Buffer.byteLength(sql)
    this.#reserve(7 + length)
    this.#bytes[this.#length] = define
    this.#bytes.writeUInt16LE(id, this.#length + 1)
    this.#bytes.writeUInt32LE(length, this.#length + 3)
    this.#bytes.write(sql, this.#length + 7)
    this.#length += 7 + length
  }

  #writeParameter(value: SqlValue): void {
    if (value === null) {
      this.#reserve(1)
      this.#bytes[this.#length++] = 0
    } else if (typeof value === 'number') {
      this.#reserve(9)
      this.#bytes[this.#length] = 1
      this.#bytes.writeDoubleLE(value, this.#length + 1)
      this.#length += 9
    } else if (typeof value === 'string') {
      this.#reserve(5 + value.length * 3)
      const written = this.#bytes.write(value, this.#length + 5)
      this.#bytes[this.#length] = 2
      this.#bytes.writeUInt32LE(written, this.#length + 1)
      this.#length += 5 + written
    } else {
      this.#reserve(5 + value.length)
      this.#bytes[this.#length] = 3
      this.#bytes.writeUInt32LE(value.length, this.#length + 1)
      this.#bytes.set(value, this.#length + 5)
      this.#length += 5 + value.length
    }
  }

  #reserve(count: number): void {
    const needed = this.#length + count
    if (needed <= this.#bytes.length) return
    const grown = Buffer.allocUnsafeSlow(Math.max(needed, this.#bytes.length * 2))
    this.#bytes.copy(grown, 0, 0, this.#length)
    this.#bytes = grown
  }
}

/** What a walk over records found. */
export interface RecordWalk {
  readonly records: number
  /** Where the first byte that is no whole, sound record stands; the end of the bytes if all are. */
  readonly validLength: number
  /** Why the walk stopped early; null at the end of the bytes. */
  readonly problem: string | null
}

/**
 * Runs `onRecord` for every whole, sound record from `start` on and stops at the first that is not.
 * @param definitions SQL by statement id; kept by the caller across calls for one segment.
 */
export function walkRecords(
  bytes: Buffer,
  start: number,
  definitions: Map<number, string>,
  onRecord: (apply: (execute: Execute) => void) => void,
): RecordWalk {
  return walkEncodedRecords(bytes, start, definitions, (apply) =>
    onRecord((execute) =>
      apply((sql, payload, at) => {
        const { values, end } = readParameters(payload, at)
        execute(sql, values)
        return end
      }),
    ),
  )
}

/** {@link walkRecords} without taking the parameters apart. */
export function walkEncodedRecords(
  bytes: Buffer,
  start: number,
  definitions: Map<number, string>,
  onRecord: (apply: (execute: ExecuteEncoded) => void) => void,
): RecordWalk {
  let position = start
  let records = 0
  while (position < bytes.length) {
    const problem = soundRecordAt(bytes, position)
    if (problem !== null) return { records, validLength: position, problem }
    const payloadStart = position + recordHeaderBytes
    const end = payloadStart + bytes.readUInt32LE(position)
    onRecord((execute) => applyPayload(bytes, payloadStart, end, definitions, execute))
    position = end
    records += 1
  }
  return { records, validLength: position, problem: null }
}

function soundRecordAt(bytes: Buffer, position: number): string | null {
  if (position + recordHeaderBytes > bytes.length) return cutOffRecord
  const length = bytes.readUInt32LE(position)
  const end = position + recordHeaderBytes + length
  // A run of zeros would pass as an empty record: crc32 of nothing is 0.
  if (length === 0) return 'a record is empty'
  if (end > bytes.length) return cutOffRecord
  const sum = crc32(bytes.subarray(position + recordHeaderBytes, end))
  return sum === bytes.readUInt32LE(position + 4) ? null : 'a record fails its checksum'
}

function applyPayload(
  bytes: Buffer,
  start: number,
  end: number,
  definitions: Map<number, string>,
  run: ExecuteEncoded,
): void {
  const textOf = (id: number): string | undefined => definitions.get(id)
  for (let at = start; at < end;) {
    const defined = definitionAt(bytes, at)
    if (defined === null) {
      at = runStatement(bytes, at, textOf, run)
    } else {
      definitions.set(defined.id, bytes.toString('utf8', defined.start, defined.end))
      at = defined.end
    }
  }
}

/**
 * Runs the statements of whole records that were never out of memory, so they need no check.
 * @param textOf the SQL of a statement: its definition may stand in an earlier write
 */
export function runRecords(
  bytes: Buffer,
  start: number,
  end: number,
  textOf: (id: number) => string | undefined,
  run: ExecuteEncoded,
): void {
  for (let at = start; at < end;) {
    const recordEnd = at + recordHeaderBytes + bytes.readUInt32LE(at)
    at += recordHeaderBytes
    while (at < recordEnd) at = definitionAt(bytes, at)?.end ?? runStatement(bytes, at, textOf, run)
  }
}

/** The definition that stands there, its SQL from `start` to `end`; null when something else does. */
function definitionAt(bytes: Buffer, at: number): { id: number; start: number; end: number } | null {
  if (bytes[at] !== define) return null
  const start = at + 7
  return { id: bytes.readUInt16LE(at + 1), start, end: start + bytes.readUInt32LE(at + 3) }
}

function runStatement(
  bytes: Buffer,
  at: number,
  textOf: (id: number) => string | undefined,
  run: ExecuteEncoded,
): number {
  if (bytes[at] !== execute) throw new Error(`journal record has an unknown operation ${bytes[at]}`)
  const id = bytes.readUInt16LE(at + 1)
  const sql = textOf(id)
  if (sql === undefined) throw new Error(`journal record uses statement ${id} before defining it`)
  return run(sql, bytes, at + 3)
}

/** Where the parameters that stand in a record from `start` on end. */
export function parametersEnd(bytes: Buffer, start: number): number {
  let at = start + 1
  for (let left = bytes[start] ?? 0; left > 0; left -= 1) {
    const tag = bytes[at]
    at += tag === 0 ? 1 : tag === 1 ? 9 : 5 + bytes.readUInt32LE(at + 1)
  }
  return at
}

/** The values of parameters that stand in a record from `start` on, and where they end. Blobs are views. */
export function readParameters(bytes: Buffer, start: number): { values: SqlValue[]; end: number } {
  const reader = new ParameterReader(bytes, start)
  const values = reader.parameters()
  return { values, end: reader.position }
}

/** The values alone. */
export function decodeParameters(bytes: Buffer, start: number): SqlValue[] {
  return readParameters(bytes, start).values
}

class ParameterReader {
  readonly #bytes: Buffer
  position: number

  constructor(bytes: Buffer, start: number) {
    this.#bytes = bytes
    this.position = start
  }

  parameters(): SqlValue[] {
    const count = this.#bytes.readUInt8(this.position++)
    return Array.from({ length: count }, () => this.#parameter())
  }

  #parameter(): SqlValue {
    const tag = this.#bytes.readUInt8(this.position++)
    if (tag === 0) return null
    const start = this.position + (tag === 1 ? 0 : 4)
    this.position = start + (tag === 1 ? 8 : this.#bytes.readUInt32LE(this.position))
    if (tag === 1) return this.#bytes.readDoubleLE(start)
    if (tag === 2) return this.#bytes.toString('utf8', start, this.position)
    return this.#bytes.subarray(start, this.position)
  }
}

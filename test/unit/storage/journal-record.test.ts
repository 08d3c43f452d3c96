import { describe, expect, it } from 'vitest'
import {
  decodeSegmentHeader,
  encodeSegmentHeader,
  RecordBuffer,
  StatementIds,
  walkRecords,
  type SqlValue,
} from '../../../src-main/storage/journal-record.ts'

interface Statement {
  readonly sql: string
  readonly parameters: readonly SqlValue[]
}

function encode(records: readonly (readonly Statement[])[], ids = new StatementIds()): Buffer {
  const buffer = new RecordBuffer(ids)
  for (const record of records) {
    buffer.begin()
    for (const { sql, parameters } of record) buffer.add(sql, parameters)
    buffer.end()
  }
  return Buffer.from(buffer.bytes)
}

function decode(bytes: Buffer): { records: Statement[][]; validLength: number; problem: string | null } {
  const records: Statement[][] = []
  const walk = walkRecords(bytes, 0, new Map(), (apply) => {
    const record: Statement[] = []
    apply((sql, parameters) => record.push({ sql, parameters: parameters.map(plain) }))
    records.push(record)
  })
  return { records, validLength: walk.validLength, problem: walk.problem }
}

const plain = (value: SqlValue): SqlValue => (value instanceof Uint8Array ? new Uint8Array(value) : value)
const one = (...parameters: SqlValue[]): Statement => ({ sql: 'INSERT INTO t VALUES (?)', parameters })

describe('a journal record', () => {
  it.each<[string, SqlValue]>([
    ['null', null],
    ['zero', 0],
    ['a negative number', -42],
    ['a time', 1_700_000_000_123],
    ['the largest safe integer', Number.MAX_SAFE_INTEGER],
    ['the smallest safe integer', Number.MIN_SAFE_INTEGER],
    ['a fraction', 0.1 + 0.2],
    ['the smallest fraction', Number.MIN_VALUE],
    ['infinity', -Infinity],
    ['empty text', ''],
    ['text', 'plain'],
    ['text beyond the first plane', 'žluťoučký 🚀 \u0000 \u{10FFFF} مرحبا'],
    ['long text', 'ž🚀'.repeat(100_000)],
    ['an empty blob', new Uint8Array()],
    ['a blob', Uint8Array.from({ length: 256 }, (_, index) => index)],
    ['a large blob', new Uint8Array(3_000_000).fill(7)],
  ])('brings %s back as it was', (_name, value) => {
    const { records, problem } = decode(encode([[one(value)]]))
    expect(problem).toBeNull()
    expect(Buffer.isBuffer(value)).toBe(false)
    expect(records).toEqual([[one(value)]])
  })

  it('keeps statements and records in order and defines each statement once', () => {
    const other: Statement = { sql: 'DELETE FROM t', parameters: [] }
    const bytes = encode([[one(1), other], [one(2)], [other, one(3), one(4)]])
    expect(decode(bytes).records).toEqual([[one(1), other], [one(2)], [other, one(3), one(4)]])
    expect(bytes.toString('latin1').split('INSERT INTO t')).toHaveLength(2)
  })

  it('is dropped when it holds no statement', () => {
    const buffer = new RecordBuffer(new StatementIds())
    buffer.begin()
    expect(buffer.end()).toBe(false)
    expect(buffer.length).toBe(0)
  })

  it('takes back the statements that an aborted record defined', () => {
    const ids = new StatementIds()
    const buffer = new RecordBuffer(ids)
    buffer.begin()
    buffer.add('A', [1])
    buffer.end()
    buffer.begin()
    buffer.add('B', [2])
    buffer.abort()
    buffer.begin()
    buffer.add('C', [3])
    buffer.add('B', [4])
    buffer.end()
    expect(decode(buffer.bytes).records).toEqual([
      [{ sql: 'A', parameters: [1] }],
      [
        { sql: 'C', parameters: [3] },
        { sql: 'B', parameters: [4] },
      ],
    ])
  })

  it('fault 18: cut at every byte leaves the records before it', () => {
    const first = encode([[one('first')]])
    const both = encode([[one('first')], [one('žluť', new Uint8Array(30), null, 1.5)]])
    for (let length = first.length; length < both.length; length += 1) {
      const { records, validLength, problem } = decode(both.subarray(0, length))
      expect(records).toEqual([[one('first')]])
      expect(validLength).toBe(first.length)
      expect(problem).toBe(length === first.length ? null : 'the last record is cut off')
    }
  })

  it('fault 18: any flipped bit is found', () => {
    const first = encode([[one('first')]])
    const both = encode([[one('first')], [one('second', new Uint8Array(20), null, 1.5)]])
    for (let position = first.length; position < both.length; position += 1) {
      for (let bit = 0; bit < 8; bit += 1) {
        const damaged = Buffer.from(both)
        damaged[position] = (damaged[position] ?? 0) ^ (1 << bit)
        const { records, validLength, problem } = decode(damaged)
        expect(records).toEqual([[one('first')]])
        expect(validLength).toBe(first.length)
        expect(problem).not.toBeNull()
      }
    }
  })

  it('fault 18: a run of zeros is no record', () => {
    const first = encode([[one('first')]])
    const { records, validLength, problem } = decode(Buffer.concat([first, Buffer.alloc(4096)]))
    expect(records).toHaveLength(1)
    expect(validLength).toBe(first.length)
    expect(problem).toBe('a record is empty')
  })
})

describe('a segment header', () => {
  it('brings back what was put in', () => {
    const header = { generation: 4_000_000_000, previousGeneration: 7, previousLength: 5_000_000_000 }
    expect(decodeSegmentHeader(encodeSegmentHeader(header))).toEqual(header)
  })

  it('is not found in foreign or cut-off bytes', () => {
    const header = encodeSegmentHeader({ generation: 1, previousGeneration: 1, previousLength: 0 })
    expect(decodeSegmentHeader(header.subarray(0, 23))).toBeNull()
    expect(decodeSegmentHeader(Buffer.from('SQLite format 3\0'.padEnd(100)))).toBeNull()
  })
})

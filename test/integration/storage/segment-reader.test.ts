import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  encodeSegmentHeader,
  readParameters,
  RecordBuffer,
  segmentHeaderBytes,
  StatementIds,
  type RecordWalk,
} from '../../../src-main/storage/journal-record.ts'
import { SegmentReader } from '../../../src-main/storage/segment-reader.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hookbench-segment-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

/** A segment with one record for each length of a text. */
function segmentOf(lengths: readonly number[]): Buffer {
  const records = new RecordBuffer(new StatementIds())
  for (const length of lengths) {
    records.begin()
    records.add('INSERT INTO t VALUES (?)', ['x'.repeat(length)])
    records.end()
  }
  const header = encodeSegmentHeader({ generation: 1, previousGeneration: 1, previousLength: 0 })
  return Buffer.concat([header, records.bytes])
}

async function read(bytes: Buffer, atMost?: number): Promise<{ lengths: number[]; walk: RecordWalk }> {
  const path = join(folder, 'segment')
  await writeFile(path, bytes)
  const reader = await SegmentReader.open(path, atMost)
  const lengths: number[] = []
  try {
    const walk = await reader.walk(segmentHeaderBytes, (apply) =>
      apply((_sql, payload, start) => {
        const { values, end } = readParameters(payload, start)
        lengths.push(String(values[0]).length)
        return end
      }),
    )
    return { lengths, walk }
  } finally {
    await reader.close()
  }
}

describe('a segment that is read in pieces', () => {
  it('gives every record, also those across the border of two pieces and those larger than one', async () => {
    const lengths = [
      ...Array.from({ length: 3000 }, (_, index) => index % 1500),
      3_000_000,
      ...Array.from({ length: 300 }, () => 10_000),
    ]
    const bytes = segmentOf(lengths)
    const { lengths: found, walk } = await read(bytes)
    expect(found).toEqual(lengths)
    expect(walk).toEqual({ records: lengths.length, validLength: bytes.length, problem: null })
  })

  it.each([
    ['its last record is cut off', [1000, 2_000_000, 50], 20, 2],
    ['a large record is cut off', [1000, 2_000_000], 500_000, 1],
    ['it ends within the head of a record', [1000, 50], 63, 1],
  ])('stops where %s', async (_what, lengths, missing, whole) => {
    const bytes = segmentOf(lengths)
    const { lengths: found, walk } = await read(bytes, bytes.length - missing)
    expect(found).toEqual(lengths.slice(0, whole))
    expect(walk.problem).toBe('the last record is cut off')
    expect(walk.validLength).toBe(segmentOf(lengths.slice(0, whole)).length)
  })

  it('stops at a record whose length is beyond the file, and takes no memory for it', async () => {
    const sound = segmentOf([1000])
    const absurd = Buffer.alloc(2_000_000, 0xff)
    const { walk } = await read(Buffer.concat([sound, absurd]))
    expect(walk).toEqual({ records: 1, validLength: sound.length, problem: 'the last record is cut off' })
  })

  it('stops at a damaged record in a later piece', async () => {
    const before = Array.from({ length: 300 }, () => 10_000)
    const bytes = segmentOf([...before, 10, 10])
    const damagedAt = segmentOf(before).length
    bytes[damagedAt + 20] = (bytes[damagedAt + 20] ?? 0) ^ 1
    const { lengths, walk } = await read(bytes)
    expect(lengths).toEqual(before)
    expect(walk).toEqual({ records: 300, validLength: damagedAt, problem: 'a record fails its checksum' })
  })
})

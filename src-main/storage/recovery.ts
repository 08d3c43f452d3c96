import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import {
  decodeSegmentHeader,
  segmentHeaderBytes,
  type ExecuteEncoded,
  type RecordWalk,
} from './journal-record.ts'
import { SegmentReader } from './segment-reader.ts'
import { generationOf, readSnapshot, segmentName, snapshotName } from './snapshot.ts'
import { Sqlite } from './sqlite.ts'

/**
 * Brings back the database of a folder: the newest sound snapshot, then the segments from there on, in order,
 * up to the first record that is cut off or damaged. Reads only; what to do about damage is the caller's.
 * The compaction worker uses the same code, so a snapshot is what recovery would have made.
 */

/** Something recovery could not use. `file` is a name in the folder. */
export interface Damage {
  readonly file: string
  readonly reason: string
  /** For a segment: bytes from here on were not used. */
  readonly fromByte?: number
  readonly droppedBytes?: number
}

/** A place in the journal: a segment, and how many of its bytes count. */
export interface JournalEnd {
  readonly generation: number
  readonly length: number
}

export interface Recovered {
  readonly database: Sqlite
  /** Generation of the snapshot it began with; 0 when it began empty. */
  readonly snapshot: number
  /** Every segment that was applied, oldest first, with its sound length. */
  readonly segments: readonly JournalEnd[]
  /** The newest segment up to where everything is in the database; the next one names it. */
  readonly end: JournalEnd | null
  /** Bytes that were applied from segments. */
  readonly bytes: number
  readonly damage: readonly Damage[]
  /** The highest generation that any file in the folder bears. */
  readonly newest: number
}

/** How far to go; everything by default. */
export interface RecoveryLimit {
  /** The last segment to apply. */
  readonly upTo: number
  /** How many bytes of that segment to use. */
  readonly length?: number
}

/** @throws Error when a sound record can't be applied: nothing in the folder is to be touched then */
export async function recover(folder: string, limit?: RecoveryLimit): Promise<Recovered> {
  const upTo = limit?.upTo ?? Number.MAX_SAFE_INTEGER
  const names = await readdir(folder)
  const snapshots = generations(names, 'snapshot').filter((generation) => generation <= upTo + 1)
  const allSegments = generations(names, 'journal')
  const damage: Damage[] = []
  const { database, snapshot } = await openNewestSound(folder, snapshots, damage)
  try {
    const replay = new Replay(database, snapshot, damage)
    for (const generation of allSegments.filter((g) => g >= snapshot && g <= upTo)) {
      const length = generation === upTo ? limit?.length : undefined
      if (!(await replay.segment(folder, generation, length))) break
    }
    const below = allSegments.findLast((generation) => generation < snapshot)
    return {
      database,
      snapshot,
      segments: replay.applied,
      end: replay.applied.at(-1) ?? (below === undefined ? null : await wholeSegment(folder, below)),
      bytes: replay.bytes,
      damage,
      newest: Math.max(0, ...snapshots, ...allSegments),
    }
  } catch (error) {
    database.close()
    throw error
  }
}

/** True when everything up to `end` was found and used. */
export function reaches({ snapshot, segments, damage }: Recovered, end: JournalEnd | null): boolean {
  if (damage.some(({ fromByte }) => fromByte !== undefined)) return false
  if (end === null || snapshot > end.generation) return true
  const last = segments.at(-1)
  return last?.generation === end.generation && last.length === end.length
}

async function wholeSegment(folder: string, generation: number): Promise<JournalEnd> {
  return { generation, length: (await stat(join(folder, segmentName(generation)))).size }
}

function generations(names: readonly string[], kind: 'snapshot' | 'journal'): number[] {
  return names
    .map((name) => generationOf(kind, name))
    .filter((generation) => generation !== null)
    .sort((a, b) => a - b)
}

async function openNewestSound(
  folder: string,
  snapshots: readonly number[],
  damage: Damage[],
): Promise<{ database: Sqlite; snapshot: number }> {
  for (const generation of snapshots.toReversed()) {
    const image = await readSnapshot(folder, generation)
    if (typeof image === 'string') damage.push({ file: snapshotName(generation), reason: image })
    else return { database: await Sqlite.open(image), snapshot: generation }
  }
  return { database: await Sqlite.open(), snapshot: 0 }
}

/** SQLite keeps the former state of a transaction's pages in memory, and never gives that memory back. */
const bytesPerTransaction = 64 * 1024

class Replay {
  readonly applied: JournalEnd[] = []
  bytes = 0
  readonly #database: Sqlite
  readonly #snapshot: number
  readonly #damage: Damage[]

  constructor(database: Sqlite, snapshot: number, damage: Damage[]) {
    this.#database = database
    this.#snapshot = snapshot
    this.#damage = damage
  }

  /**
   * Applies one segment, or its first `length` bytes.
   * @returns false when what follows must not be applied
   */
  async segment(folder: string, generation: number, length?: number): Promise<boolean> {
    const file = segmentName(generation)
    const reader = await SegmentReader.open(join(folder, file), length)
    try {
      return await this.#replay(reader, file, generation)
    } finally {
      await reader.close()
    }
  }

  async #replay(reader: SegmentReader, file: string, generation: number): Promise<boolean> {
    // A crash while it was being made: its header is on disk before the first record is written.
    if (reader.length === 0) return true
    const problem = this.#headerProblem(await reader.head(segmentHeaderBytes), generation)
    if (problem !== null) {
      this.#damage.push({ file, reason: problem, fromByte: 0, droppedBytes: reader.length })
      return false
    }
    const walk = await this.#apply(reader, file)
    this.bytes += walk.validLength
    this.applied.push({ generation, length: walk.validLength })
    if (walk.problem === null) return true
    const droppedBytes = reader.length - walk.validLength
    this.#damage.push({ file, reason: walk.problem, fromByte: walk.validLength, droppedBytes })
    return false
  }

  async #apply(reader: SegmentReader, file: string): Promise<RecordWalk> {
    this.#database.begin()
    try {
      let bytesInTransaction = 0
      const onRecord = (apply: (execute: ExecuteEncoded) => void): void => {
        if (bytesInTransaction > bytesPerTransaction) {
          this.#database.commit()
          this.#database.begin()
          bytesInTransaction = 0
        }
        try {
          apply((sql, record, start) => {
            const end = this.#database.runEncoded(sql, record, start)
            bytesInTransaction += end - start
            return end
          })
        } catch (cause) {
          const reason = cause instanceof Error ? cause.message : String(cause)
          throw new Error(`a record of ${file} can't be applied (${reason})`, { cause })
        }
      }
      return await reader.walk(segmentHeaderBytes, onRecord, (piece) => this.#database.load(piece))
    } finally {
      this.#database.unload()
      this.#database.commit()
    }
  }

  #headerProblem(bytes: Buffer, generation: number): string | null {
    const header = decodeSegmentHeader(bytes)
    if (header === null)
      return bytes.length < segmentHeaderBytes ? 'its header is cut off' : 'it is no journal segment'
    if (header.generation !== generation) return 'it is the segment of another generation'
    if (header.previousGeneration === header.generation) return null
    const before = this.applied.at(-1)
    const missing = `segment ${header.previousGeneration} before it is missing`
    // The first one has to join on to the snapshot.
    if (before === undefined) return header.previousGeneration < this.#snapshot ? null : missing
    if (header.previousGeneration !== before.generation) return missing
    return header.previousLength === before.length ? null : 'the segment before it lost records'
  }
}

import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { decodeSegmentHeader, segmentHeaderBytes, walkRecords } from './journal-record.ts'
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

export interface Recovered {
  readonly database: Sqlite
  /** Generation of the snapshot it began with; 0 when it began empty. */
  readonly snapshot: number
  /** Every segment that was applied, oldest first, with its sound length. */
  readonly segments: readonly { readonly generation: number; readonly length: number }[]
  /** Records and bytes that were applied from segments. */
  readonly records: number
  readonly bytes: number
  readonly damage: readonly Damage[]
  /** The highest generation that any file in the folder bears. */
  readonly newest: number
}

/** @param upTo apply segments up to this generation only (the worker leaves the live one alone). */
export async function recover(folder: string, upTo = Number.MAX_SAFE_INTEGER): Promise<Recovered> {
  const names = await readdir(folder)
  const snapshots = generations(names, 'snapshot').filter((generation) => generation <= upTo + 1)
  const allSegments = generations(names, 'journal')
  const damage: Damage[] = []
  const { database, snapshot } = await openNewestSound(folder, snapshots, damage)
  const replay = new Replay(database, damage)
  for (const generation of allSegments.filter((g) => g >= snapshot && g <= upTo)) {
    if (!(await replay.segment(folder, generation))) break
  }
  return {
    database,
    snapshot,
    segments: replay.applied,
    records: replay.records,
    bytes: replay.bytes,
    damage,
    newest: Math.max(0, ...snapshots, ...allSegments),
  }
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

class Replay {
  readonly applied: { generation: number; length: number }[] = []
  records = 0
  bytes = 0
  readonly #database: Sqlite
  readonly #damage: Damage[]

  constructor(database: Sqlite, damage: Damage[]) {
    this.#database = database
    this.#damage = damage
  }

  /** Applies one segment; false when what follows must not be applied. */
  async segment(folder: string, generation: number): Promise<boolean> {
    const file = segmentName(generation)
    const bytes = await readFile(join(folder, file))
    const problem = this.#headerProblem(bytes, generation)
    if (problem !== null) {
      this.#damage.push({ file, reason: problem, fromByte: 0, droppedBytes: bytes.length })
      return false
    }
    const definitions = new Map<number, string>()
    this.#database.begin()
    const walk = walkRecords(bytes, segmentHeaderBytes, definitions, (apply) => apply(this.#database.run))
    this.#database.commit()
    this.records += walk.records
    this.bytes += walk.validLength
    this.applied.push({ generation, length: walk.validLength })
    if (walk.problem === null) return true
    const droppedBytes = bytes.length - walk.validLength
    this.#damage.push({ file, reason: walk.problem, fromByte: walk.validLength, droppedBytes })
    return false
  }

  #headerProblem(bytes: Buffer, generation: number): string | null {
    const header = decodeSegmentHeader(bytes)
    if (header === null) return bytes.length < segmentHeaderBytes ? 'its header is cut off' : 'it is no journal segment'
    if (header.generation !== generation) return 'it is the segment of another generation'
    const before = this.applied.at(-1)
    if (before === undefined || header.previousGeneration === header.generation) return null
    if (header.previousGeneration !== before.generation) return `segment ${header.previousGeneration} before it is missing`
    return header.previousLength === before.length ? null : 'the segment before it lost records'
  }
}

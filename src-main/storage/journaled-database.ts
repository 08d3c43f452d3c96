import { copyFile, mkdir, open as openFile, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { AppError } from '../../src-shared/errors.ts'
import type { Clock, Timer } from '../engine/ports.ts'
import { describeFileError, type AppendFile, type FileSystem } from './file-system.ts'
import { encodeSegmentHeader, RecordBuffer, segmentHeaderBytes, walkRecords, type Execute } from './journal-record.ts'
import { recover, type Damage, type Recovered } from './recovery.ts'
import { segmentName } from './snapshot.ts'
import type { Sqlite } from './sqlite.ts'

/**
 * The in-memory database and the journal that makes it durable.
 *
 *     open ──▶ healthy ──a write or fsync fails──▶ failed ──▶ (truncate, recover, new segment) ──▶ healthy
 *                 └────────────── close ──────────────┘
 *
 * Every transaction runs in memory at once and is appended to the journal as one record. All transactions of one
 * event-loop turn, and all that come while an fsync is under way, share one write and one fdatasync. `durable` of a
 * transaction resolves after that fsync. When a write or fsync fails, everything that was not acknowledged is
 * refused and forgotten: the database is recovered from the acknowledged part of the files, because after a failed
 * fsync the page cache can't be trusted.
 */

export interface JournalOptions {
  readonly folder: string
  readonly files: FileSystem
  readonly clock: Clock
  /** Called when writing fails, and again (with null) when it works again. */
  readonly onHealth: (problem: string | null) => void
  /** Called after the database was recovered in mid-life: everything derived from it must be read again. */
  readonly onReload: () => void
  /** Called with the milliseconds of each write-and-fsync. */
  readonly onSync?: (durationMs: number) => void
  /** Refuses a recovered database (by throwing) before anything in the folder is touched. */
  readonly validate: (database: Sqlite) => void
}

const retryFailedAfterMs = 1000

interface Batch {
  readonly promise: Promise<void>
  readonly resolve: () => void
  readonly reject: (error: Error) => void
}

interface Segment {
  readonly generation: number
  readonly file: AppendFile
  /** Bytes that are known to be on disk. */
  length: number
}

function newBatch(): Batch {
  let resolve!: () => void
  let reject!: (error: Error) => void
  const promise = new Promise<void>((onResolve, onReject) => {
    resolve = onResolve
    reject = onReject
  })
  // Whoever needs the outcome awaits it; a batch nobody waits for must not end the process.
  promise.catch(() => undefined)
  return { promise, resolve, reject }
}

export class JournaledDatabase {
  readonly #options: JournalOptions
  #database: Sqlite
  #previous: { generation: number; length: number } | null
  #nextGeneration: number
  #segment: Segment | null = null
  #statementIds = new Map<string, number>()
  #buffer: RecordBuffer
  #spare: RecordBuffer
  #batch: Batch | null = null
  #sealing: Batch | null = null
  #flushing: Promise<void> | null = null
  #scheduled = false
  #failure: string | null = null
  #retryTimer: Timer | null = null
  #closed = false
  #sealedBytes: number
  #sealedSegments: number

  private constructor(options: JournalOptions, recovered: Recovered) {
    this.#options = options
    this.#database = recovered.database
    this.#previous = recovered.segments.at(-1) ?? null
    this.#nextGeneration = recovered.newest + 1
    this.#buffer = new RecordBuffer(this.#statementIds)
    this.#spare = new RecordBuffer(this.#statementIds)
    this.#sealedBytes = recovered.bytes
    this.#sealedSegments = recovered.segments.length
  }

  /** Recovers the folder's database. Damage is set aside under `aside/` and reported, never wiped. */
  static async open(options: JournalOptions): Promise<{ journal: JournaledDatabase; damage: readonly Damage[] }> {
    const recovered = await recover(options.folder)
    options.validate(recovered.database)
    await setAside(options, recovered)
    return { journal: new JournaledDatabase(options, recovered), damage: recovered.damage }
  }

  /** For reading. Replaced after a failure, so don't keep it. */
  get database(): Sqlite {
    return this.#database
  }

  /** Why nothing can be written just now, or null. */
  get failure(): string | null {
    return this.#failure
  }

  /** Journal bytes and segments that a snapshot does not hold yet: when to compact. */
  get backlog(): { readonly bytes: number; readonly segments: number } {
    return {
      bytes: this.#sealedBytes + (this.#segment?.length ?? 0),
      segments: this.#sealedSegments + (this.#segment === null ? 0 : 1),
    }
  }

  /** The generation that the next record goes to: bodies orphaned now are needed until a kept snapshot is above it. */
  get generation(): number {
    return this.#segment?.generation ?? this.#nextGeneration
  }

  /**
   * Runs `work` as one atomic transaction: all of its statements or, when it throws, none.
   * @returns a promise that resolves once the transaction is on disk
   * @throws AppError `storage_unavailable` when writing has failed and does not work again yet
   */
  transaction(work: (run: Execute) => void): Promise<void> {
    if (this.#failure !== null) throw new AppError('storage_unavailable', { reason: this.#failure })
    if (this.#closed) throw new AppError('storage_unavailable', { reason: 'Hookbench is stopping' })
    const buffer = this.#buffer
    this.#database.begin()
    const recordStart = buffer.length
    buffer.begin()
    try {
      work((sql, parameters) => {
        this.#database.run(sql, parameters)
        buffer.add(sql, parameters)
      })
    } catch (error) {
      this.#undo(recordStart)
      throw error
    }
    if (!buffer.end()) return Promise.resolve()
    this.#batch ??= newBatch()
    this.#schedule()
    return this.#batch.promise
  }

  /** Resolves when everything written so far is on disk. */
  async settled(): Promise<void> {
    while (this.#batch !== null || this.#flushing !== null) {
      await (this.#flushing ?? this.#batch?.promise)
    }
  }

  /**
   * Seals the live segment, so that the worker can fold it into a snapshot.
   * @returns the newest sealed generation, or null when nothing was ever written
   */
  async seal(): Promise<number | null> {
    if (this.#failure !== null) throw new AppError('storage_unavailable', { reason: this.#failure })
    this.#sealing ??= newBatch()
    const sealed = this.#sealing.promise
    this.#schedule()
    await sealed
    return this.#previous?.generation ?? null
  }

  /** Tells that a snapshot now holds all segments up to `generation`, which {@link seal} returned. */
  compacted(generation: number): void {
    const sealedSince = this.#previous !== null && this.#previous.generation > generation
    this.#sealedBytes = sealedSince ? (this.#previous?.length ?? 0) : 0
    this.#sealedSegments = sealedSince ? 1 : 0
  }

  async close(): Promise<void> {
    await this.settled().catch(() => undefined)
    this.#closed = true
    this.#retryTimer?.cancel()
    await this.#segment?.file.close()
    this.#segment = null
    this.#database.close()
  }

  // The failed transaction's statements are undone by rolling the whole turn back and running its sound records again.
  #undo(recordStart: number): void {
    this.#buffer.abort()
    this.#database.rollback()
    this.#database.begin()
    const definitions = new Map([...this.#statementIds].map(([sql, id]) => [id, sql]))
    const sound = this.#buffer.bytes.subarray(0, recordStart)
    walkRecords(sound, 0, definitions, (apply) => apply(this.#database.run))
    this.#schedule()
  }

  #schedule(): void {
    if (this.#scheduled || this.#flushing !== null) return
    this.#scheduled = true
    setImmediate(() => {
      this.#scheduled = false
      this.#startFlush()
    })
  }

  #startFlush(): void {
    if (this.#flushing !== null || this.#failure !== null) return
    this.#flushing = this.#flush().finally(() => {
      this.#flushing = null
      if (this.#buffer.length > 0 || this.#sealing !== null) this.#startFlush()
    })
  }

  async #flush(): Promise<void> {
    this.#database.commit()
    const batch = this.#batch
    const sealing = this.#sealing
    this.#batch = null
    this.#sealing = null
    const full = this.#buffer
    this.#buffer = this.#spare
    this.#spare = full
    // Records from here on go to the next segment, which has to define its statements itself.
    if (sealing !== null) this.#statementIds.clear()
    try {
      if (batch !== null) await this.#write(full)
      batch?.resolve()
      if (sealing !== null) await this.#sealLive()
      sealing?.resolve()
    } catch (error) {
      this.#fail(error, [batch, sealing])
    } finally {
      full.clear()
    }
  }

  async #write(records: RecordBuffer): Promise<void> {
    this.#segment ??= await this.#createSegment()
    const started = this.#options.clock.monotonicMs()
    await this.#segment.file.append(records.bytes)
    await this.#segment.file.sync()
    this.#options.onSync?.(this.#options.clock.monotonicMs() - started)
    this.#segment.length += records.length
  }

  async #sealLive(): Promise<void> {
    const segment = this.#segment
    if (segment === null) return
    this.#sealSegment(segment)
    await segment.file.close()
  }

  async #createSegment(): Promise<Segment> {
    const generation = this.#nextGeneration
    const path = join(this.#options.folder, segmentName(generation))
    const previous = this.#previous ?? { generation, length: 0 }
    // What a failed attempt to make this segment may have left.
    await this.#options.files.remove(path)
    const file = await this.#options.files.openAppend(path)
    try {
      const header = encodeSegmentHeader({
        generation,
        previousGeneration: previous.generation,
        previousLength: previous.length,
      })
      await file.append(header)
      await file.sync()
      await this.#options.files.syncFolder(this.#options.folder)
    } catch (error) {
      await file.close().catch(() => undefined)
      await this.#options.files.remove(path).catch(() => undefined)
      throw error
    }
    this.#nextGeneration = generation + 1
    return { generation, file, length: segmentHeaderBytes }
  }

  #sealSegment(segment: Segment): void {
    this.#segment = null
    this.#previous = { generation: segment.generation, length: segment.length }
    this.#sealedBytes += segment.length
    this.#sealedSegments += 1
  }

  #fail(error: unknown, batches: readonly (Batch | null)[]): void {
    this.#failure = describeFileError(error)
    const refusal = new AppError('storage_unavailable', { reason: this.#failure }, { cause: error })
    for (const batch of [...batches, this.#batch, this.#sealing]) batch?.reject(refusal)
    this.#batch = null
    this.#sealing = null
    this.#buffer.clear()
    this.#options.onHealth(this.#failure)
    this.#retryLater()
  }

  #retryLater(): void {
    this.#retryTimer = this.#options.clock.after(retryFailedAfterMs, () => {
      this.#heal().then(
        () => undefined,
        (error: unknown) => {
          this.#failure = describeFileError(error)
          this.#retryLater()
        },
      )
    })
  }

  /** Back to the acknowledged state: cut off what was not acknowledged, recover, and prove that writing works. */
  async #heal(): Promise<void> {
    if (this.#closed) return
    const { files, folder } = this.#options
    const torn = this.#segment
    if (torn !== null) {
      await torn.file.close().catch(() => undefined)
      await files.truncate(join(folder, segmentName(torn.generation)), torn.length)
      this.#sealSegment(torn)
    }
    this.#statementIds.clear()
    const segment = await this.#createSegment()
    const recovered = await this.#recoverBeside(segment)
    const old = this.#database
    this.#database = recovered.database
    this.#segment = segment
    old.close()
    this.#failure = null
    this.#options.onReload()
    this.#options.onHealth(null)
  }

  async #recoverBeside(segment: Segment): Promise<Recovered> {
    const { files, folder } = this.#options
    try {
      return await recover(folder)
    } catch (error) {
      // An empty segment left behind would break the chain of generations.
      await segment.file.close().catch(() => undefined)
      await files.remove(join(folder, segmentName(segment.generation)))
      throw error
    }
  }
}

/** Keeps what recovery could not use: damaged snapshots are moved, cut-off tails copied and then truncated. */
async function setAside(options: JournalOptions, recovered: Recovered): Promise<void> {
  if (recovered.damage.length === 0) return
  const { folder, files, clock } = options
  const aside = join(folder, 'aside')
  await mkdir(aside, { recursive: true, mode: 0o700 })
  for (const damage of recovered.damage) {
    const path = join(folder, damage.file)
    const kept = join(aside, `${clock.now()}-${damage.file}`)
    if (damage.fromByte === undefined || damage.fromByte === 0) {
      await rename(path, kept)
      continue
    }
    await copyFile(path, kept)
    const handle = await openFile(kept, 'r+')
    await handle.sync()
    await handle.close()
    await files.truncate(path, damage.fromByte)
  }
  await setAsideLaterSegments(options, recovered, aside)
  await files.syncFolder(folder)
}

/** Segments behind a damaged one can't be applied any more; left in place they would be taken for its sequel. */
async function setAsideLaterSegments(options: JournalOptions, recovered: Recovered, aside: string): Promise<void> {
  const last = recovered.segments.at(-1)?.generation ?? recovered.snapshot - 1
  for (let generation = last + 1; generation <= recovered.newest; generation += 1) {
    const name = segmentName(generation)
    await rename(join(options.folder, name), join(aside, `${options.clock.now()}-${name}`)).catch(() => undefined)
  }
}

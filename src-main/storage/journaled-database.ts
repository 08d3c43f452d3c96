import { AppError } from '../../src-shared/errors.ts'
import type { Clock, Timer } from '../engine/ports.ts'
import { describeFileError, type FileSystem } from './file-system.ts'
import { newBatch, type Batch } from './batch.ts'
import { HeldRecords } from './held-records.ts'
import { StatementIds, type Execute, type RecordBuffer } from './journal-record.ts'
import { reaches, recover, type Damage, type Recovered } from './recovery.ts'
import { SegmentChain } from './segment-chain.ts'
import { setAside } from './set-aside.ts'
import type { Sqlite } from './sqlite.ts'

/**
 * The in-memory database and the journal that makes it durable.
 *
 *     open ──▶ healthy ──a write or fsync fails──▶ failed ──read again──▶ failed, memory is as on disk
 *                 ▲                                                               │
 *                 └──── every second: cut off what was refused, new segment ◀─────┘
 *
 * Every transaction is one record. All records of one event-loop turn, and all that come while an fsync is under way,
 * share one write and one fdatasync; the promise of a transaction resolves after that. SQLite runs the records of a
 * turn in one go, at the turn's end or when somebody reads: switching between SQLite and everything else costs more
 * than the statements. A transaction that has to read what it changes (`transaction`) runs at once.
 *
 * SQLite's own transaction, which only serves to undo, goes on over many of ours. When a record can't be run, it is
 * rolled back, and what is written of it is run once more; the records of the same write are refused. (Savepoints would
 * copy pages at every write.) When a write or fsync fails, everything that was not acknowledged is refused and
 * forgotten: the database is recovered from the acknowledged part of the files, because after a failed fsync the page
 * cache can't be trusted.
 */

export interface JournalOptions {
  readonly folder: string
  readonly files: FileSystem
  readonly clock: Clock
  /** Called when writing fails, and again (with null) when it works again. */
  readonly onHealth: (problem: string | null) => void
  /** Called after a failure, when reads show the acknowledged state again: what is derived from it must be read again. */
  readonly onReload: () => void
  /** Called with the milliseconds of each write-and-fsync. */
  readonly onSync?: (durationMs: number) => void
  /** Refuses a recovered database (by throwing) before anything in the folder is touched. */
  readonly validate: (database: Sqlite) => void
}

const writeAgainAfterMs = 1000
/** Reading everything again is work: not every second. */
const readAgainAfterMs = 10_000

export class JournaledDatabase {
  readonly #options: JournalOptions
  #database: Sqlite
  readonly #segments: SegmentChain
  readonly #statementIds = new StatementIds()
  #buffer: RecordBuffer
  /** How many statements were defined before the first record in `#buffer`. */
  #idsBefore = 0
  /** How much of `#buffer` SQLite has run. */
  #ranTo = 0
  /** The records before those in `#buffer` that SQLite's open transaction holds, for {@link #undo}. */
  readonly #held = new HeldRecords(this.#statementIds)
  /** The segment that the records in `#buffer` go to. */
  #bufferGeneration: number
  #batch: Batch | null = null
  #sealing: Batch | null = null
  #flushing: Promise<void> | null = null
  #scheduled = false
  #failure: string | null = null
  /** True while memory may hold what was refused. */
  #stale = false
  #mending: Promise<void> = Promise.resolve()
  #mendTimer: Timer | null = null
  #closing: Promise<void> | null = null

  private constructor(options: JournalOptions, recovered: Recovered) {
    this.#options = options
    this.#database = recovered.database
    this.#segments = new SegmentChain(options.files, options.folder, recovered)
    this.#bufferGeneration = this.#segments.nextGeneration
    this.#buffer = this.#held.empty()
  }

  /** Recovers the folder's database. Damage is set aside under `aside/` and reported, never wiped. */
  static async open(
    options: JournalOptions,
  ): Promise<{ journal: JournaledDatabase; damage: readonly Damage[] }> {
    const recovered = await recover(options.folder)
    try {
      options.validate(recovered.database)
      await setAside(options.files, options.folder, options.clock.now(), recovered)
    } catch (error) {
      recovered.database.close()
      throw error
    }
    return { journal: new JournaledDatabase(options, recovered), damage: recovered.damage }
  }

  /** For reading: as of all transactions so far. Replaced after a failure, so don't keep it. */
  get database(): Sqlite {
    this.#runBuffered()
    return this.#database
  }

  /** Why nothing can be written just now, or null. */
  get failure(): string | null {
    return this.#failure
  }

  /** Journal bytes and segments that a snapshot does not hold yet: when to compact. */
  get backlog(): { readonly bytes: number; readonly segments: number } {
    return this.#segments.backlog
  }

  /** The generation that the next record goes to: bodies orphaned now are needed until a kept snapshot is above it. */
  get generation(): number {
    return this.#bufferGeneration
  }

  /**
   * Appends the statements of `work` as one atomic transaction that needs no reading; SQLite runs it later, before
   * anybody reads.
   * @returns a promise that resolves once the transaction is on disk; it rejects when the statements can't be run
   * @throws AppError `storage_unavailable` when writing has failed and does not work again yet
   */
  append(work: (run: Execute) => void): Promise<void> {
    this.#requireWritable()
    const buffer = this.#buffer
    buffer.begin()
    try {
      work(this.#add)
    } catch (error) {
      buffer.abort()
      throw error
    }
    return this.#end(buffer)
  }

  /**
   * Runs `work` as one atomic transaction, statement by statement: all of it or, when it throws, nothing.
   * @returns a promise that resolves once the transaction is on disk
   * @throws AppError `storage_unavailable` when writing has failed and does not work again yet
   */
  transaction(work: (run: Execute) => void): Promise<void> {
    this.#requireWritable()
    this.#runBuffered()
    const buffer = this.#buffer
    this.#database.begin()
    buffer.begin()
    try {
      work((sql, parameters) => {
        const start = buffer.add(sql, parameters)
        this.#database.runEncoded(sql, buffer.backing, start)
      })
    } catch (error) {
      buffer.abort()
      this.#undo()
      throw error
    }
    const durable = this.#end(buffer)
    this.#ranTo = buffer.length
    return durable
  }

  readonly #add: Execute = (sql, parameters) => {
    this.#buffer.add(sql, parameters)
  }

  #end(buffer: RecordBuffer): Promise<void> {
    if (!buffer.end()) return Promise.resolve()
    this.#batch ??= newBatch()
    this.#schedule()
    return this.#batch.promise
  }

  /** Resolves when what was written by now is on disk, or was refused; what is written meanwhile isn't waited for. */
  async durable(): Promise<void> {
    await (this.#batch?.promise ?? this.#flushing)?.catch(() => undefined)
  }

  /** Resolves when everything written so far is on disk. @throws AppError `storage_unavailable` when that failed */
  async settled(): Promise<void> {
    while (this.#batch !== null || this.#sealing !== null || this.#flushing !== null) {
      await (this.#flushing ?? this.#batch?.promise ?? this.#sealing?.promise)
    }
    if (this.#failure !== null) throw new AppError('storage_unavailable', { reason: this.#failure })
  }

  /**
   * Seals the live segment, so that the worker can fold it into a snapshot.
   * @returns the newest sealed generation, or null when nothing was ever written
   */
  async seal(): Promise<number | null> {
    this.#requireWritable()
    this.#sealing ??= newBatch()
    const sealed = this.#sealing.promise
    this.#schedule()
    await sealed
    return this.#segments.sealed
  }

  /** Tells that a snapshot now holds all segments up to `generation`, which {@link seal} returned. */
  compacted(generation: number): void {
    this.#segments.compacted(generation)
  }

  /** Writes what was begun, then closes; while writing fails it cuts off what was refused, if that works. */
  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    await this.settled().catch(() => undefined)
    this.#mendTimer?.cancel()
    await this.#mending
    if (this.#failure !== null) await this.#segments.cutOffRefused().catch(() => undefined)
    await this.#segments.close()
    this.#database.close()
  }

  #requireWritable(): void {
    if (this.#failure !== null) throw new AppError('storage_unavailable', { reason: this.#failure })
    if (this.#closing !== null) throw new AppError('storage_unavailable', { reason: 'Hookbench is stopping' })
  }

  /** Lets SQLite run what was appended. When it can't, everything that is not on its way to the disk is refused. */
  #runBuffered(): void {
    const { wholeLength, backing } = this.#buffer
    if (this.#ranTo >= wholeLength || this.#stale) return
    this.#database.begin()
    try {
      this.#database.runRecords(backing, this.#ranTo, wholeLength, this.#statementIds.textOf)
      this.#ranTo = wholeLength
    } catch (error) {
      this.#refuse(error)
    }
  }

  /** Undoes what is in the buffer, in memory: nothing of it has been written. */
  #refuse(error: unknown): void {
    this.#batch?.reject(error instanceof Error ? error : new Error(String(error)))
    this.#batch = null
    this.#buffer.clear()
    this.#ranTo = 0
    // What the dropped records defined stands nowhere now.
    this.#statementIds.keep(this.#idsBefore)
    this.#undo()
    this.#options.onReload()
  }

  /** Takes back what SQLite has run beyond `#ranTo`. */
  #undo(): void {
    try {
      this.#database.rollback()
      this.#database.begin()
      for (const { backing, length } of this.#held.all) this.#runAgain(backing, length)
      this.#runAgain(this.#buffer.backing, this.#ranTo)
    } catch (error) {
      // Out of memory, say: what memory holds is not known any more, the files are.
      this.#fail(error, [])
    }
  }

  #runAgain(records: Buffer, length: number): void {
    this.#database.runRecords(records, 0, length, this.#statementIds.textOf)
  }

  #schedule(): void {
    if (this.#scheduled) return
    this.#scheduled = true
    setImmediate(() => {
      this.#scheduled = false
      // Also while an fsync is under way: that time is not lost then.
      this.#runBuffered()
      this.#startFlush()
    })
  }

  #startFlush(): void {
    if (this.#flushing !== null || (this.#batch === null && this.#sealing === null)) return
    this.#flushing = this.#flush().finally(() => {
      this.#flushing = null
      this.#startFlush()
    })
  }

  async #flush(): Promise<void> {
    this.#runBuffered()
    const batch = this.#batch
    const sealing = this.#sealing
    this.#batch = null
    this.#sealing = null
    const full = this.#buffer
    this.#buffer = this.#held.empty()
    this.#ranTo = 0
    this.#held.hold(full)
    const isLast = sealing !== null || this.#held.isFull
    if (sealing !== null) {
      // Records from here on go to the next segment, which has to define its statements itself.
      this.#statementIds.keep(0)
      if (this.#segments.isLive || batch !== null) this.#bufferGeneration += 1
    }
    this.#idsBefore = this.#statementIds.count
    try {
      if (isLast) this.#commit(full)
      if (batch !== null) await this.#write(full)
      batch?.resolve()
      if (sealing !== null) await this.#segments.seal()
      sealing?.resolve()
    } catch (error) {
      this.#fail(error, [batch, sealing])
    } finally {
      if (isLast) this.#held.giveBack(full)
    }
  }

  /** @param writing is still needed */
  #commit(writing: RecordBuffer): void {
    this.#database.commit()
    this.#held.releaseAllBut(writing)
  }

  async #write(records: RecordBuffer): Promise<void> {
    const segment = await this.#segments.live()
    const started = this.#options.clock.monotonicMs()
    await segment.file.append(records.bytes)
    await segment.file.sync()
    this.#options.onSync?.(this.#options.clock.monotonicMs() - started)
    segment.length += records.length
  }

  #fail(error: unknown, batches: readonly (Batch | null)[]): void {
    const reason = describeFileError(error)
    const refusal = new AppError('storage_unavailable', { reason }, { cause: error })
    for (const batch of [...batches, this.#batch, this.#sealing]) batch?.reject(refusal)
    this.#batch = null
    this.#sealing = null
    this.#buffer.clear()
    this.#ranTo = 0
    this.#stale = true
    if (this.#failure !== null) return
    this.#failure = reason
    this.#options.onHealth(reason)
    this.#mend(async () => {
      await this.#readAgain()
      await this.#segments.cutOffRefused()
    })
  }

  /** Runs a step on the way back to health and arms the next one. */
  #mend(step: () => Promise<void>): void {
    const run = async (): Promise<void> => {
      // A flush that is under way may still be acknowledged.
      await this.#flushing
      if (this.#closing === null) await step()
    }
    this.#mending = run().then(
      () => this.#mendLater(),
      (error: unknown) => {
        this.#failure = describeFileError(error)
        this.#mendLater()
      },
    )
  }

  #mendLater(): void {
    if (this.#failure === null || this.#closing !== null) return
    this.#mendTimer = this.#options.clock.after(this.#stale ? readAgainAfterMs : writeAgainAfterMs, () => {
      this.#mend(async () => {
        await this.#readAgain()
        await this.#segments.cutOffRefused()
        await this.#writeAgain()
      })
    })
  }

  /** Replaces what memory holds by the acknowledged part of the files. */
  async #readAgain(): Promise<void> {
    if (!this.#stale) return
    const { end } = this.#segments
    const limit = end === null ? { upTo: 0 } : { upTo: end.generation, length: end.length }
    const recovered = await recover(this.#options.folder, limit)
    if (!reaches(recovered, end)) {
      recovered.database.close()
      throw new Error('its files were changed or damaged by something else')
    }
    const old = this.#database
    this.#database = recovered.database
    this.#held.forget()
    this.#stale = false
    old.close()
    this.#options.onReload()
  }

  async #writeAgain(): Promise<void> {
    this.#statementIds.keep(0)
    this.#idsBefore = 0
    const { generation } = await this.#segments.live()
    this.#bufferGeneration = generation
    this.#failure = null
    this.#options.onHealth(null)
  }
}

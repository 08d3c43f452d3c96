import type { Clock, Timer } from '../engine/ports.ts'
import type { BodyStore } from './body-store.ts'
import { compactInWorker, pruneFiles } from './compaction.ts'
import type { FileSystem } from './file-system.ts'
import type { JournaledDatabase } from './journaled-database.ts'

export interface CompactorOptions {
  /** Of the journal and its snapshots. */
  readonly folder: string
  readonly files: FileSystem
  readonly clock: Clock
  readonly journal: JournaledDatabase
  readonly bodies: BodyStore
  readonly compactionWorker: URL
  /** Of the journal; while much is written, twice as much. */
  readonly compactAfterBytes?: number
  readonly onCompactionError?: (reason: string) => void
}

const compactAfterBytes = 32 * 1024 * 1024
const compactAfterSegments = 24
/** Folding takes a core and the disk for a while: under load it waits, but not beyond what a start reads in less than a second. */
const patience = 2
const quietMs = 1000
/** Transactions within {@link quietMs}. */
const quietTransactions = 20
/** After a compaction that failed; every commit would start another one otherwise. */
const compactAgainAfterMs = 60_000

/** Keeps the folder small: folds the journal into snapshots, and removes files that nothing needs any more. */
export class Compactor {
  readonly #options: CompactorOptions
  #running: Promise<void> | null = null
  /** Monotonic milliseconds. */
  #notBefore = -Infinity
  #transactions = 0
  /** Until it is quiet. */
  #waiting: Timer | null = null

  constructor(options: CompactorOptions) {
    this.#options = options
  }

  /** To be called after each transaction. */
  compactIfDue(): void {
    this.#transactions += 1
    const { journal, clock } = this.#options
    const { bytes, segments } = journal.backlog
    const limit = this.#options.compactAfterBytes ?? compactAfterBytes
    const tooLarge = bytes > limit || segments > compactAfterSegments
    if (!tooLarge || this.#running !== null || clock.monotonicMs() < this.#notBefore) return
    if (bytes > limit * patience || segments > compactAfterSegments * patience) this.#start()
    else this.#waiting ??= this.#startWhenQuiet()
  }

  #startWhenQuiet(): Timer {
    const before = this.#transactions
    return this.#options.clock.after(quietMs, () => {
      const isQuiet = this.#transactions - before <= quietTransactions
      this.#waiting = isQuiet ? null : this.#startWhenQuiet()
      if (isQuiet) this.#start()
    })
  }

  #start(): void {
    this.#waiting?.cancel()
    this.#waiting = null
    const { clock, onCompactionError } = this.#options
    this.compact().catch((error: unknown) => {
      this.#notBefore = clock.monotonicMs() + compactAgainAfterMs
      onCompactionError?.(error instanceof Error ? error.message : String(error))
    })
  }

  compact(): Promise<void> {
    this.#running ??= this.#compact().finally(() => {
      this.#running = null
    })
    return this.#running
  }

  /** Starts none by itself any more. Resolves when none is under way, whatever came of it. */
  async stop(): Promise<void> {
    this.#waiting?.cancel()
    this.#waiting = null
    this.#notBefore = Infinity
    await this.#running?.catch(() => undefined)
  }

  /** Files that a crash left between being written and being named by a row. A failure leaves them for the next start. */
  async removeForgottenBodies(): Promise<void> {
    for (const sha256 of await this.#options.bodies.list()) await this.#removeUnnamed(sha256)
  }

  async #compact(): Promise<void> {
    const { journal, files, folder, compactionWorker } = this.#options
    const sealed = await journal.seal()
    if (sealed === null) return
    const base = await compactInWorker(compactionWorker, { folder, upTo: sealed })
    journal.compacted(sealed)
    if (base === null) return
    await pruneFiles(files, folder, base)
    await this.#sweepBodies(base)
  }

  /** Removes body files whose last row went before the oldest kept snapshot was made. */
  async #sweepBodies(oldestKept: number): Promise<void> {
    const { journal, bodies } = this.#options
    const orphans = journal.database
      .all('SELECT sha256 FROM bodies WHERE references_count = 0 AND orphaned_in < ?', [oldestKept])
      .map((row) => String(row['sha256']))
      .filter((sha256) => !bodies.isHeld(sha256))
    if (orphans.length === 0) return
    await journal.transaction((run) => {
      for (const sha256 of orphans)
        run('DELETE FROM bodies WHERE sha256 = ? AND references_count = 0', [sha256])
    })
    for (const sha256 of orphans) await this.#removeUnnamed(sha256)
  }

  /** Looks right before removing: the same body may have come again meanwhile. */
  async #removeUnnamed(sha256: string): Promise<void> {
    const { journal, bodies } = this.#options
    const named = journal.database.value('SELECT 1 FROM bodies WHERE sha256 = ?', [sha256]) !== null
    if (!named && !bodies.isHeld(sha256)) await bodies.remove(sha256)
  }
}

import { RecordBuffer, type StatementIds } from './journal-record.ts'

/** SQLite's own transaction ends after this much of the journal: pages that many records change are written once. */
const transactionBytes = 512 * 1024
/** And after so many writes, however little they hold: each has a buffer of its own until then. */
const mostWrites = 32

/** The buffers of the journal: those whose records SQLite's open transaction holds, and empty ones. */
export class HeldRecords {
  readonly #ids: StatementIds
  #held: RecordBuffer[] = []
  readonly #empty: RecordBuffer[] = []

  constructor(ids: StatementIds) {
    this.#ids = ids
  }

  /** What the open transaction holds, oldest first. */
  get all(): readonly RecordBuffer[] {
    return this.#held
  }

  /** True when SQLite's transaction has gone on for long enough. */
  get isFull(): boolean {
    const bytes = this.#held.reduce((sum, { length }) => sum + length, 0)
    return bytes >= transactionBytes || this.#held.length >= mostWrites
  }

  empty(): RecordBuffer {
    return this.#empty.pop() ?? new RecordBuffer(this.#ids)
  }

  hold(records: RecordBuffer): void {
    this.#held.push(records)
  }

  /** The transaction has ended. @param writing is still needed: {@link giveBack} comes later */
  releaseAllBut(writing: RecordBuffer): void {
    for (const records of this.#held) if (records !== writing) this.giveBack(records)
    this.#held = []
  }

  giveBack(records: RecordBuffer): void {
    records.clear()
    this.#empty.push(records)
  }

  /** There is no transaction any more: the database is another one. */
  forget(): void {
    this.#held = []
  }
}

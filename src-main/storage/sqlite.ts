import initSqlJs, { type Database as SqlJsDatabase, type SqlJsStatic, type Statement } from 'sql.js'
import {
  readParameters,
  runRecords,
  type Execute,
  type ExecuteEncoded,
  type SqlValue,
} from './journal-record.ts'
import { leanStatements, type LeanStatements } from './lean-statements.ts'

/**
 * One sql.js database in memory with its prepared statements.
 *
 * sql.js keeps the database file in a JavaScript array that it grows by an eighth, copying all of it each time:
 * inserts stall for 100 ms and more on the way to 200 MB. So the database is opened over an array whose `slice()`
 * returns a much larger one: sql.js then writes into that room. Untouched room costs no memory. This leans on
 * Emscripten's MEMFS, so `reserved` says whether it took; without it everything works, with the stalls.
 */

let loading: Promise<SqlJsStatic> | undefined

const minimumReserveBytes = 256 * 1024 * 1024

/** An array that hands sql.js the whole reserve when it wants a copy of the used part. */
class BytesWithRoom extends Uint8Array {
  override slice(start = 0, end = this.length): Uint8Array<ArrayBuffer> {
    if (start === 0 && end === this.length && this.buffer.byteLength > this.length) {
      return new Uint8Array(this.buffer)
    }
    return new Uint8Array(super.slice(start, end))
  }
}

/** Room for a database of `usedBytes` to grow in. The first `usedBytes` are to be filled before opening. */
export function reserveRoom(usedBytes: number): Uint8Array {
  const capacity = Math.max(minimumReserveBytes, usedBytes * 2)
  return new BytesWithRoom(new ArrayBuffer(capacity), 0, usedBytes)
}

export type Row = Record<string, SqlValue>

export class Sqlite {
  readonly #database: SqlJsDatabase
  readonly #image: Uint8Array
  readonly #statements = new Map<string, Statement>()
  readonly #lean: LeanStatements | null
  #inTransaction = false

  private constructor(module: SqlJsStatic, database: SqlJsDatabase, image: Uint8Array) {
    this.#database = database
    this.#lean = leanStatements(module, database)
    this.#image = image
    // Our journal makes it durable; SQLite's own would only copy pages in memory.
    database.exec('PRAGMA journal_mode=memory; PRAGMA synchronous=off; PRAGMA locking_mode=exclusive')
    // The file is in memory already: SQLite's cache is a second copy of its pages.
    database.exec('PRAGMA temp_store=memory; PRAGMA foreign_keys=off; PRAGMA cache_size=-8192')
  }

  /** Opens `image` (from {@link reserveRoom}, its used part filled), or an empty database. */
  static async open(image?: Uint8Array): Promise<Sqlite> {
    loading ??= initSqlJs()
    const module = await loading
    const used = image ?? emptyDatabase(module)
    return new Sqlite(module, new module.Database(used), used)
  }

  /** True when sql.js works inside the reserved room, so that growing copies nothing. */
  get reserved(): boolean {
    const before = Number(this.value('PRAGMA application_id'))
    this.#database.exec(`PRAGMA application_id=${before ^ 1}`)
    const inRoom = new DataView(this.#image.buffer).getInt32(68)
    this.#database.exec(`PRAGMA application_id=${before}`)
    return inRoom === (before ^ 1)
  }

  /** Runs a statement that returns no rows. */
  readonly run: Execute = (sql, parameters) => {
    this.#prepared(sql).run(parameters as SqlValue[])
  }

  /** The same with the parameters in the journal's form, which need not be taken apart. */
  readonly runEncoded: ExecuteEncoded = (sql, bytes, start) => {
    const statement = this.#prepared(sql)
    const pointer = this.#lean?.pointerOf(statement, sql) ?? null
    if (this.#lean !== null && pointer !== null) return this.#lean.run(pointer, bytes, start)
    const { values, end } = readParameters(bytes, start)
    statement.run(values)
    return end
  }

  /** Runs whole records that were never out of memory. @param textOf the SQL of a statement's number */
  runRecords(bytes: Buffer, start: number, end: number, textOf: (id: number) => string | undefined): void {
    this.load(bytes, start, end)
    try {
      runRecords(bytes, start, end, textOf, this.runEncoded)
    } finally {
      this.unload()
    }
  }

  /** Tells that {@link runEncoded} is called with these bytes next: they are copied once for all of its calls. */
  load(bytes: Buffer, start = 0, end = bytes.length): void {
    this.#lean?.load(bytes, start, end)
  }

  /** The bytes that were loaded may change from here on. */
  unload(): void {
    this.#lean?.unload()
  }

  all(sql: string, parameters: readonly SqlValue[] = []): Row[] {
    const statement = this.#prepared(sql)
    const rows: Row[] = []
    try {
      statement.bind(parameters as SqlValue[])
      while (statement.step()) rows.push(statement.getAsObject())
    } finally {
      statement.reset()
    }
    return rows
  }

  get(sql: string, parameters: readonly SqlValue[] = []): Row | undefined {
    const statement = this.#prepared(sql)
    try {
      statement.bind(parameters as SqlValue[])
      return statement.step() ? statement.getAsObject() : undefined
    } finally {
      statement.reset()
    }
  }

  /** The first column of all rows, which are numbers. */
  column(sql: string, parameters: readonly SqlValue[] = []): number[] {
    const statement = this.#prepared(sql)
    const numbers: number[] = []
    try {
      statement.bind(parameters as SqlValue[])
      while (statement.step()) numbers.push(Number(statement.get()[0]))
    } finally {
      statement.reset()
    }
    return numbers
  }

  /** The first column of the first row, or null. */
  value(sql: string, parameters: readonly SqlValue[] = []): SqlValue {
    const statement = this.#prepared(sql)
    try {
      statement.bind(parameters as SqlValue[])
      return statement.step() ? (statement.get()[0] ?? null) : null
    } finally {
      statement.reset()
    }
  }

  begin(): void {
    if (this.#inTransaction) return
    this.#prepared('BEGIN').run()
    this.#inTransaction = true
  }

  commit(): void {
    if (!this.#inTransaction) return
    this.#prepared('COMMIT').run()
    this.#inTransaction = false
  }

  rollback(): void {
    if (!this.#inTransaction) return
    this.#prepared('ROLLBACK').run()
    this.#inTransaction = false
  }

  /** Bytes of the database; pages that deleted rows left free count too. */
  get usedBytes(): number {
    return Number(this.value('PRAGMA page_count')) * Number(this.value('PRAGMA page_size'))
  }

  get freeBytes(): number {
    return Number(this.value('PRAGMA freelist_count')) * Number(this.value('PRAGMA page_size'))
  }

  /** The database as a file's bytes. Not inside a transaction. Copies nothing when the reserve took. */
  image(): Uint8Array {
    if (this.reserved) return new Uint8Array(this.#image.buffer as ArrayBuffer, 0, this.usedBytes)
    this.#freeStatements()
    return this.#database.export()
  }

  close(): void {
    this.#freeStatements()
    this.#lean?.close()
    this.#database.close()
  }

  #prepared(sql: string): Statement {
    let statement = this.#statements.get(sql)
    if (statement === undefined) {
      statement = this.#database.prepare(sql)
      this.#statements.set(sql, statement)
    }
    return statement
  }

  #freeStatements(): void {
    for (const statement of this.#statements.values()) statement.free()
    this.#statements.clear()
  }
}

function emptyDatabase(module: SqlJsStatic): Uint8Array {
  const database = new module.Database()
  database.exec('PRAGMA page_size=16384; PRAGMA auto_vacuum=none; VACUUM')
  const bytes = database.export()
  database.close()
  // A fresh database exports as nothing at all until its first page is written.
  const image = reserveRoom(Math.max(bytes.length, 0))
  image.set(bytes)
  return image
}

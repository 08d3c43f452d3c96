import type { Database as SqlJsDatabase, SqlJsStatic, Statement } from 'sql.js'
import {
  decodeParameters,
  parametersEnd,
  RecordBuffer,
  StatementIds,
  type SqlValue,
} from './journal-record.ts'

/**
 * Runs statements with parameters straight from the journal's bytes: one copy into SQLite's memory for each
 * statement, where sql.js allocates and copies for each value and encodes texts once more. It calls the functions of
 * SQLite that sql.js itself calls; they are not part of its documented interface, so {@link leanStatements} tries
 * them first, and without them everything works, slower.
 */

/** What is used of the module beyond its documented interface. */
interface RawModule {
  _malloc(bytes: number): number
  _free(pointer: number): void
  writeArrayToMemory(bytes: Uint8Array, pointer: number): void
  UTF8ToString(pointer: number): string
  _sqlite3_sql(statement: number): number
  _sqlite3_bind_blob(
    statement: number,
    index: number,
    pointer: number,
    bytes: number,
    destructor: number,
  ): number
  _sqlite3_bind_text(
    statement: number,
    index: number,
    pointer: number,
    bytes: number,
    destructor: number,
  ): number
  _sqlite3_bind_int(statement: number, index: number, value: number): number
  _sqlite3_bind_double(statement: number, index: number, value: number): number
  _sqlite3_step(statement: number): number
  _sqlite3_reset(statement: number): number
  _sqlite3_errmsg(database: number): number
}

const rawFunctions = [
  '_malloc',
  '_free',
  'writeArrayToMemory',
  'UTF8ToString',
  '_sqlite3_sql',
  '_sqlite3_bind_blob',
  '_sqlite3_bind_text',
  '_sqlite3_bind_int',
  '_sqlite3_bind_double',
  '_sqlite3_step',
  '_sqlite3_reset',
  '_sqlite3_errmsg',
] as const satisfies readonly (keyof RawModule)[]

const stepRow = 100
const stepDone = 101
/** SQLite's name for bytes that stay where they are for as long as they are bound. */
const staticBytes = 0
const smallestScratchBytes = 64 * 1024
/** A scratch beyond this is given back after use: one huge value must not keep its memory for ever. */
const largestKeptScratchBytes = 1024 * 1024

/** What came of trying a module: the same for all of its databases. */
const tried = new WeakMap<SqlJsStatic, boolean>()

/** The lean way for a database, or null where this sql.js has not what it takes. */
export function leanStatements(module: SqlJsStatic, database: SqlJsDatabase): LeanStatements | null {
  const databasePointer: unknown = Reflect.get(database, 'db')
  if (!hasRawFunctions(module) || typeof databasePointer !== 'number') return null
  const lean = new LeanStatements(module, databasePointer)
  let works = tried.get(module)
  if (works === undefined) {
    works = worksWith(lean, database)
    tried.set(module, works)
  }
  return works ? lean : null
}

function worksWith(lean: LeanStatements, database: SqlJsDatabase): boolean {
  try {
    return giveBackEveryKind(lean, database)
  } catch {
    return false
  }
}

export class LeanStatements {
  readonly #module: RawModule
  readonly #database: number
  readonly #pointers = new WeakMap<Statement, number>()
  #scratch = 0
  #scratchBytes = 0
  /** What a place in the copied bytes has to be moved by to be the same place in the scratch. */
  #shift = 0
  #loaded: Buffer | null = null

  constructor(module: RawModule, databasePointer: number) {
    this.#module = module
    this.#database = databasePointer
  }

  /** Where SQLite keeps a statement that sql.js prepared; null when that can't be told. */
  pointerOf(statement: Statement, sql: string): number | null {
    const known = this.#pointers.get(statement)
    if (known !== undefined) return known
    for (const value of Object.values(statement) as unknown[]) {
      if (typeof value !== 'number' || value < 1024) continue
      if (this.#module.UTF8ToString(this.#module._sqlite3_sql(value)) !== sql) continue
      this.#pointers.set(statement, value)
      return value
    }
    return null
  }

  /** Copies bytes that many statements are run with next, once for all of them; {@link unload} comes after those. */
  load(bytes: Buffer, start: number, end: number): void {
    this.#copy(bytes, start, end)
    this.#loaded = bytes
  }

  unload(): void {
    this.#loaded = null
  }

  /** Runs a statement that returns no rows. @returns where its parameters end. @throws Error with SQLite's reason */
  run(pointer: number, bytes: Buffer, start: number): number {
    const end = this.bind(pointer, bytes, start)
    const result = this.#module._sqlite3_step(pointer)
    const problem =
      result === stepDone || result === stepRow
        ? null
        : this.#module.UTF8ToString(this.#module._sqlite3_errmsg(this.#database))
    this.#module._sqlite3_reset(pointer)
    if (problem !== null) throw new Error(problem)
    return end
  }

  /** Binds parameters in the journal's form. They hold until the next call, or {@link unload}. @returns where they end */
  bind(pointer: number, bytes: Buffer, start: number): number {
    const module = this.#module
    if (this.#loaded !== bytes) this.#copy(bytes, start, parametersEnd(bytes, start))
    const shift = this.#shift
    const count = bytes[start] ?? 0
    let at = start + 1
    let failed = 0
    for (let index = 1; index <= count; index += 1) {
      const tag = bytes[at]
      if (tag === 0) {
        failed |= module._sqlite3_bind_blob(pointer, index, 0, 0, staticBytes)
        at += 1
      } else if (tag === 1) {
        const value = bytes.readDoubleLE(at + 1)
        failed |=
          value === (value | 0)
            ? module._sqlite3_bind_int(pointer, index, value)
            : module._sqlite3_bind_double(pointer, index, value)
        at += 9
      } else {
        const length = bytes.readUInt32LE(at + 1)
        failed |=
          tag === 2
            ? module._sqlite3_bind_text(pointer, index, at + 5 + shift, length, staticBytes)
            : module._sqlite3_bind_blob(pointer, index, at + 5 + shift, length, staticBytes)
        at += 5 + length
      }
    }
    if (failed !== 0) throw new Error(module.UTF8ToString(module._sqlite3_errmsg(this.#database)))
    return at
  }

  /** Gives back its memory. The statements it ran must not be stepped again without being bound anew. */
  close(): void {
    this.#free()
  }

  #copy(bytes: Buffer, start: number, end: number): void {
    const scratch = this.#room(end - start)
    this.#module.writeArrayToMemory(bytes.subarray(start, end), scratch)
    this.#shift = scratch - start
  }

  #room(bytes: number): number {
    const wanted = Math.max(bytes, smallestScratchBytes)
    if (bytes <= this.#scratchBytes && this.#scratchBytes <= Math.max(wanted, largestKeptScratchBytes))
      return this.#scratch
    this.#free()
    this.#scratch = this.#module._malloc(wanted)
    if (this.#scratch === 0) throw new Error('out of memory')
    this.#scratchBytes = wanted
    return this.#scratch
  }

  #free(): void {
    if (this.#scratch !== 0) this.#module._free(this.#scratch)
    this.#scratch = 0
    this.#scratchBytes = 0
  }
}

function hasRawFunctions(module: object): module is RawModule {
  return rawFunctions.every((name) => typeof Reflect.get(module, name) === 'function')
}

/** Binds a value of every kind the lean way and reads them back through sql.js. */
function giveBackEveryKind(lean: LeanStatements, database: SqlJsDatabase): boolean {
  const sql = 'SELECT ?, ?, ?, ?, ?, ?, ?'
  const values: SqlValue[] = [null, -7, 1_700_000_000_123, 0.5, 'zoë €', '', new Uint8Array([0, 255, 1])]
  const record = new RecordBuffer(new StatementIds())
  record.begin()
  const start = record.add(sql, values)
  const statement = database.prepare(sql)
  try {
    const pointer = lean.pointerOf(statement, sql)
    if (pointer === null) return false
    lean.bind(pointer, record.bytes, start)
    if (!statement.step()) return false
    const read = statement.get()
    const same = values.every((value, index) => isSame(value, read[index]))
    return same && decodeParameters(record.bytes, start).every((value, index) => isSame(value, read[index]))
  } finally {
    statement.free()
  }
}

function isSame(value: SqlValue, read: unknown): boolean {
  if (!(value instanceof Uint8Array)) return value === read
  return read instanceof Uint8Array && Buffer.from(value).equals(read)
}

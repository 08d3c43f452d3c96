import initSqlJs from 'sql.js'
import { describe, expect, it } from 'vitest'
import { RecordBuffer, StatementIds, type SqlValue } from '../../../src-main/storage/journal-record.ts'
import { leanStatements } from '../../../src-main/storage/lean-statements.ts'
import { Sqlite } from '../../../src-main/storage/sqlite.ts'

function runEncoded(database: Sqlite, sql: string, parameters: readonly SqlValue[]): void {
  const record = new RecordBuffer(new StatementIds())
  record.begin()
  const start = record.add(sql, parameters)
  database.runEncoded(sql, record.backing, start)
}

async function withTable(): Promise<Sqlite> {
  const database = await Sqlite.open()
  database.run('CREATE TABLE things (id INTEGER PRIMARY KEY, value, name TEXT UNIQUE)', [])
  return database
}

describe('statements run from the bytes of the journal', () => {
  it('are run the lean way with the sql.js that is installed', async () => {
    const module = await initSqlJs()
    expect(leanStatements(module, new module.Database())).not.toBeNull()
  })

  it('keep every kind of value as it was', async () => {
    const database = await withTable()
    const values: SqlValue[] = [
      null,
      0,
      -1,
      2 ** 31 - 1,
      2 ** 31,
      -(2 ** 31),
      1_700_000_000_123,
      Number.MAX_SAFE_INTEGER,
      0.1,
      -1.5e300,
      '',
      'a',
      'zoë € 🎣',
      'with a\u0000zero',
      new Uint8Array([0, 1, 255]),
      new Uint8Array(300_000).fill(7),
      'x'.repeat(2_000_000),
      'after a large one',
    ]
    for (const [id, value] of values.entries()) {
      runEncoded(database, 'INSERT INTO things (id, value) VALUES (?, ?)', [id, value])
    }
    const read = database.all('SELECT id, value FROM things ORDER BY id')
    for (const [id, value] of values.entries()) {
      // sql.js reads a text up to its first zero; its length in the database tells that all of it is there.
      if (value === 'with a\u0000zero') {
        expect(database.value('SELECT length(CAST(value AS BLOB)) FROM things WHERE id = ?', [id])).toBe(11)
      } else expect(read[id]?.['value'], `value ${id}`).toEqual(value)
    }
    database.close()
  })

  it('keep an empty blob apart from null', async () => {
    const database = await withTable()
    runEncoded(database, 'INSERT INTO things (id, value) VALUES (?, ?)', [1, new Uint8Array()])
    runEncoded(database, 'INSERT INTO things (id, value) VALUES (?, ?)', [2, null])
    expect(database.all('SELECT typeof(value) AS type FROM things ORDER BY id')).toEqual([
      { type: 'blob' },
      { type: 'null' },
    ])
    database.close()
  })

  it('store the same as statements that are run through sql.js', async () => {
    const parameters: readonly SqlValue[] = [1, 1_700_000_000_123, 'zoë']
    const sql = 'INSERT INTO things (id, value, name) VALUES (?, ?, ?)'
    const read = 'SELECT id, typeof(value) AS type, value, typeof(name) AS name_type, name FROM things'
    const lean = await withTable()
    runEncoded(lean, sql, parameters)
    const plain = await withTable()
    plain.run(sql, parameters)
    expect(lean.all(read)).toEqual(plain.all(read))
    lean.close()
    plain.close()
  })

  it("fail with SQLite's reason and can be run again", async () => {
    const database = await withTable()
    const sql = 'INSERT INTO things (id, name) VALUES (?, ?)'
    runEncoded(database, sql, [1, 'one'])
    expect(() => runEncoded(database, sql, [2, 'one'])).toThrow('UNIQUE constraint failed: things.name')
    expect(() => runEncoded(database, 'INSERT INTO missing VALUES (?)', [1])).toThrow(
      'no such table: missing',
    )
    runEncoded(database, sql, [2, 'two'])
    expect(database.value('SELECT count(*) FROM things')).toBe(2)
    database.close()
  })

  it('can be mixed with runs of the same statement through sql.js', async () => {
    const database = await withTable()
    const sql = 'INSERT INTO things (id, name) VALUES (?, ?)'
    runEncoded(database, sql, [1, 'lean'])
    database.run(sql, [2, 'plain'])
    runEncoded(database, sql, [3, 'lean again'])
    expect(database.all('SELECT name FROM things ORDER BY id').map(({ name }) => name)).toEqual([
      'lean',
      'plain',
      'lean again',
    ])
    database.close()
  })

  it('work without the lean way', async () => {
    const module = await initSqlJs()
    const database = new module.Database()
    expect(leanStatements({ Database: module.Database } as never, database)).toBeNull()
    expect(leanStatements({ ...module, _sqlite3_bind_blob: () => 0 } as never, database)).toBeNull()
    database.close()
  })
})

import { describe, expect, it } from 'vitest'
import { nodeFileSystem } from '../../../src-main/storage/file-system.ts'
import type { Execute } from '../../../src-main/storage/journal-record.ts'
import { JournaledDatabase, type JournalOptions } from '../../../src-main/storage/journaled-database.ts'
import { HandClock } from './hand-clock.ts'
import { temporaryFolder } from './stores.ts'

const insert = 'INSERT INTO things (id, value) VALUES (?, ?)'
const change = 'UPDATE things SET value = ? WHERE id = ?'
const remove = 'DELETE FROM things WHERE id = ?'

async function openJournal(
  folder: string,
  options: Partial<JournalOptions> = {},
): Promise<JournaledDatabase> {
  const { journal } = await JournaledDatabase.open({
    folder,
    files: nodeFileSystem,
    clock: new HandClock(),
    onHealth: () => undefined,
    onReload: () => undefined,
    validate: () => undefined,
    ...options,
  })
  return journal
}

async function withThings(folder: string, options: Partial<JournalOptions> = {}): Promise<JournaledDatabase> {
  const journal = await openJournal(folder, options)
  await journal.transaction((run) => run('CREATE TABLE things (id INTEGER PRIMARY KEY, value TEXT)', []))
  return journal
}

function things({ database }: JournaledDatabase): Map<number, string> {
  const rows = database.all('SELECT id, value FROM things ORDER BY id')
  return new Map(rows.map((row) => [Number(row['id']), String(row['value'])]))
}

async function reopened(journal: JournaledDatabase, folder: string): Promise<JournaledDatabase> {
  await journal.close()
  return openJournal(folder)
}

const row =
  (id: number, value: string) =>
  (run: Execute): void =>
    run(insert, [id, value])

describe('what is appended without reading', () => {
  it('is seen by the next read, before it is on disk', async () => {
    const journal = await withThings(await temporaryFolder())
    const durable = journal.append(row(1, 'one'))
    expect(things(journal)).toEqual(new Map([[1, 'one']]))
    void journal.append(row(2, 'two'))
    await journal.transaction((run) => {
      expect(things(journal).size).toBe(2)
      run(remove, [1])
      expect([...things(journal).keys()]).toEqual([2])
      run(insert, [3, 'three'])
    })
    await durable
    expect([...things(journal).keys()]).toEqual([2, 3])
    await journal.close()
  })

  it('leaves nothing behind when its own work throws', async () => {
    const folder = await temporaryFolder()
    const journal = await withThings(folder)
    const one = journal.append(row(1, 'one'))
    expect(() =>
      journal.append((run) => {
        run(insert, [2, 'two'])
        throw new Error('not this one')
      }),
    ).toThrow('not this one')
    await one
    expect([...things(journal).keys()]).toEqual([1])
    expect([...things(await reopened(journal, folder)).keys()]).toEqual([1])
  })

  it('that can’t be run takes what waits for the same write with it, and nothing else', async () => {
    const folder = await temporaryFolder()
    let reloads = 0
    let journal = await withThings(folder, { onReload: () => (reloads += 1) })
    await journal.append(row(1, 'one'))
    // The update is known to the journal from here on only by records that are refused.
    const refused = [
      journal.append((run) => run(change, ['changed', 1])),
      journal.append(row(1, 'again')),
      journal.append(row(2, 'two')),
    ]
    for (const outcome of refused) await expect(outcome).rejects.toThrow(/UNIQUE/)
    expect(reloads).toBe(1)
    expect(journal.failure).toBeNull()
    expect(things(journal)).toEqual(new Map([[1, 'one']]))
    await journal.append(row(3, 'three'))
    await journal.append((run) => run(change, ['changed', 3]))
    for (let start = 0; start < 2; start += 1) {
      expect(things(journal)).toEqual(
        new Map([
          [1, 'one'],
          [3, 'changed'],
        ]),
      )
      journal = await reopened(journal, folder)
    }
    await journal.close()
  })

  it('is refused by the read that finds out, and the read shows what is left', async () => {
    const journal = await withThings(await temporaryFolder())
    await journal.append(row(1, 'one'))
    const refused = journal.append(row(1, 'again'))
    expect(things(journal)).toEqual(new Map([[1, 'one']]))
    await expect(refused).rejects.toThrow(/UNIQUE/)
    await journal.close()
  })
})

describe('memory and journal', () => {
  it('say the same after any mixture of transactions, failures, reads, seals and restarts', async () => {
    const folder = await temporaryFolder()
    let journal = await withThings(folder)
    const model = new Map<number, string>()
    let seed = 7
    const next = (limit: number): number => {
      seed = (Math.imul(seed, 1103515245) + 12345) >>> 0
      return (seed >>> 8) % limit
    }
    for (let step = 1; step <= 600; step += 1) {
      const known = [...model.keys()]
      const id = known[next(Math.max(1, known.length))] ?? 0
      const dice = next(20)
      // Long values, so that SQLite's own transaction ends now and then.
      const value = `${step} ${'x'.repeat(next(20_000))}`
      if (dice < 9) {
        void journal.append(row(step, value))
        model.set(step, value)
      } else if (dice < 12 && model.has(id)) {
        void journal.append((run) => run(change, [value, id]))
        model.set(id, value)
      } else if (dice < 14 && model.has(id)) {
        void journal.transaction((run) => run(remove, [id]))
        model.delete(id)
      } else if (dice === 14 && model.has(id)) {
        const failing = (): Promise<void> =>
          journal.transaction((run) => {
            run(change, ['never', id])
            run(insert, [id, 'twice'])
          })
        expect(failing).toThrow(/UNIQUE/)
      } else if (dice === 15 && model.has(id)) {
        // Everything before is on its way or refused: here it is on its way.
        await journal.settled()
        await expect(journal.append(row(id, 'twice'))).rejects.toThrow(/UNIQUE/)
      } else if (dice === 16) {
        expect(things(journal)).toEqual(model)
      } else if (dice === 17) {
        await journal.seal()
      } else if (dice === 18) {
        await new Promise(setImmediate)
      } else {
        journal = await reopened(journal, folder)
        expect(things(journal)).toEqual(model)
      }
    }
    expect(things(journal)).toEqual(model)
    journal = await reopened(journal, folder)
    expect(things(journal)).toEqual(model)
    await journal.close()
  })
})

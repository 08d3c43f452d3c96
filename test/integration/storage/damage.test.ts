import { copyFile, cp, mkdir, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { OpenStore } from '../../../src-main/storage/store.ts'
import { accepted, bytesOf, capture, captureId, event, eventId } from './records.ts'
import { eventsIn, expectPayload, filesIn, open, reopen, storeFiles, temporaryFolder } from './stores.ts'

const journal1 = 'journal-00000001.log'
const snapshot2 = 'snapshot-00000002.db'
const snapshot3 = 'snapshot-00000003.db'

async function copyOf(folder: string, target: string): Promise<string> {
  await rm(target, { recursive: true, force: true })
  await cp(folder, target, { recursive: true })
  return target
}

async function aside(folder: string): Promise<string[]> {
  return readdir(join(folder, 'store', 'aside')).catch(() => [])
}

/** Writing goes on and survives: what damage must never take away. */
async function expectWritable(store: OpenStore, folder: string, before: readonly number[]): Promise<void> {
  await store.commit(accepted(901))
  const again = await reopen(store, folder)
  expect(again.damage).toEqual([])
  expect(await eventsIn(again)).toEqual([...before, 901])
  await again.commit(accepted(902))
  const last = await reopen(again, folder)
  expect(await eventsIn(last)).toEqual([...before, 901, 902])
  await last.close()
}

describe('a damaged journal', () => {
  it('fault 18: journal cut at every byte of its last record still opens and says what it dropped', async () => {
    const original = await temporaryFolder()
    const store = await open(original)
    await store.commit(accepted(1))
    await store.commit(accepted(2))
    const { journalBytes: start } = await store.use()
    await store.commit([{ kind: 'event.insert', event: event(3, bytesOf(3, 8)) }])
    const { journalBytes: end } = await store.use()
    await store.close()
    expect(end - start).toBeGreaterThan(100)
    const target = await temporaryFolder()
    for (let length = start; length < end; length += 1) {
      const folder = await copyOf(original, join(target, 'cut'))
      await truncate(join(folder, 'store', journal1), length)
      const cut = await open(folder)
      expect(await eventsIn(cut)).toEqual([1, 2])
      const dropped = length - start
      expect(cut.damage).toEqual(
        dropped === 0
          ? []
          : [
              {
                file: journal1,
                reason: 'the last record is cut off',
                fromByte: start,
                droppedBytes: dropped,
              },
            ],
      )
      const kept = await aside(folder)
      const lengths = await Promise.all(
        kept.map(async (name) => (await readFile(join(folder, 'store', 'aside', name))).length),
      )
      expect(lengths).toEqual(dropped === 0 ? [] : [length])
      if (dropped % 20 === 1) {
        await expectWritable(cut, folder, [1, 2])
      } else await cut.close()
    }
  })

  it('fault 18: a journal cut within its header still opens and says what it dropped', async () => {
    for (const length of [1, 8, 23]) {
      const folder = await temporaryFolder()
      const store = await open(folder)
      await store.commit(accepted(1))
      await store.compact()
      await store.commit(accepted(2))
      await store.close()
      await truncate(join(folder, 'store', 'journal-00000002.log'), length)
      const cut = await open(folder)
      expect(cut.damage).toEqual([
        { file: 'journal-00000002.log', reason: 'its header is cut off', fromByte: 0, droppedBytes: length },
      ])
      await expectWritable(cut, folder, [1])
    }
  })

  it('an empty segment, as a crash leaves it that was making one, is no damage', async () => {
    const folder = await temporaryFolder()
    const store = await open(folder)
    await store.commit(accepted(1))
    await store.close()
    await writeFile(join(folder, 'store', 'journal-00000002.log'), '')
    const again = await open(folder)
    expect(again.damage).toEqual([])
    await expectWritable(again, folder, [1])
  })

  it('fault 18: bits flipped in the middle keep what is before, and set aside the segments behind', async () => {
    const original = await temporaryFolder()
    let store = await open(original)
    await store.commit(accepted(1))
    const { journalBytes: position } = await store.use()
    await store.commit(accepted(2))
    store = await reopen(store, original)
    await store.commit(accepted(3))
    store = await reopen(store, original)
    await store.commit(accepted(4))
    await store.close()
    const target = await temporaryFolder()
    for (const offset of [0, 4, 8, 20]) {
      const folder = await copyOf(original, join(target, 'flipped'))
      const path = join(folder, 'store', journal1)
      const bytes = await readFile(path)
      bytes[position + offset] = (bytes[position + offset] ?? 0) ^ 4
      await writeFile(path, bytes)
      const damaged = await open(folder)
      expect(damaged.damage).toMatchObject([
        { file: journal1, fromByte: position, droppedBytes: bytes.length - position },
      ])
      expect(await eventsIn(damaged)).toEqual([1])
      const kept = await aside(folder)
      expect(kept.map((name) => name.replace(/^\d+-/, ''))).toEqual([
        journal1,
        'journal-00000002.log',
        'journal-00000003.log',
      ])
      await expectWritable(damaged, folder, [1])
    }
  })

  it.each<[string, (path: string) => Promise<void>]>([
    ['a run of zeros', async (path) => writeFile(path, Buffer.alloc((await readFile(path)).length))],
    ['a foreign file', (path) => writeFile(path, 'SQLite format 3\0 or something else altogether')],
    ['the segment of another generation', (path) => copyFile(join(path, '..', journal1), path)],
  ])('fault 18: %s in place of a segment is set aside', async (_name, damage) => {
    const folder = await temporaryFolder()
    let store = await open(folder)
    await store.commit(accepted(1))
    store = await reopen(store, folder)
    await store.commit(accepted(2))
    await store.close()
    await damage(join(folder, 'store', 'journal-00000002.log'))
    const damaged = await open(folder)
    expect(damaged.damage).toMatchObject([{ file: 'journal-00000002.log', fromByte: 0 }])
    expect(await aside(folder)).toHaveLength(1)
    await expectWritable(damaged, folder, [1])
  })

  it('fault 18: a segment that is missing in the middle is noticed, what is behind it set aside', async () => {
    const folder = await temporaryFolder()
    let store = await open(folder)
    for (const n of [1, 2, 3]) {
      await store.commit(accepted(n))
      store = await reopen(store, folder)
    }
    await store.close()
    await rm(join(folder, 'store', 'journal-00000002.log'))
    const damaged = await open(folder)
    expect(damaged.damage).toMatchObject([
      { file: 'journal-00000003.log', reason: 'segment 2 before it is missing' },
    ])
    await expectWritable(damaged, folder, [1])
  })

  it('fault 18: damage twice in the same millisecond keeps both tails', async () => {
    const folder = await temporaryFolder()
    for (const n of [1, 2]) {
      const store = await open(folder)
      await store.commit(accepted(n))
      await store.close()
      const path = join(folder, 'store', 'journal-00000001.log')
      await writeFile(path, Buffer.concat([await readFile(path), Buffer.alloc(3)]))
      const again = await open(folder)
      expect(again.damage).toHaveLength(1)
      await again.close()
    }
    expect(await aside(folder)).toEqual([
      '1700000000000-journal-00000001.log',
      '1700000000000-journal-00000001.log.1',
      '1700000000000-journal-00000002.log',
    ])
  })

  it('a sound record that does not apply is refused, and nothing is touched', async () => {
    const folder = await temporaryFolder()
    const store = await open(folder)
    await store.commit(accepted(1))
    await store.close()
    const path = join(folder, 'store', journal1)
    const whole = await readFile(path)
    // The same record once more: its ids are there already.
    const definitions = 24
    const lengthOfFirst = whole.readUInt32LE(definitions) + 8
    await writeFile(path, Buffer.concat([whole, whole.subarray(definitions, definitions + lengthOfFirst)]))
    const before = await filesIn(folder)
    await expect(open(folder)).rejects.toMatchObject({
      code: 'data_folder_unusable',
      message: expect.stringContaining(journal1),
    })
    expect(await filesIn(folder)).toEqual(before)
  })

  it('keeps the bodies that set-aside records may name, at later starts too', async () => {
    const folder = await temporaryFolder()
    const store = await open(folder)
    await store.commit(accepted(1))
    await store.commit(accepted(2, bytesOf(2, 5000)))
    await store.close()
    const path = join(folder, 'store', journal1)
    await truncate(path, (await readFile(path)).length - 1)
    for (let start = 0; start < 3; start += 1) {
      const again = await open(folder)
      expect(await eventsIn(again)).toEqual([1])
      await again.close()
    }
    expect(await filesIn(join(folder, 'bodies'))).toHaveLength(1)
  })
})

const damages: readonly [string, (path: string) => Promise<void>][] = [
  ['zeroed', async (path) => writeFile(path, Buffer.alloc((await readFile(path)).length))],
  ['with a bit flipped at its start', (path) => flip(path, 0.01)],
  ['with a bit flipped in the middle', (path) => flip(path, 0.5)],
  ['with a bit flipped in its footer', (path) => flip(path, 0.99999)],
  ['replaced by a foreign file', (path) => writeFile(path, 'GIF89a '.repeat(1000))],
  ['replaced by an older snapshot', (path) => copyFile(path.replace(snapshot3, snapshot2), path)],
  ['cut in half', async (path) => truncate(path, (await readFile(path)).length >> 1)],
  ['emptied', (path) => truncate(path, 0)],
  [
    'replaced by a folder',
    async (path) => {
      await rm(path)
      await mkdir(path)
    },
  ],
]

async function flip(path: string, share: number): Promise<void> {
  const bytes = await readFile(path)
  const position = Math.floor(bytes.length * share)
  bytes[position] = (bytes[position] ?? 0) ^ 16
  await writeFile(path, bytes)
}

describe('a damaged snapshot', () => {
  it.each(damages)(
    'fault 20: the newest one %s is set aside, the one before used, nothing lost',
    async (_name, damage) => {
      const folder = await temporaryFolder()
      const store = await open(folder)
      const payload = bytesOf(3, 9000)
      await store.commit(accepted(1))
      await store.compact()
      await store.commit(accepted(2))
      await store.commit(accepted(3, payload))
      await store.compact()
      await store.commit(accepted(4))
      await store.close()
      expect(await storeFiles(folder, 'snapshot')).toEqual([snapshot2, snapshot3])
      await damage(join(folder, 'store', snapshot3))
      const again = await open(folder)
      expect(again.damage).toEqual([{ file: snapshot3, reason: expect.any(String) }])
      expect(await aside(folder)).toEqual([`1700000000000-${snapshot3}`])
      await expectPayload(again, 3, payload)
      expect(await eventsIn(again)).toEqual([1, 2, 3, 4])
      await again.compact()
      await expectWritable(again, folder, [1, 2, 3, 4])
    },
  )

  it.each(damages.filter(([name]) => !name.includes('older')))(
    'fault 20: the first one ever, %s, leaves the journal to recover from',
    async (_name, damage) => {
      const folder = await temporaryFolder()
      const store = await open(folder)
      await store.commit(accepted(1))
      await store.compact()
      await store.commit(accepted(2))
      await store.close()
      await damage(join(folder, 'store', snapshot2))
      const again = await open(folder)
      expect(again.damage).toHaveLength(1)
      expect(await eventsIn(again)).toEqual([1, 2])
      await expectWritable(again, folder, [1, 2])
    },
  )

  it('fault 20: one that is damaged while the program runs is not counted as kept', async () => {
    const folder = await temporaryFolder()
    const store = await open(folder)
    for (const n of [1, 2, 3]) {
      await store.commit(accepted(n))
      if (n < 3) await store.compact()
    }
    await writeFile(join(folder, 'store', snapshot3), 'gone')
    await store.compact()
    // What the newest was made from is the last sound one.
    expect(await storeFiles(folder, 'snapshot')).toEqual([snapshot2, snapshot3, 'snapshot-00000004.db'])
    await store.close()
    await writeFile(join(folder, 'store', 'snapshot-00000004.db'), 'gone too')
    const again = await open(folder)
    expect(again.damage).toHaveLength(2)
    await expectWritable(again, folder, [1, 2, 3])
  })

  it('fault 20: with every snapshot damaged nothing is wiped, and it says so', async () => {
    const folder = await temporaryFolder()
    const store = await open(folder)
    for (const n of [1, 2, 3]) {
      await store.commit(accepted(n))
      await store.compact()
    }
    await store.commit(accepted(4))
    await store.close()
    const before = await filesIn(join(folder, 'store'))
    for (const name of await storeFiles(folder, 'snapshot')) await flip(join(folder, 'store', name), 0.5)
    const again = await open(folder)
    expect(again.damage).toHaveLength(3)
    expect(await eventsIn(again)).toEqual([])
    expect(await aside(folder)).toHaveLength(before.length)
    await expectWritable(again, folder, [])
  })

  it('fault 20: the newest one zeroed after deletions still finds everything', async () => {
    const folder = await temporaryFolder()
    const store = await open(folder)
    for (let n = 1; n <= 6; n += 1)
      await store.commit([{ kind: 'capture.insert', capture: capture(n, bytesOf(n, 4000)) }])
    await store.compact()
    await store.commit([{ kind: 'capture.delete', id: captureId(1) }])
    await store.compact()
    await store.commit([{ kind: 'capture.delete', id: captureId(2) }, ...accepted(50)])
    await store.compact()
    await store.commit([{ kind: 'capture.delete', id: captureId(3) }])
    await store.close()
    const newest = (await storeFiles(folder, 'snapshot')).at(-1) ?? ''
    await writeFile(join(folder, 'store', newest), Buffer.alloc(5000))
    const again = await open(folder)
    expect(again.damage.map(({ file }) => file)).toEqual([newest])
    for (const n of [1, 2, 3]) expect(await again.capture(captureId(n))).toBeUndefined()
    for (const n of [4, 5, 6]) {
      const found = await again.capture(captureId(n))
      expect(Buffer.compare(found?.body ?? new Uint8Array(), bytesOf(n, 4000))).toBe(0)
    }
    expect(await again.event(eventId(50))).toBeDefined()
  })
})

import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Change } from '../../../src-main/engine/store.ts'
import { nodeFileSystem } from '../../../src-main/storage/file-system.ts'
import { compact } from '../../../src-main/storage/compaction.ts'
import { readSnapshot } from '../../../src-main/storage/snapshot.ts'
import { reserveRoom, Sqlite } from '../../../src-main/storage/sqlite.ts'
import { HandClock } from './hand-clock.ts'
import { accepted, bytesOf, capture, captureId, deliveryId, event } from './records.ts'
import { eventsIn, filesIn, open, reopen, storeFiles, temporaryFolder } from './stores.ts'

describe('compaction', () => {
  it('keeps the last two snapshots, and the segments since the older one', async () => {
    const folder = await temporaryFolder()
    const store = await open(folder)
    for (let n = 1; n <= 4; n += 1) {
      await store.commit(accepted(n))
      await store.compact()
    }
    expect(await storeFiles(folder, 'snapshot')).toEqual(['snapshot-00000004.db', 'snapshot-00000005.db'])
    expect(await storeFiles(folder, 'journal')).toEqual(['journal-00000004.log'])
    expect(await eventsIn(await reopen(store, folder))).toEqual([1, 2, 3, 4])
  })

  it('keeps the whole journal after the first one', async () => {
    const folder = await temporaryFolder()
    const store = await open(folder)
    await store.commit(accepted(1))
    await store.compact()
    expect(await storeFiles(folder, 'journal')).toEqual(['journal-00000001.log'])
  })

  it('does nothing when there is nothing to fold', async () => {
    const folder = await temporaryFolder()
    const store = await open(folder)
    await store.commit(accepted(1))
    await store.compact()
    await store.commit(accepted(2))
    await store.compact()
    const before = await filesIn(folder)
    await store.compact()
    await store.compact()
    expect(await filesIn(folder)).toEqual(before)
    expect((await store.use()).journalBytes).toBe(0)
  })

  it('loses none of the commits that come while it runs', async () => {
    const folder = await temporaryFolder()
    const store = await open(folder)
    let n = 0
    const state = { running: true }
    const compacting = (async () => {
      for (let round = 0; round < 4; round += 1) await store.compact()
      state.running = false
    })()
    while (state.running) {
      await Promise.all(Array.from({ length: 5 }, () => store.commit(accepted((n += 1)))))
    }
    await compacting
    const all = Array.from({ length: n }, (_, index) => index + 1)
    expect(await eventsIn(store)).toEqual(all)
    expect(await eventsIn(await reopen(store, folder))).toEqual(all)
  })

  it('starts by itself under load, and completes under it', async () => {
    const folder = await temporaryFolder()
    const errors: string[] = []
    const store = await open(folder, {
      compactAfterBytes: 100_000,
      onCompactionError: (reason) => errors.push(reason),
    })
    let n = 0
    while ((await storeFiles(folder, 'snapshot')).length < 2) {
      await Promise.all(Array.from({ length: 20 }, () => store.commit(accepted((n += 1), bytesOf(n, 500)))))
    }
    expect(errors).toEqual([])
    expect(await eventsIn(await reopen(store, folder))).toHaveLength(n)
  })

  it('waits until it is quiet, as long as the journal is not much too large', async () => {
    const folder = await temporaryFolder()
    const clock = new HandClock()
    const store = await open(folder, { clock, compactAfterBytes: 100_000 })
    let n = 0
    const busySecond = async (): Promise<void> => {
      for (let index = 0; index < 30; index += 1) await store.commit(accepted((n += 1), bytesOf(n, 500)))
      clock.advance(1000)
      await store.settled()
    }
    const size = async (): Promise<number> => (await store.use()).journalBytes
    while ((await size()) < 150_000) await busySecond()
    expect(await storeFiles(folder, 'snapshot')).toEqual([])
    clock.advance(1000)
    while ((await storeFiles(folder, 'snapshot')).length === 0) await new Promise(setImmediate)
    expect(await eventsIn(await reopen(store, folder))).toHaveLength(n)
  })

  it('that fails is told once and not tried again with every commit', async () => {
    const folder = await temporaryFolder()
    const clock = new HandClock()
    const errors: string[] = []
    const told = (): Promise<void> => new Promise((resolve) => (wake = resolve))
    let wake: () => void = () => undefined
    const store = await open(folder, {
      clock,
      compactAfterBytes: 1,
      compactionWorker: new URL('no-such-worker.ts', import.meta.url),
      onCompactionError(reason) {
        errors.push(reason)
        wake()
      },
    })
    const first = told()
    await store.commit(accepted(1))
    await first
    for (let n = 2; n < 6; n += 1) await store.commit(accepted(n))
    expect(errors).toHaveLength(1)
    const second = told()
    clock.advance(60_000)
    await store.commit(accepted(6))
    await second
    expect(errors).toHaveLength(2)
    expect(await eventsIn(await reopen(store, folder))).toHaveLength(6)
  })

  it('removes the draft of one that was killed', async () => {
    const folder = await temporaryFolder()
    const store = await open(folder)
    await store.commit(accepted(1))
    await writeFile(join(folder, 'store', 'snapshot-00000009.db.tmp'), 'half a snapshot')
    await store.compact()
    expect((await filesIn(folder)).filter((path) => path.endsWith('.tmp'))).toEqual([])
  })

  it('gives back the room of what was deleted', async () => {
    const folder = await temporaryFolder()
    const store = await open(folder)
    const many = Array.from({ length: 300 }, (_, index) => index + 1)
    await store.commit(
      many.map((n): Change => ({ kind: 'capture.insert', capture: capture(n, bytesOf(n, 2000)) })),
    )
    await store.compact()
    const large = await readSnapshot(join(folder, 'store'), 2)
    await store.commit(many.slice(0, 280).map((n): Change => ({ kind: 'capture.delete', id: captureId(n) })))
    await store.compact()
    const small = await readSnapshot(join(folder, 'store'), 3)
    expect(large.length - small.length).toBeGreaterThan(280 * 2000)
    const again = await reopen(store, folder)
    expect(await again.count('captures')).toBe(20)
    expect((await again.capture(captureId(281)))?.body).toEqual(bytesOf(281, 2000))
  })

  it('refuses a damaged segment and leaves it for recovery', async () => {
    const folder = await temporaryFolder()
    const store = await open(folder)
    await store.commit(accepted(1))
    await store.close()
    const path = join(folder, 'store', 'journal-00000001.log')
    await writeFile(path, 'x', { flag: 'a' })
    await expect(compact(nodeFileSystem, { folder: join(folder, 'store'), upTo: 1 })).rejects.toThrow(
      /damaged/,
    )
    expect(await storeFiles(folder, 'snapshot')).toEqual([])
  })

  it('makes snapshots that are plain databases with the rows of the journal', async () => {
    const folder = await temporaryFolder()
    const store = await open(folder)
    await store.commit(accepted(1))
    await store.compact()
    const image = await readSnapshot(join(folder, 'store'), 2)
    expect(image).toBeInstanceOf(Uint8Array)
    const database = await Sqlite.open(image as Uint8Array)
    expect(database.value('SELECT count(*) FROM deliveries')).toBe(1)
    expect(database.value('PRAGMA integrity_check')).toBe('ok')
    database.close()
  })
})

describe('bodies beyond 2 KiB', () => {
  const bodies = async (folder: string): Promise<string[]> =>
    (await filesIn(join(folder, 'bodies'))).map((path) => path.split('/').at(-1) ?? '')

  it('stand in files named by their SHA-256, each once', async () => {
    const folder = await temporaryFolder()
    const store = await open(folder)
    const body = bytesOf(1, 2049)
    await Promise.all([
      store.commit([{ kind: 'capture.insert', capture: capture(1, body) }]),
      store.commit([{ kind: 'capture.insert', capture: capture(2, body) }]),
      store.commit([{ kind: 'event.insert', event: event(3, new Uint8Array(body)) }]),
      store.commit([{ kind: 'capture.insert', capture: capture(4, bytesOf(1, 2048)) }]),
    ])
    expect(await bodies(folder)).toEqual([expect.stringMatching(/^[0-9a-f]{64}$/)])
    expect(await store.use()).toMatchObject({ bodies: 1, bodiesBytes: 2049 })
    const again = await reopen(store, folder)
    expect(Buffer.compare((await again.capture(captureId(2)))?.body ?? new Uint8Array(), body)).toBe(0)
  })

  it('go when no row and no kept snapshot needs them, not before', async () => {
    const folder = await temporaryFolder()
    const store = await open(folder)
    await store.commit([{ kind: 'capture.insert', capture: capture(1, bytesOf(1, 5000)) }])
    await store.compact()
    await store.commit([{ kind: 'capture.delete', id: captureId(1) }])
    expect(await store.use()).toMatchObject({ bodies: 0, bodiesBytes: 0 })
    // The older kept snapshot still has the row.
    await store.compact()
    expect(await bodies(folder)).toHaveLength(1)
    await store.commit(accepted(10))
    await store.compact()
    expect(await bodies(folder)).toEqual([])
  })

  it('stay while another row has the same one', async () => {
    const folder = await temporaryFolder()
    const store = await open(folder)
    const body = bytesOf(1, 5000)
    await store.commit([
      { kind: 'capture.insert', capture: capture(1, body) },
      { kind: 'capture.insert', capture: capture(2, body) },
    ])
    await store.commit([{ kind: 'capture.delete', id: captureId(1) }])
    for (let n = 10; n < 14; n += 1) {
      await store.commit(accepted(n))
      await store.compact()
    }
    expect(await bodies(folder)).toHaveLength(1)
    expect((await store.capture(captureId(2)))?.body).toHaveLength(5000)
  })

  it('that come again while they are being removed are there afterwards', async () => {
    const folder = await temporaryFolder()
    const store = await open(folder)
    let n = 100
    for (let round = 0; round < 4; round += 1) {
      const many = Array.from({ length: 8 }, (_, index) => index)
      const ids = many.map(() => (n += 1))
      await store.commit(
        ids.map((id, index): Change => ({
          kind: 'capture.insert',
          capture: capture(id, bytesOf(index, 3000)),
        })),
      )
      await store.commit(ids.map((id): Change => ({ kind: 'capture.delete', id: captureId(id) })))
      await store.compact()
      await store.commit(accepted((n += 1)))
      // The sweep of this one finds all of them without a row, while they come again.
      const compacting = store.compact()
      const again: number[] = []
      const state = { running: true }
      void compacting.finally(() => (state.running = false))
      while (state.running) {
        const index = again.length % 8
        again.push((n += 1))
        await store.commit([{ kind: 'capture.insert', capture: capture(n, bytesOf(index, 3000)) }])
        if (again.length < 40)
          await store.commit([{ kind: 'capture.delete', id: captureId(again.shift() ?? 0) }])
      }
      await compacting
      for (const id of again) expect((await store.capture(captureId(id)))?.body).toHaveLength(3000)
      await store.commit(again.map((id): Change => ({ kind: 'capture.delete', id: captureId(id) })))
    }
  })

  it('that a crash left without a row go at the next start, with their drafts; foreign files stay', async () => {
    const folder = await temporaryFolder()
    const store = await open(folder)
    await store.commit([{ kind: 'capture.insert', capture: capture(1, bytesOf(1, 5000)) }])
    await store.close()
    const [kept = ''] = await filesIn(join(folder, 'bodies'))
    const shard = join(kept, '..')
    await writeFile(join(shard, `${kept.slice(-64, -4)}0000`), 'left by a crash')
    await writeFile(`${kept}.0123abcd.tmp`, 'half of it')
    await writeFile(join(shard, 'README'), 'mine')
    await writeFile(join(folder, 'bodies', 'notes.txt'), 'mine too')
    const again = await open(folder)
    expect(await filesIn(join(folder, 'bodies'))).toEqual(
      [kept, join(shard, 'README'), join(folder, 'bodies', 'notes.txt')].sort(),
    )
    expect((await again.capture(captureId(1)))?.body).toHaveLength(5000)
  })

  it('of a deleted delivery go with its event and its attempts', async () => {
    const folder = await temporaryFolder()
    const store = await open(folder)
    await store.commit(accepted(1, bytesOf(1, 5000)))
    await store.commit([{ kind: 'delivery.delete', id: deliveryId(1) }])
    expect(await store.use()).toMatchObject({ deliveries: 0, events: 0, bodies: 0 })
    for (let n = 10; n < 12; n += 1) {
      await store.compact()
      await store.commit(accepted(n))
    }
    await store.compact()
    expect(await bodies(folder)).toEqual([])
  })
})

describe('the reserve of the in-memory database', () => {
  it('takes with this sql.js, for an empty database and for an opened one', async () => {
    const empty = await Sqlite.open()
    expect(empty.reserved).toBe(true)
    empty.run('CREATE TABLE t (x)', [])
    const image = empty.image()
    const room = reserveRoom(image.length)
    room.set(image)
    empty.close()
    const opened = await Sqlite.open(room)
    expect(opened.reserved).toBe(true)
    opened.close()
  })

  it('is not needed: without it a database opens, writes and gives its image', async () => {
    const first = await Sqlite.open()
    first.run('CREATE TABLE t (x)', [])
    const plain = new Uint8Array(first.image())
    first.close()
    const database = await Sqlite.open(plain)
    expect(database.reserved).toBe(false)
    for (let n = 0; n < 2000; n += 1) database.run('INSERT INTO t VALUES (?)', [bytesOf(n, 200)])
    const image = new Uint8Array(database.image())
    expect(database.value('SELECT count(*) FROM t')).toBe(2000)
    database.close()
    const again = await Sqlite.open(image)
    expect(again.value('SELECT count(*) FROM t')).toBe(2000)
    again.close()
  })
})

import { describe, expect, it } from 'vitest'
import type { Change } from '../../../src-main/engine/store.ts'
import { nodeFileSystem, type FileSystem } from '../../../src-main/storage/file-system.ts'
import { FaultyFileSystem } from '../../support/faulty-file-system.ts'
import {
  accepted,
  bytesOf,
  capture,
  captureId,
  deliveryId,
  event,
  eventId,
  succeeded,
  workspace,
} from './records.ts'
import { eventsIn, open, reopen, temporaryFolder } from './stores.ts'

/** The real file system, whose fsync waits until the test lets it go. */
function heldSync(): { files: FileSystem; hold: () => { begun: Promise<void>; release: () => void } } {
  let gate: { begin: () => void; released: Promise<void> } | null = null
  const files: FileSystem = {
    ...nodeFileSystem,
    async openAppend(path) {
      const file = await nodeFileSystem.openAppend(path)
      return {
        append: (bytes) => file.append(bytes),
        async sync() {
          gate?.begin()
          await gate?.released
          await file.sync()
        },
        close: () => file.close(),
      }
    },
  }
  const hold = (): { begun: Promise<void>; release: () => void } => {
    let begin!: () => void
    let release!: () => void
    const begun = new Promise<void>((resolve) => (begin = resolve))
    const released = new Promise<void>((resolve) => (release = resolve))
    gate = { begin, released }
    return {
      begun,
      release() {
        gate = null
        release()
      },
    }
  }
  return { files, hold }
}

describe('group commit', () => {
  it('writes all commits of one turn at once', async () => {
    const files = new FaultyFileSystem()
    const folder = await temporaryFolder()
    const store = await open(folder, { files })
    await store.commit(accepted(1))
    const [appends, syncs] = [files.count('append'), files.count('sync')]
    await Promise.all(Array.from({ length: 100 }, (_, index) => store.commit(accepted(index + 2))))
    expect(files.count('append') - appends).toBe(1)
    expect(files.count('sync') - syncs).toBe(1)
    expect(await eventsIn(await reopen(store, folder))).toHaveLength(101)
  })

  it('writes everything that comes while an fsync is under way with the next one', async () => {
    const { files, hold } = heldSync()
    const folder = await temporaryFolder()
    let syncs = 0
    const store = await open(folder, { files, onSync: () => (syncs += 1) })
    await store.commit(accepted(1))
    syncs = 0
    const { begun, release } = hold()
    const first = store.commit(accepted(2))
    await begun
    const later: Promise<void>[] = []
    for (let n = 3; n < 23; n += 1) {
      later.push(store.commit(accepted(n)))
      await new Promise(setImmediate)
    }
    release()
    await Promise.all([first, ...later])
    expect(syncs).toBe(2)
  })

  it('acknowledges nothing before its fsync, though reads see it at once', async () => {
    const { files, hold } = heldSync()
    const folder = await temporaryFolder()
    const store = await open(folder, { files })
    await store.commit(accepted(1))
    const { begun, release } = hold()
    const seen: string[] = []
    const committed = store.commit(accepted(2), () => seen.push('visible')).then(() => seen.push('durable'))
    expect(seen).toEqual(['visible'])
    await begun
    expect(await eventsIn(store)).toEqual([1, 2])
    expect(seen).toEqual(['visible'])
    release()
    await committed
    expect(seen).toEqual(['visible', 'durable'])
  })

  it('acknowledges in the order of the commits, and keeps it over a restart', async () => {
    const folder = await temporaryFolder()
    const store = await open(folder)
    const order: number[] = []
    await Promise.all(
      [5, 3, 9, 1].map((n) =>
        store.commit([{ kind: 'event.insert', event: event(n) }]).then(() => order.push(n)),
      ),
    )
    expect(order).toEqual([5, 3, 9, 1])
    const { items } = await (await reopen(store, folder)).events({}, { cursor: null, limit: 10 })
    expect(items.map(({ id }) => id)).toEqual([1, 9, 3, 5].map(eventId))
  })

  it('undoes a transaction that fails and none of its neighbours, in memory and on disk', async () => {
    const folder = await temporaryFolder()
    const files = new FaultyFileSystem()
    let store = await open(folder, { files })
    await store.commit(accepted(1))
    const syncs = files.count('sync')
    const bad: Change[] = [
      { kind: 'workspace.put', workspace: workspace(11) },
      ...accepted(3),
      { kind: 'event.insert', event: event(1) },
    ]
    const outcomes = await Promise.allSettled([
      store.commit([{ kind: 'workspace.put', workspace: workspace(10) }, ...accepted(2)]),
      store.commit(bad),
      store.commit([{ kind: 'workspace.put', workspace: workspace(12) }, ...accepted(4)]),
      store.commit([...accepted(5), { kind: 'capture.insert', capture: capture(1, bytesOf(1, 10)) }]),
    ])
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled', 'fulfilled'])
    expect(files.count('sync') - syncs).toBe(1)
    for (let start = 0; start < 2; start += 1) {
      expect(await eventsIn(store)).toEqual([1, 2, 4, 5])
      expect(store.workspaces.list()).toEqual([workspace(10), workspace(12)])
      expect((await store.capture(captureId(1)))?.body).toHaveLength(10)
      store = await reopen(store, folder)
    }
  })

  it('goes on when the only transaction of a turn fails', async () => {
    const folder = await temporaryFolder()
    const store = await open(folder)
    await store.commit(accepted(1))
    await expect(store.commit(accepted(1))).rejects.toThrow(/UNIQUE/)
    await store.settled()
    await store.commit([{ kind: 'delivery.update', delivery: succeeded(1) }])
    expect((await (await reopen(store, folder)).delivery(deliveryId(1)))?.status).toBe('succeeded')
  })

  it('survives closing right after a transaction that failed', async () => {
    const folder = await temporaryFolder()
    const store = await open(folder)
    await store.commit(accepted(1))
    await expect(store.commit(accepted(1))).rejects.toThrow(/UNIQUE/)
    expect(await eventsIn(await reopen(store, folder))).toEqual([1])
  })
})

import { readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { compact } from '../../../src-main/storage/compaction.ts'
import { AppError } from '../../../src-shared/errors.ts'
import { FaultyFileSystem, type Fault } from '../../support/faulty-file-system.ts'
import { HandClock } from './hand-clock.ts'
import { accepted, bytesOf, capture, captureId, workspace } from './records.ts'
import { eventsIn, expectPayload, open, reopen, storeFiles, temporaryFolder, untilHealthy } from './stores.ts'
import type { OpenStore } from '../../../src-main/storage/store.ts'

const payloadOf = (n: number): Uint8Array => bytesOf(n, n % 3 === 0 ? 5000 + n : 40)

/** Commits events in turns of several, and keeps account of what was acknowledged and what refused. */
class Workload {
  readonly acknowledged: number[] = []
  readonly refused: number[] = []
  readonly refusals: unknown[] = []
  #next = 100

  async turn(store: OpenStore, count: number): Promise<void> {
    const numbers = Array.from({ length: count }, () => this.#next++)
    await Promise.all(
      numbers.map(async (n) => {
        try {
          await store.commit(accepted(n, payloadOf(n)))
          this.acknowledged.push(n)
        } catch (error) {
          this.refused.push(n)
          this.refusals.push(error)
        }
      }),
    )
    this.acknowledged.sort((a, b) => a - b)
  }

  /** The store has exactly what was acknowledged. */
  async expectIn(store: OpenStore): Promise<void> {
    // oxlint-disable-next-line vitest/no-standalone-expect -- called from tests
    expect(await eventsIn(store)).toEqual(this.acknowledged)
    for (const n of this.acknowledged) await expectPayload(store, n, payloadOf(n))
  }
}

async function runWithFault(
  fault: Fault | null,
  withCompaction: boolean,
): Promise<{ operations: number; refused: number }> {
  const folder = await temporaryFolder()
  const clock = new HandClock()
  const health: (string | null)[] = []
  const files = new FaultyFileSystem()
  let store = await open(folder, { files, clock, onHealth: (problem) => health.push(problem) })
  const workload = new Workload()
  const before = files.operations.length
  if (fault !== null) files.break(fault)
  for (const count of [1, 3, 2, 4]) {
    await workload.turn(store, count)
    if (withCompaction && count > 2) await store.compact().catch(() => undefined)
    if (store.failure === null) continue
    // Refused changes are not seen once memory is as on disk.
    await clock.armed()
    await workload.expectIn(store)
    files.mend()
    await untilHealthy(store, clock)
  }
  const operations = files.operations.length - before
  files.mend()
  for (const error of workload.refusals) {
    expect(error).toBeInstanceOf(AppError)
    expect(error).toMatchObject({ code: 'storage_unavailable' })
  }
  await workload.turn(store, 2)
  expect(workload.refused).not.toContain(111)
  await workload.expectIn(store)
  expect(health.at(-1) ?? null).toBeNull()
  store = await reopen(store, folder)
  expect(store.damage).toEqual([])
  await workload.expectIn(store)
  await store.close()
  return { operations, refused: workload.refused.length }
}

const faults: readonly Omit<Fault, 'at'>[] = [
  { code: 'ENOSPC' },
  { code: 'EIO', lasting: true },
  { code: 'ENOSPC', partial: true },
  { code: 'ENOSPC', partial: true, lasting: true },
]

describe('a file operation that fails', () => {
  it.each(faults)(
    'fault 19: the n-th one, for every n: nothing acknowledged is lost, nothing refused comes back (%j)',
    async (fault) => {
      const { operations } = await runWithFault(null, false)
      expect(operations).toBeGreaterThan(20)
      let refused = 0
      for (let at = 1; at <= operations; at += 1)
        refused += (await runWithFault({ ...fault, at }, false)).refused
      expect(refused).toBeGreaterThan(operations)
    },
    60_000,
  )

  it('fault 19: the n-th one around compactions, for every n: everything stays readable', async () => {
    const { operations } = await runWithFault(null, true)
    expect(operations).toBeGreaterThan(20)
    const each = Array.from({ length: operations }, (_, index) => index + 1)
    // Four at a time: starting the workers is most of it.
    for (let first = 0; first < operations; first += 4) {
      await Promise.all(each.slice(first, first + 4).map((at) => runWithFault({ code: 'EIO', at }, true)))
    }
  }, 60_000)

  it.each(faults)(
    'fault 19: the n-th one inside a compaction, for every n: the files are as before (%j)',
    async (fault) => {
      const folder = await temporaryFolder()
      const first = await open(folder)
      const workload = new Workload()
      await workload.turn(first, 4)
      await first.compact()
      await workload.turn(first, 4)
      await first.close()
      const order = { folder: join(folder, 'store'), upTo: 2 }
      for (let at = 1; ; at += 1) {
        const files = new FaultyFileSystem({ ...fault, at })
        const failed = await compact(files, order).then(
          () => null,
          (error: unknown) => error,
        )
        if (failed === null) break
        expect(failed).toMatchObject({ code: fault.code })
        const store = await open(folder)
        await workload.expectIn(store)
        await store.close()
        // The rename may have been done, only its fsync failed.
        await rm(join(folder, 'store', 'snapshot-00000003.db'), { force: true })
      }
      expect(await storeFiles(folder, 'snapshot')).toEqual(['snapshot-00000002.db', 'snapshot-00000003.db'])
      await workload.expectIn(await open(folder))
    },
  )

  it('fault 19: a full disk leaves no half-written snapshot behind', async () => {
    const folder = await temporaryFolder()
    const store = await open(folder)
    await store.commit(accepted(1))
    await store.close()
    const files = new FaultyFileSystem({ at: 2, code: 'ENOSPC', partial: true })
    await expect(compact(files, { folder: join(folder, 'store'), upTo: 1 })).rejects.toMatchObject({
      code: 'ENOSPC',
    })
    expect(await readdir(join(folder, 'store'))).toEqual(['journal-00000001.log'])
  })

  it('fault 19: healing that fails is tried again, and tells its reason', async () => {
    const folder = await temporaryFolder()
    const clock = new HandClock()
    const files = new FaultyFileSystem()
    const health: (string | null)[] = []
    const store = await open(folder, { clock, files, onHealth: (problem) => health.push(problem) })
    await store.commit(accepted(1))
    for (let healedAt = 1; healedAt <= 12; healedAt += 1) {
      files.break({ at: 1, code: 'ENOSPC', partial: true, lasting: true })
      await expect(store.commit(accepted(100 + healedAt))).rejects.toMatchObject({
        code: 'storage_unavailable',
      })
      expect(store.failure).toBe('the disk is full')
      await clock.armed()
      // Each step of healing fails once.
      files.break({ at: healedAt, code: 'EIO' })
      await untilHealthy(store, clock)
      files.mend()
      await store.commit(accepted(healedAt + 1))
      expect(await eventsIn(store)).toEqual(Array.from({ length: healedAt + 1 }, (_, index) => index + 1))
    }
    expect(health.filter((problem) => problem === null)).toHaveLength(12)
    const again = await reopen(store, folder)
    expect(again.damage).toEqual([])
    expect(await eventsIn(again)).toHaveLength(13)
  })

  it('fault 19: a disk that stays full does not fill up with segments', async () => {
    const folder = await temporaryFolder()
    const clock = new HandClock()
    const files = new FaultyFileSystem()
    const store = await open(folder, { clock, files })
    await store.commit(accepted(1))
    for (let round = 0; round < 10; round += 1) {
      // A header still fits, a record doesn't.
      files.break({ at: 1, code: 'ENOSPC', lasting: true })
      await expect(store.commit(accepted(50))).rejects.toMatchObject({ code: 'storage_unavailable' })
      files.mend()
      await clock.armed()
      await untilHealthy(store, clock)
    }
    expect(await storeFiles(folder, 'journal')).toHaveLength(2)
  })

  it('fault 19: what was refused is not seen any more while writing still fails', async () => {
    const folder = await temporaryFolder()
    const clock = new HandClock()
    const files = new FaultyFileSystem()
    let reloads = 0
    const store = await open(folder, { clock, files, onReload: () => (reloads += 1) })
    await store.commit([{ kind: 'workspace.put', workspace: workspace(10) }])
    files.break({ at: 1, code: 'ENOSPC', lasting: true })
    await expect(store.commit([{ kind: 'workspace.put', workspace: workspace(11) }])).rejects.toBeInstanceOf(
      AppError,
    )
    await clock.armed()
    expect(reloads).toBe(1)
    expect(store.failure).toBe('the disk is full')
    expect(store.workspaces.list()).toEqual([workspace(10)])
    await expect(store.commit([{ kind: 'workspace.put', workspace: workspace(12) }])).rejects.toMatchObject({
      message: expect.stringContaining('the disk is full'),
    })
    expect(store.workspaces.list()).toEqual([workspace(10)])
  })

  it('fault 19: closing while writing fails neither hangs nor loses nor keeps what was refused', async () => {
    for (const partial of [false, true]) {
      for (let at = 1; at <= 2; at += 1) {
        const folder = await temporaryFolder()
        const files = new FaultyFileSystem()
        const store = await open(folder, { files })
        await store.commit(accepted(1))
        files.break({ at, code: 'EIO', partial })
        const refused = store.commit(accepted(2)).catch((error: unknown) => error)
        await store.close()
        expect(await refused).toMatchObject({ code: 'storage_unavailable' })
        const again = await open(folder)
        expect(again.damage).toEqual([])
        expect(await eventsIn(again)).toEqual([1])
        await again.close()
      }
    }
  })

  it('fault 19: closing waits for what was begun, and refuses what comes after', async () => {
    const folder = await temporaryFolder()
    const store = await open(folder)
    const begun = store.commit(accepted(1))
    const large = store.commit(accepted(3, payloadOf(3)))
    const closed = store.close()
    await begun
    await expect(large).rejects.toMatchObject({ code: 'storage_unavailable' })
    await closed
    await expect(store.commit(accepted(4))).rejects.toMatchObject({ code: 'storage_unavailable' })
    expect(await eventsIn(await open(folder))).toEqual([1])
  })

  it('fault 19: settled tells that what was written is not on disk', async () => {
    const folder = await temporaryFolder()
    const files = new FaultyFileSystem()
    const store = await open(folder, { files })
    await store.commit(accepted(1))
    files.break({ at: 2, code: 'EIO' })
    const refused = store.commit(accepted(2)).catch((error: unknown) => error)
    await expect(store.settled()).rejects.toMatchObject({ code: 'storage_unavailable' })
    expect(await refused).toBeInstanceOf(AppError)
  })

  it('fault 23: a folder that is removed while it is open: a commit says so, and nothing crashes', async () => {
    const folder = await temporaryFolder()
    const clock = new HandClock()
    const store = await open(folder, { clock })
    await store.commit(accepted(1))
    await rm(join(folder, 'store'), { recursive: true })
    await expect(store.commit(accepted(2))).rejects.toMatchObject({ code: 'storage_unavailable' })
    await clock.armed()
    clock.advance(10_000)
    await clock.armed()
    expect(store.failure).toBe('it is not there')
    await store.close()
  })

  it('fault 23: a folder that comes back empty does not pass for the one that was open', async () => {
    const folder = await temporaryFolder()
    const clock = new HandClock()
    const store = await open(folder, { clock })
    await store.commit(accepted(1))
    await rename(join(folder, 'store'), join(folder, 'gone'))
    const refused = store.compact().catch((error: unknown) => error)
    await refused
    await expect(store.commit(accepted(2))).rejects.toMatchObject({ code: 'storage_unavailable' })
    await clock.armed()
    await rename(join(folder, 'gone'), join(folder, 'store'))
    await untilHealthy(store, clock)
    await store.commit(accepted(3))
    expect(await eventsIn(store)).toEqual([1, 3])
    expect(await eventsIn(await reopen(store, folder))).toEqual([1, 3])
  })

  it('fault 23: a body folder that was removed is made again', async () => {
    const folder = await temporaryFolder()
    const store = await open(folder)
    await store.commit([{ kind: 'capture.insert', capture: capture(1, bytesOf(1, 5000)) }])
    await rm(join(folder, 'bodies'), { recursive: true })
    await expect(
      store.commit([{ kind: 'capture.insert', capture: capture(2, bytesOf(1, 5000)) }]),
    ).rejects.toMatchObject({ code: 'storage_unavailable' })
    await store.commit([{ kind: 'capture.insert', capture: capture(3, bytesOf(1, 5000)) }])
    expect((await store.capture(captureId(3)))?.body).toHaveLength(5000)
  })
})

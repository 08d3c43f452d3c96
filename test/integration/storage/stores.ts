import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished } from 'vitest'
import { nodeFileSystem } from '../../../src-main/storage/file-system.ts'
import { openStore, type OpenStore, type StoreOptions } from '../../../src-main/storage/store.ts'
import { eventId } from './records.ts'
import { HandClock } from './hand-clock.ts'

export const compactionWorker = new URL('../../../src-main/storage/compaction-worker.ts', import.meta.url)

/** A folder that is gone when the test ends. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'hookbench-storage-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return folder
}

/** A store with real files, closed when the test ends. */
export async function open(folder: string, options: Partial<StoreOptions> = {}): Promise<OpenStore> {
  const store = await openStore({
    folder,
    files: nodeFileSystem,
    clock: new HandClock(),
    compactionWorker,
    ...options,
  })
  onTestFinished(() => store.close())
  return store
}

/** Closes the store and opens its folder again. */
export async function reopen(
  store: OpenStore,
  folder: string,
  options: Partial<StoreOptions> = {},
): Promise<OpenStore> {
  await store.close()
  return open(folder, options)
}

/** Lets a store that failed try again until it works. */
export async function untilHealthy(store: OpenStore, clock: HandClock): Promise<void> {
  while (store.failure !== null) {
    if (clock.timers > 0) clock.advance(10_000)
    await new Promise(setImmediate)
  }
}

/** Numbers of all events in a store. */
export async function eventsIn(store: OpenStore): Promise<number[]> {
  const { items, nextCursor } = await store.events({}, { cursor: null, limit: 100_000 })
  expect(nextCursor).toBeNull()
  return items.map(({ id }) => Number(id.slice(-12))).sort((a, b) => a - b)
}

export async function expectPayload(store: OpenStore, n: number, payload: Uint8Array): Promise<void> {
  const found = await store.event(eventId(n))
  expect(found, `event ${n}`).toBeDefined()
  expect(Buffer.compare(found?.payload ?? new Uint8Array(), payload), `payload of ${n}`).toBe(0)
}

export async function filesIn(folder: string): Promise<string[]> {
  const found = await readdir(folder, { recursive: true, withFileTypes: true })
  return found
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
}

/** Path → bytes of a whole folder. */
export async function contentsOf(folder: string): Promise<Map<string, string>> {
  const contents = new Map<string, string>()
  for (const path of await filesIn(folder)) contents.set(path, (await readFile(path)).toString('base64'))
  return contents
}

export async function modeOf(path: string): Promise<number> {
  return (await stat(path)).mode & 0o777
}

/** Names of the journal segments or snapshots of a data folder, oldest first. */
export async function storeFiles(folder: string, kind: 'journal' | 'snapshot'): Promise<string[]> {
  const names = await readdir(join(folder, 'store'))
  return names.filter((name) => name.startsWith(`${kind}-`) && !name.endsWith('.tmp')).sort()
}

import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import type { FileSystem } from './file-system.ts'
import { recover } from './recovery.ts'
import { generationOf, writeSnapshot } from './snapshot.ts'

/**
 * Compaction folds sealed journal segments into the next snapshot, in a worker thread with the code of recovery.
 * The last two snapshots are kept, with every segment that the older one needs: when the newest is damaged,
 * nothing that was acknowledged is missing.
 */

/** Makes snapshot `upTo + 1`. @returns its generation */
export async function compact(files: FileSystem, folder: string, upTo: number): Promise<number> {
  const recovered = await recover(folder, upTo)
  if (recovered.damage.some(({ fromByte }) => fromByte !== undefined)) {
    recovered.database.close()
    throw new Error('a sealed journal segment is damaged; it is left for recovery at the next start')
  }
  const { database } = recovered
  // Freed pages are used again, but after a large clean-up the file would stay as large as it ever was.
  if (database.freeBytes > database.usedBytes / 4) database.run('VACUUM', [])
  const generation = upTo + 1
  await writeSnapshot(files, folder, generation, database.image())
  database.close()
  return generation
}

/** Removes snapshots and segments that neither of the last two snapshots needs. @returns the oldest kept generation */
export async function pruneFiles(files: FileSystem, folder: string): Promise<number> {
  const names = await readdir(folder)
  const snapshots = names
    .map((name) => generationOf('snapshot', name))
    .filter((generation) => generation !== null)
    .sort((a, b) => a - b)
  // With one snapshot only, the state before it is the empty database and all segments.
  const oldestKept = snapshots.at(-2) ?? 0
  for (const name of names) {
    const generation = generationOf('snapshot', name) ?? generationOf('journal', name)
    if (generation !== null && generation < oldestKept) await files.remove(join(folder, name))
  }
  await files.syncFolder(folder)
  return oldestKept
}

/** What the worker is told, and what it answers. */
export interface CompactionOrder {
  readonly folder: string
  readonly upTo: number
}
export type CompactionReport = { readonly generation: number } | { readonly error: string }

/** Runs {@link compact} in a worker thread. Rejects with the worker's reason; the files are then as before. */
export function compactInWorker(workerUrl: URL, order: CompactionOrder): Promise<number> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(workerUrl, { workerData: order, execArgv: [] })
    worker.once('message', (report: CompactionReport) => {
      if ('error' in report) reject(new Error(report.error))
      else resolve(report.generation)
    })
    worker.once('error', reject)
    worker.once('exit', (code) => reject(new Error(`the compaction worker ended with code ${code}`)))
  })
}


import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import type { FileSystem } from './file-system.ts'
import { recover } from './recovery.ts'
import { generationOf, isUnfinishedSnapshot, writeSnapshot } from './snapshot.ts'

/**
 * Compaction folds sealed journal segments into the next snapshot, in a worker thread with the code of recovery.
 * The new snapshot and the one it was made from are kept, with every segment since the latter: when the newest is
 * damaged, nothing that was acknowledged is missing.
 */

/** What the worker is told: fold the segments up to `upTo` into snapshot `upTo + 1`. */
export interface CompactionOrder {
  readonly folder: string
  readonly upTo: number
}
/** The sound snapshot that the new one was made from (0: none); null when there was nothing to fold. */
export type CompactionReport = { readonly base: number | null } | { readonly error: string }

/** Makes snapshot `upTo + 1`. @returns the generation of the snapshot it was made from, null when it was there already */
export async function compact(files: FileSystem, { folder, upTo }: CompactionOrder): Promise<number | null> {
  await removeUnfinished(files, folder)
  const { database, damage, snapshot } = await recover(folder, { upTo })
  try {
    if (damage.some(({ fromByte }) => fromByte !== undefined)) {
      throw new Error('a sealed journal segment is damaged; it is left for recovery at the next start')
    }
    if (snapshot === upTo + 1) return null
    // Freed pages are used again, but after a large clean-up the file would stay as large as it ever was.
    if (database.freeBytes > database.usedBytes / 4) database.run('VACUUM', [])
    await writeSnapshot(files, folder, upTo + 1, database.image())
    return snapshot
  } finally {
    database.close()
  }
}

/** Drafts of compactions that were killed. */
async function removeUnfinished(files: FileSystem, folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (isUnfinishedSnapshot(name)) await files.remove(join(folder, name))
  }
}

/** Removes the snapshots and segments before snapshot `oldestKept`. */
export async function pruneFiles(files: FileSystem, folder: string, oldestKept: number): Promise<void> {
  for (const name of await readdir(folder)) {
    const generation = generationOf('snapshot', name) ?? generationOf('journal', name)
    if (generation !== null && generation < oldestKept) await files.remove(join(folder, name))
  }
  await files.syncFolder(folder)
}

/** Runs {@link compact} in a worker thread. Rejects with the worker's reason; the files are then as before. */
export function compactInWorker(workerUrl: URL, order: CompactionOrder): Promise<number | null> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(workerUrl, { workerData: order, execArgv: [] })
    worker.once('message', (report: CompactionReport) => {
      if ('error' in report) reject(new Error(report.error))
      else resolve(report.base)
    })
    worker.once('error', reject)
    worker.once('exit', (code) => reject(new Error(`the compaction worker ended with code ${code}`)))
  })
}

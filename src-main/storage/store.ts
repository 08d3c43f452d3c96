import { join } from 'node:path'
import { AppError } from '../../src-shared/errors.ts'
import type { Clock } from '../engine/ports.ts'
import type { Store } from '../engine/store.ts'
import { describeFileError, type FileSystem } from './file-system.ts'
import { JournaledDatabase } from './journaled-database.ts'
import { makeFolder } from './make-folder.ts'
import { migrations, refuseNewer } from './migrations/index.ts'
import { migrate } from './migrations/migrate.ts'
import type { Migration } from './migrations/migration.ts'
import type { Damage } from './recovery.ts'
import { hasRecordsAside } from './set-aside.ts'
import { SqlJsStore } from './sql-js-store.ts'

/** What a host decides about storage. */
export interface StoreOptions {
  /** Holds `store/` and `bodies/`. */
  readonly folder: string
  readonly files: FileSystem
  readonly clock: Clock
  /** The built (or source) file of the compaction worker. */
  readonly compactionWorker: URL
  readonly onHealth?: (problem: string | null) => void
  readonly onReload?: () => void
  readonly onSync?: (durationMs: number) => void
  readonly onCompactionError?: (reason: string) => void
  /** Tests bring their own history. */
  readonly migrations?: readonly Migration[]
  readonly compactAfterBytes?: number
}

/** The store and what only its host needs of it. */
export interface OpenStore extends Store {
  /** What could not be used when the folder was opened: set aside, not lost. */
  readonly damage: readonly Damage[]
  /** Why nothing can be written just now, or null. */
  readonly failure: string | null
  /** Resolves when everything committed so far is on disk. */
  settled(): Promise<void>
  /** Folds the journal into a snapshot and removes bodies and files that nothing needs any more. */
  compact(): Promise<void>
  close(): Promise<void>
}

/**
 * Opens the store of a data folder.
 * @throws AppError `data_folder_unusable`, `data_newer`, `migration_failed`
 */
export async function openStore(options: StoreOptions): Promise<OpenStore> {
  try {
    return await openUsable(options)
  } catch (cause) {
    if (cause instanceof AppError && cause.code !== 'storage_unavailable') throw cause
    const reason = cause instanceof AppError ? cause.details['reason'] : describeFileError(cause)
    throw new AppError('data_folder_unusable', { folder: options.folder, reason }, { cause })
  }
}

async function openUsable(options: StoreOptions): Promise<OpenStore> {
  const folder = join(options.folder, 'store')
  const known = options.migrations ?? migrations
  await makeFolder(folder)
  await makeFolder(join(options.folder, 'bodies'))
  await options.files.syncFolder(options.folder)
  let store: SqlJsStore | undefined
  const { journal, damage } = await JournaledDatabase.open({
    folder,
    files: options.files,
    clock: options.clock,
    onHealth: (problem) => options.onHealth?.(problem),
    onReload: () => store?.reload(),
    ...(options.onSync === undefined ? {} : { onSync: options.onSync }),
    validate: (database) => refuseNewer(database, options.folder, known),
  })
  try {
    await migrate(journal, options.files, { data: options.folder, store: folder }, known)
    store = new SqlJsStore(options, folder, journal, damage)
    await store.takeUp(!(await hasRecordsAside(folder)))
  } catch (error) {
    await journal.close()
    throw error
  }
  return store
}

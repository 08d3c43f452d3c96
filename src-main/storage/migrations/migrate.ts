import { join } from 'node:path'
import { AppError } from '../../../src-shared/errors.ts'
import type { FileSystem } from '../file-system.ts'
import type { JournaledDatabase } from '../journaled-database.ts'
import { makeAsideFolder } from '../set-aside.ts'
import { applyMigration, pendingMigrations, schemaVersion } from './index.ts'
import type { Migration } from './migration.ts'

/**
 * Brings the database to the newest version, in one transaction: after a failure the program that wrote it can still
 * open it. A copy of the database before is kept under `aside/`.
 * @throws AppError `migration_failed`
 */
export async function migrate(
  journal: JournaledDatabase,
  files: FileSystem,
  folders: { readonly data: string; readonly store: string },
  known: readonly Migration[],
): Promise<void> {
  const pending = pendingMigrations(journal.database, known)
  if (pending.length === 0) return
  const before = schemaVersion(journal.database)
  if (before > 0) await keepCopy(journal, files, folders.store, before)
  await journal.transaction((run) => {
    for (const migration of pending) {
      const { version } = migration
      try {
        applyMigration(migration, run)
      } catch (cause) {
        const reason = cause instanceof Error ? cause.message : String(cause)
        throw new AppError('migration_failed', { folder: folders.data, version, reason }, { cause })
      }
    }
  })
}

async function keepCopy(
  journal: JournaledDatabase,
  files: FileSystem,
  folder: string,
  version: number,
): Promise<void> {
  const aside = await makeAsideFolder(folder)
  const path = join(aside, `before-migration-from-${version}.db`)
  await files.remove(path)
  await files.writeNew(path, journal.database.image())
  await files.syncFolder(aside)
}

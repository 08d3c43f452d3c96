import { AppError } from '../../../src-shared/errors.ts'
import type { Execute } from '../journal-record.ts'
import type { Sqlite } from '../sqlite.ts'
import { initial } from './0001-initial.ts'
import { removalsAndReplays } from './0002-removals-replays.ts'
import { replaysBySource } from './0003-replays-by-source.ts'
import type { Migration } from './migration.ts'

/** All migrations in order. */
export const migrations: readonly Migration[] = [initial, removalsAndReplays, replaysBySource]

/** The schema version of a database; 0 of an empty one. */
export function schemaVersion(database: Sqlite): number {
  return Number(database.value('PRAGMA user_version'))
}

/** Refuses data that a newer program wrote. @throws AppError `data_newer` */
export function refuseNewer(
  database: Sqlite,
  folder: string,
  known: readonly Migration[] = migrations,
): void {
  const found = schemaVersion(database)
  const newest = known.at(-1)?.version ?? 0
  if (found > newest) throw new AppError('data_newer', { folder, found, known: newest })
}

/** The migrations that a database still needs. */
export function pendingMigrations(
  database: Sqlite,
  known: readonly Migration[] = migrations,
): readonly Migration[] {
  const version = schemaVersion(database)
  return known.filter((migration) => migration.version > version)
}

/** Runs one migration inside the caller's transaction. */
export function applyMigration(migration: Migration, run: Execute): void {
  for (const statement of migration.statements) run(statement, [])
  run(`PRAGMA user_version = ${migration.version}`, [])
}

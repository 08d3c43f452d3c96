import type { CaptureId, DeliveryId } from '../../../src-shared/model/ids.ts'
import type { Removal } from '../../engine/store.ts'
import type { Execute } from '../journal-record.ts'
import type { Sqlite } from '../sqlite.ts'
import { deleteCaptureContents } from './capture-repository.ts'
import { deleteDeliveryContents } from './delivery-repository.ts'

/** Rows of the history that wait, out of every list, to be brought back or to be deleted for good. */

const deliveryColumns =
  'id, event_id, workspace_id, destination_id, event_type, origin, status, created_at, due_at, doc, replay_id'
const captureColumns = 'id, endpoint_id, received_at, method, event_type, delivery_id, verdict, pinned'

/** Goes with every row that is removed: rows without it could be neither brought back nor deleted. */
export function putRemoval(run: Execute, removal: Removal): void {
  run('INSERT OR IGNORE INTO removals (token, history, expires_at) VALUES (?, ?, ?)', [
    removal.token,
    removal.of,
    removal.expiresAt,
  ])
}

export function removeRow(run: Execute, of: Removal['of'], token: string, id: DeliveryId | CaptureId): void {
  const columns = of === 'deliveries' ? deliveryColumns : captureColumns
  run(`INSERT INTO removed_${of} (token, ${columns}) SELECT ?, ${columns} FROM ${of} WHERE id = ?`, [
    token,
    id,
  ])
  run(`DELETE FROM ${of} WHERE id = ?`, [id])
}

/** Puts everything back that was removed under this token. */
export function restoreRemoval(run: Execute, { of, token }: Removal): void {
  const columns = of === 'deliveries' ? deliveryColumns : captureColumns
  run(`INSERT OR IGNORE INTO ${of} (${columns}) SELECT ${columns} FROM removed_${of} WHERE token = ?`, [
    token,
  ])
  run(`DELETE FROM removed_${of} WHERE token = ?`, [token])
  run('DELETE FROM removals WHERE token = ?', [token])
}

/** Deletes up to `limit` rows for good, and the removal itself with the last one. */
export function purgeRemoval(
  database: Sqlite,
  run: Execute,
  { of, token }: Removal,
  limit: number,
  generation: number,
): void {
  const rows = database.all(`SELECT * FROM removed_${of} WHERE token = ? LIMIT ?`, [token, limit])
  for (const row of rows) {
    const id = String(row['id'])
    run(`DELETE FROM removed_${of} WHERE token = ? AND id = ?`, [token, id])
    if (of === 'captures') deleteCaptureContents(database, run, id as CaptureId, generation)
    else deleteDeliveryContents(database, run, id as DeliveryId, row, generation)
  }
  if (rows.length < limit) run('DELETE FROM removals WHERE token = ?', [token])
}

/** The ids of what was removed under a token and can still be brought back. */
export function findRemovedIds(database: Sqlite, { of, token }: Removal): (DeliveryId | CaptureId)[] {
  const rows = database.all(`SELECT id FROM removed_${of} WHERE token = ?`, [token])
  return rows.map((row) => row['id'] as DeliveryId | CaptureId)
}

export function findRemovals(database: Sqlite): Removal[] {
  return database.all('SELECT token, history, expires_at FROM removals ORDER BY expires_at').map((row) => ({
    token: String(row['token']),
    of: row['history'] as Removal['of'],
    expiresAt: Number(row['expires_at']),
  }))
}

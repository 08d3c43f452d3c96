import { expect, it } from 'vitest'
import { applyMigration, migrations } from '../../../src-main/storage/migrations/index.ts'
import { findDeliveries } from '../../../src-main/storage/repositories/delivery-repository.ts'
import { restoreRemoval } from '../../../src-main/storage/repositories/removal-repository.ts'
import { Sqlite } from '../../../src-main/storage/sqlite.ts'
import { captureId, delivery, deliveryId } from './records.ts'

/** A database as version 2 wrote it: a replay of a capture, one of a delivery (removed just now), and neither. */
async function versionTwo(): Promise<Sqlite> {
  const database = await Sqlite.open()
  for (const migration of migrations.slice(0, 2)) applyMigration(migration, database.run)
  const { run } = database
  const insert = (n: number, table: string, replay: string | null, source: unknown): void => {
    const { attemptCount, destinationName, updatedAt } = delivery(n)
    const doc = JSON.stringify({ destinationName, source, attemptCount, updatedAt })
    const removed = table === 'removed_deliveries'
    run(
      `INSERT INTO ${table} (${removed ? 'token, ' : ''}id, event_id, workspace_id, destination_id, event_type, origin,
         status, created_at, doc, replay_id) VALUES (${removed ? "'undo', " : ''}?, '', '', '', 't', 'replay', 3, 1, ?, ?)`,
      [deliveryId(n), new TextEncoder().encode(doc), replay],
    )
    if (replay !== null)
      run('INSERT INTO replay_requests (delivery_id, doc) VALUES (?, ?)', [deliveryId(n), '{}'])
  }
  run('INSERT INTO replays (id, doc) VALUES (?, ?)', ['r', '{"mode":"resigned"}'])
  insert(1, 'deliveries', 'r', { captureId: captureId(7) })
  insert(2, 'removed_deliveries', 'r', { deliveryId: deliveryId(1) })
  insert(3, 'deliveries', null, null)
  return database
}

const page = { cursor: null, limit: 10 }

it('replays that an earlier version made are found by their source, and say how they were sent', async () => {
  const database = await versionTwo()
  for (const migration of migrations.slice(2)) applyMigration(migration, database.run)
  expect(findDeliveries(database, { sourceCaptureId: captureId(7) }, page).items).toMatchObject([
    { id: deliveryId(1), replayMode: 'resigned', source: { captureId: captureId(7) }, attemptCount: 0 },
  ])
  expect(findDeliveries(database, { sourceDeliveryId: deliveryId(1) }, page).items).toEqual([])
  restoreRemoval(database.run, { token: 'undo', of: 'deliveries', expiresAt: 0 })
  expect(findDeliveries(database, { sourceDeliveryId: deliveryId(1) }, page).items).toMatchObject([
    { id: deliveryId(2), replayMode: 'resigned' },
  ])
  const [other] = findDeliveries(database, { ids: [deliveryId(3)] }, page).items
  expect(other?.replayMode).toBeUndefined()
  database.close()
})

it('replays are found by their source without looking through the others', async () => {
  const database = await versionTwo()
  for (const migration of migrations.slice(2)) applyMigration(migration, database.run)
  const plan = database
    .all(
      'EXPLAIN QUERY PLAN SELECT id FROM deliveries WHERE id IN (SELECT delivery_id FROM replay_requests WHERE source = ?) ORDER BY id DESC LIMIT 9',
      ['x'],
    )
    .map(({ detail }) => String(detail))
  expect(plan.join('\n')).toMatch(/SEARCH deliveries USING PRIMARY KEY/)
  expect(plan.join('\n')).toMatch(/SEARCH replay_requests USING .*INDEX replay_requests_by_source/)
  expect(plan.join('\n')).not.toMatch(/SCAN/)
  database.close()
})

import type { Migration } from './migration.ts'

const text = (column: string): string => `CAST(${column} AS TEXT)`
const sourceIn = (table: string): string =>
  `(SELECT coalesce(json_extract(${text('doc')}, '$.source.captureId'), json_extract(${text('doc')}, '$.source.deliveryId'))
    FROM ${table} WHERE id = delivery_id)`
const withMode = (table: string): string =>
  `UPDATE ${table} SET doc = json_set(${text('doc')}, '$.replayMode',
    (SELECT json_extract(${text('replays.doc')}, '$.mode') FROM replays WHERE replays.id = replay_id))
  WHERE replay_id IN (SELECT id FROM replays)`

/**
 * The replays of a capture or a delivery are found by what they were made from, which stands beside their request:
 * deliveries of events pay nothing for it. A delivery of a replay says how it is sent.
 */
export const replaysBySource: Migration = {
  version: 3,
  statements: [
    `ALTER TABLE replay_requests ADD COLUMN source TEXT`,
    `UPDATE replay_requests SET source = coalesce(${sourceIn('deliveries')}, ${sourceIn('removed_deliveries')})`,
    `CREATE INDEX replay_requests_by_source ON replay_requests (source) WHERE source IS NOT NULL`,
    withMode('deliveries'),
    withMode('removed_deliveries'),
  ],
}

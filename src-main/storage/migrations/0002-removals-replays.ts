import type { Migration } from './migration.ts'

/**
 * What was removed waits a minute in tables of its own, for an undo. Replays keep the request that they send, for what
 * they were made from may be gone by then. Answers under an idempotency key are kept for a day.
 */
export const removalsAndReplays: Migration = {
  version: 2,
  statements: [
    // One delivery id may have thousands of captures at one endpoint and none at another.
    `DROP INDEX captures_by_delivery`,
    `CREATE INDEX captures_by_delivery ON captures (delivery_id, endpoint_id) WHERE delivery_id IS NOT NULL`,
    `CREATE TABLE removals (
      token TEXT PRIMARY KEY, history TEXT NOT NULL, expires_at INTEGER NOT NULL
    ) WITHOUT ROWID`,
    `CREATE TABLE removed_deliveries (
      token TEXT NOT NULL, id TEXT NOT NULL, event_id TEXT NOT NULL, workspace_id TEXT NOT NULL,
      destination_id TEXT NOT NULL, event_type TEXT NOT NULL, origin TEXT NOT NULL, status INTEGER NOT NULL,
      created_at INTEGER NOT NULL, due_at INTEGER, doc BLOB NOT NULL, replay_id TEXT, PRIMARY KEY (token, id)
    ) WITHOUT ROWID`,
    `CREATE INDEX removed_deliveries_by_event ON removed_deliveries (event_id)`,
    `CREATE INDEX removed_deliveries_by_replay ON removed_deliveries (replay_id) WHERE replay_id IS NOT NULL`,
    `CREATE TABLE removed_captures (
      token TEXT NOT NULL, id TEXT NOT NULL, endpoint_id TEXT NOT NULL, received_at INTEGER NOT NULL,
      method TEXT NOT NULL, event_type TEXT, delivery_id TEXT, verdict INTEGER NOT NULL, pinned INTEGER NOT NULL,
      PRIMARY KEY (token, id)
    ) WITHOUT ROWID`,
    `ALTER TABLE deliveries ADD COLUMN replay_id TEXT`,
    `CREATE INDEX deliveries_by_replay ON deliveries (replay_id) WHERE replay_id IS NOT NULL`,
    `CREATE TABLE replays (id TEXT PRIMARY KEY, doc BLOB NOT NULL) WITHOUT ROWID`,
    `CREATE TABLE replay_requests (
      delivery_id TEXT PRIMARY KEY, doc BLOB NOT NULL, body BLOB, body_sha256 TEXT
    ) WITHOUT ROWID`,
    `CREATE TABLE idempotent_answers (
      operation TEXT NOT NULL, key TEXT NOT NULL, request_sha256 TEXT NOT NULL, answer BLOB NOT NULL,
      created_at INTEGER NOT NULL, PRIMARY KEY (operation, key)
    ) WITHOUT ROWID`,
  ],
}

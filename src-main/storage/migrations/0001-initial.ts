import type { Migration } from './migration.ts'

/**
 * Narrow tables hold what lists filter by, wide ones the rest: a scan for a rare filter reads little.
 * `doc` columns are JSON. Times are epoch milliseconds.
 */
export const initial: Migration = {
  version: 1,
  statements: [
    `CREATE TABLE configuration (
      kind TEXT NOT NULL, id TEXT NOT NULL, doc TEXT NOT NULL, PRIMARY KEY (kind, id)
    ) WITHOUT ROWID`,
    `CREATE TABLE contacts (
      workspace_id TEXT NOT NULL, id TEXT NOT NULL, doc TEXT NOT NULL, PRIMARY KEY (workspace_id, id)
    ) WITHOUT ROWID`,
    `CREATE TABLE events (
      seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, workspace_id TEXT NOT NULL, type TEXT NOT NULL,
      occurred_at INTEGER NOT NULL, payload BLOB, payload_sha256 TEXT
    )`,
    `CREATE TABLE deliveries (
      id TEXT PRIMARY KEY, event_id TEXT NOT NULL, workspace_id TEXT NOT NULL, destination_id TEXT NOT NULL,
      event_type TEXT NOT NULL, origin TEXT NOT NULL, status INTEGER NOT NULL, created_at INTEGER NOT NULL,
      due_at INTEGER, doc BLOB NOT NULL
    ) WITHOUT ROWID`,
    `CREATE INDEX deliveries_by_event ON deliveries (event_id)`,
    `CREATE TABLE attempts (
      delivery_id TEXT NOT NULL, number INTEGER NOT NULL, doc BLOB NOT NULL,
      body BLOB, body_sha256 TEXT, excerpt BLOB, excerpt_sha256 TEXT,
      PRIMARY KEY (delivery_id, number)
    ) WITHOUT ROWID`,
    `CREATE TABLE captures (
      id TEXT PRIMARY KEY, endpoint_id TEXT NOT NULL, received_at INTEGER NOT NULL, method TEXT NOT NULL,
      event_type TEXT, delivery_id TEXT, verdict INTEGER NOT NULL, pinned INTEGER NOT NULL
    ) WITHOUT ROWID`,
    `CREATE INDEX captures_by_delivery ON captures (delivery_id) WHERE delivery_id IS NOT NULL`,
    `CREATE TABLE capture_contents (
      id TEXT PRIMARY KEY, doc BLOB NOT NULL, body BLOB, body_sha256 TEXT
    ) WITHOUT ROWID`,
    `CREATE TABLE bodies (
      sha256 TEXT PRIMARY KEY, bytes INTEGER NOT NULL, references_count INTEGER NOT NULL, orphaned_in INTEGER
    ) WITHOUT ROWID`,
  ],
}

import type { SqlValue } from '../journal-record.ts'
import type { Execute } from '../journal-record.ts'

/** Bytes up to here stay in their row; larger ones go to the body store. */
export const inlineLimitBytes = 2048

/** A body after it was put where it belongs: in the row, or in a file that is already on disk. */
export type StoredBody = { readonly inline: Uint8Array } | { readonly sha256: string; readonly bytes: number }

/** The two columns of a body: the bytes, or the name of their file. */
export function bodyColumns(body: StoredBody | null): [SqlValue, SqlValue] {
  if (body === null) return [null, null]
  return 'inline' in body ? [plainBytes(body.inline), null] : [null, body.sha256]
}

/** Counts the row that names a file. Goes into the transaction of that row. */
export function addReference(run: Execute, body: StoredBody | null): void {
  if (body === null || 'inline' in body) return
  run(
    `INSERT INTO bodies (sha256, bytes, references_count, orphaned_in) VALUES (?, ?, 1, NULL)
     ON CONFLICT (sha256) DO UPDATE SET references_count = references_count + 1, orphaned_in = NULL`,
    [body.sha256, body.bytes],
  )
}

/** Takes back one reference. @param generation the journal generation that this is written to */
export function dropReference(run: Execute, sha256: SqlValue | undefined, generation: number): void {
  if (typeof sha256 !== 'string') return
  run(
    `UPDATE bodies SET references_count = references_count - 1,
       orphaned_in = CASE WHEN references_count = 1 THEN ? ELSE NULL END WHERE sha256 = ?`,
    [generation, sha256],
  )
}

// sql.js copies a plain Uint8Array several times faster than a Buffer out of the pool.
function plainBytes(bytes: Uint8Array): Uint8Array {
  return bytes instanceof Buffer ? new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length) : bytes
}

import type { WebhookEvent } from '../../../src-shared/model/event.ts'
import type { EventId, WorkspaceId } from '../../../src-shared/model/ids.ts'
import type { Page, PageQuery } from '../../engine/store.ts'
import type { Execute } from '../journal-record.ts'
import type { Row, Sqlite } from '../sqlite.ts'
import { Conditions, toPage } from './page.ts'
import { addReference, bodyColumns, dropReference, type StoredBody } from './stored-body.ts'

type ReadBody = (sha256: string) => Promise<Uint8Array | null>

/** @param seq the event's place in the order of arrival */
export function insertEvent(run: Execute, event: WebhookEvent, seq: number, payload: StoredBody): void {
  addReference(run, payload)
  run(
    'INSERT INTO events (seq, id, workspace_id, type, occurred_at, payload, payload_sha256) VALUES (?, ?, ?, ?, ?, ?, ?)',
    [seq, event.id, event.workspaceId, event.type, event.occurredAt, ...bodyColumns(payload)],
  )
}

export function deleteEvent(database: Sqlite, run: Execute, id: string, generation: number): void {
  dropReference(run, database.value('SELECT payload_sha256 FROM events WHERE id = ?', [id]), generation)
  run('DELETE FROM events WHERE id = ?', [id])
}

export function lastEventSeq(database: Sqlite): number {
  return Number(database.value('SELECT max(seq) FROM events') ?? 0)
}

async function toEvent(row: Row, readBody: ReadBody): Promise<WebhookEvent> {
  const sha256 = row['payload_sha256']
  const inline = row['payload']
  const stored = typeof sha256 === 'string' ? await readBody(sha256) : inline
  return {
    id: row['id'] as EventId,
    workspaceId: row['workspace_id'] as WorkspaceId,
    type: String(row['type']),
    occurredAt: Number(row['occurred_at']),
    payload: stored instanceof Uint8Array ? stored : new Uint8Array(),
  }
}

export async function findEvent(
  database: Sqlite,
  id: EventId,
  readBody: ReadBody,
): Promise<WebhookEvent | undefined> {
  const row = database.get('SELECT * FROM events WHERE id = ?', [id])
  return row === undefined ? undefined : toEvent(row, readBody)
}

export async function findEvents(
  database: Sqlite,
  filter: { readonly workspaceId?: WorkspaceId | undefined; readonly type?: string | undefined },
  page: PageQuery,
  readBody: ReadBody,
): Promise<Page<WebhookEvent>> {
  const conditions = new Conditions()
    .add('workspace_id = ?', filter.workspaceId)
    .add('type = ?', filter.type)
    .add('seq < ?', page.cursor === null ? undefined : Number(page.cursor))
  const rows = database.all(`SELECT * FROM events ${conditions.where} ORDER BY seq DESC LIMIT ?`, [
    ...conditions.parameters,
    page.limit + 1,
  ])
  const { items, nextCursor } = toPage(
    rows,
    page,
    (row) => row,
    (row) => String(row['seq']),
  )
  return { items: await Promise.all(items.map((row) => toEvent(row, readBody))), nextCursor }
}

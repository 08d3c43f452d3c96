import type {
  Capture,
  CaptureMarks,
  CaptureVerdict,
  CaptureWithBody,
  VerdictStatus,
} from '../../../src-shared/model/capture.ts'
import type { CaptureId, EndpointId } from '../../../src-shared/model/ids.ts'
import type { CaptureFilter, Page, PageQuery } from '../../engine/store.ts'
import type { Execute } from '../journal-record.ts'
import type { Row, Sqlite } from '../sqlite.ts'
import { decodeDoc, encodeDoc } from './delivery-repository.ts'
import { Conditions, toPage } from './page.ts'
import { addReference, bodyColumns, dropReference, type StoredBody } from './stored-body.ts'

const verdictStatuses: readonly VerdictStatus[] = ['verified', 'rejected', 'unsigned', 'unchecked']

export function insertCapture(run: Execute, capture: CaptureWithBody, body: StoredBody | null): void {
  const { body: _bytes, id, ...doc } = capture
  addReference(run, body)
  run(
    `INSERT INTO captures (id, endpoint_id, received_at, method, event_type, delivery_id, verdict, pinned)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
    [
      id,
      capture.endpointId,
      capture.receivedAt,
      capture.method,
      capture.eventType,
      capture.deliveryId,
      verdictStatuses.indexOf(capture.verdict.status),
      capture.pinned ? 1 : 0,
    ],
  )
  run('INSERT INTO capture_contents (id, doc, body, body_sha256) VALUES (?, ?, ?, ?)', [
    id,
    encodeDoc(doc),
    ...bodyColumns(body),
  ])
}

export function updateCaptureVerdict(
  database: Sqlite,
  run: Execute,
  id: CaptureId,
  verdict: CaptureVerdict,
): void {
  updateDoc(database, run, id, { verdict })
  run('UPDATE captures SET verdict = ? WHERE id = ?', [verdictStatuses.indexOf(verdict.status), id])
}

export function updateCaptureMarks(database: Sqlite, run: Execute, id: CaptureId, marks: CaptureMarks): void {
  updateDoc(database, run, id, marks)
  run('UPDATE captures SET pinned = ? WHERE id = ?', [marks.pinned ? 1 : 0, id])
}

function updateDoc(database: Sqlite, run: Execute, id: CaptureId, change: object): void {
  const doc = database.value('SELECT doc FROM capture_contents WHERE id = ?', [id])
  if (doc === null) return
  run('UPDATE capture_contents SET doc = ? WHERE id = ?', [
    encodeDoc({ ...decodeDoc<object>(doc), ...change }),
    id,
  ])
}

export function deleteCapture(database: Sqlite, run: Execute, id: CaptureId, generation: number): void {
  dropReference(
    run,
    database.value('SELECT body_sha256 FROM capture_contents WHERE id = ?', [id]),
    generation,
  )
  run('DELETE FROM captures WHERE id = ?', [id])
  run('DELETE FROM capture_contents WHERE id = ?', [id])
}

function toCapture(row: Row): Capture {
  return { ...decodeDoc<Omit<Capture, 'id'>>(row['doc']), id: row['id'] as CaptureId }
}

export async function findCapture(
  database: Sqlite,
  id: CaptureId,
  readBody: (sha256: string) => Promise<Uint8Array | null>,
): Promise<CaptureWithBody | undefined> {
  const row = database.get('SELECT * FROM capture_contents WHERE id = ?', [id])
  if (row === undefined) return undefined
  const sha256 = row['body_sha256']
  const inline = row['body']
  const stored = typeof sha256 === 'string' ? await readBody(sha256) : inline
  return { ...toCapture(row), body: stored instanceof Uint8Array ? stored : new Uint8Array() }
}

export function findCaptures(database: Sqlite, filter: CaptureFilter, page: PageQuery): Page<Capture> {
  const conditions = new Conditions()
    .add('endpoint_id = ?', filter.endpointId)
    .add('method = ?', filter.method)
    .add('event_type = ?', filter.eventType)
    .add('delivery_id = ?', filter.deliveryId)
    .addIn(
      'verdict',
      filter.verdict?.map((status) => verdictStatuses.indexOf(status)),
    )
    .add('pinned = ?', filter.pinned === undefined ? undefined : Number(filter.pinned))
    .add('received_at >= ?', filter.since)
    .add('received_at < ?', filter.until)
    .add('id < ?', page.cursor ?? undefined)
  const rows = database.all(
    `SELECT id, doc FROM capture_contents WHERE id IN
       (SELECT id FROM captures ${conditions.where} ORDER BY id DESC LIMIT ?)
     ORDER BY id DESC`,
    [...conditions.parameters, page.limit + 1],
  )
  return toPage(rows, page, toCapture, (row) => String(row['id']))
}

export function findCapturesOfDelivery(
  database: Sqlite,
  endpointId: EndpointId,
  deliveryId: string,
): CaptureId[] {
  return database
    .all('SELECT id FROM captures WHERE delivery_id = ? AND endpoint_id = ? ORDER BY id', [
      deliveryId,
      endpointId,
    ])
    .map((row) => row['id'] as CaptureId)
}

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

/** @param capture its body, if it has one, is not looked at: that is `body` */
export function insertCapture(run: Execute, capture: Capture, body: StoredBody | null): void {
  const { id } = capture
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
    encodeDoc(docOf(capture)),
    ...bodyColumns(body),
  ])
}

/** Everything but id and body. Field by field: a rest pattern takes ten times as long. */
function docOf(capture: Capture): Omit<Capture, 'id'> {
  return {
    endpointId: capture.endpointId,
    receivedAt: capture.receivedAt,
    remoteAddress: capture.remoteAddress,
    method: capture.method,
    target: capture.target,
    httpVersion: capture.httpVersion,
    headers: capture.headers,
    trailers: capture.trailers,
    bodyBytes: capture.bodyBytes,
    truncated: capture.truncated,
    aborted: capture.aborted,
    malformed: capture.malformed,
    eventType: capture.eventType,
    deliveryId: capture.deliveryId,
    duplicateOf: capture.duplicateOf,
    verdict: capture.verdict,
    answeredStatus: capture.answeredStatus,
    ...(capture.answer === undefined ? {} : { answer: capture.answer }),
    pinned: capture.pinned,
    tags: capture.tags,
    note: capture.note,
  }
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
  run('DELETE FROM captures WHERE id = ?', [id])
  deleteCaptureContents(database, run, id, generation)
}

/** What goes with a capture's row. */
export function deleteCaptureContents(
  database: Sqlite,
  run: Execute,
  id: CaptureId,
  generation: number,
): void {
  const body = database.value('SELECT body_sha256 FROM capture_contents WHERE id = ?', [id])
  dropReference(run, body, generation)
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
  const row = database.get(
    'SELECT c.* FROM capture_contents c WHERE c.id = ?1 AND EXISTS (SELECT 1 FROM captures WHERE id = ?1)',
    [id],
  )
  if (row === undefined) return undefined
  const sha256 = row['body_sha256']
  const inline = row['body']
  const stored = typeof sha256 === 'string' ? await readBody(sha256) : inline
  return { ...toCapture(row), body: stored instanceof Uint8Array ? stored : new Uint8Array() }
}

/** Where a capture's body is, and how long what was kept of it is. */
export function findCaptureBody(
  database: Sqlite,
  id: CaptureId,
): { inline: Uint8Array; bytes: number } | { inline: null; sha256: string; bytes: number } | undefined {
  const row = database.get(
    `SELECT body, body_sha256, (SELECT bytes FROM bodies WHERE sha256 = body_sha256) AS bytes
     FROM capture_contents WHERE id = ?`,
    [id],
  )
  if (row === undefined) return undefined
  const { body, body_sha256: sha256 } = row
  if (typeof sha256 === 'string') return { inline: null, sha256, bytes: Number(row['bytes']) }
  const inline = body instanceof Uint8Array ? body : new Uint8Array()
  return { inline, bytes: inline.length }
}

/** @param among only these: what a search found */
export function findCaptures(
  database: Sqlite,
  filter: CaptureFilter,
  page: PageQuery,
  among?: readonly string[],
): Page<Capture> {
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
    .addAmong('id', filter.ids)
    .addAmong('id', among)
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

/**
 * The oldest, because the index's entries end with the id. An ORDER BY that says so makes this search, which each
 * capture does, take four times as long.
 */
export function findFirstCaptureOfDelivery(
  database: Sqlite,
  endpointId: EndpointId,
  deliveryId: string,
): CaptureId | null {
  return database.value(
    `SELECT id FROM captures INDEXED BY captures_by_delivery
     WHERE delivery_id = ? AND endpoint_id = ? LIMIT 1`,
    [deliveryId, endpointId],
  ) as CaptureId | null
}

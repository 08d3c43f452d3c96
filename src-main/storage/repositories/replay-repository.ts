import { AppError } from '../../../src-shared/errors.ts'
import type { DeliveryId, ReplayId } from '../../../src-shared/model/ids.ts'
import type { Replay, ReplayCounts } from '../../../src-shared/model/replay.ts'
import type { BodySource, KeptReplayRequest, ReplayRequest } from '../../engine/replay/replay-request.ts'
import type { Change, Page, PageQuery } from '../../engine/store.ts'
import type { Execute, SqlValue } from '../journal-record.ts'
import type { Row, Sqlite } from '../sqlite.ts'
import { decodeDoc, encodeDoc } from './delivery-repository.ts'
import { Conditions, toPage } from './page.ts'
import { addReference } from './stored-body.ts'

export function putReplay(run: Execute, replay: Replay): void {
  run('INSERT OR REPLACE INTO replays (id, doc) VALUES (?, ?)', [replay.id, encodeDoc(replay)])
}

/** Keeps a replay's request with the body of its source. @throws AppError `conflict` when the source has just gone */
export function insertReplayRequest(
  database: Sqlite,
  run: Execute,
  { deliveryId, source, request, body }: Extract<Change, { kind: 'replay-request.insert' }>,
): void {
  const doc = encodeDoc(request)
  const sourceId = 'captureId' in source ? source.captureId : source.deliveryId
  if (body === null) {
    run('INSERT INTO replay_requests (delivery_id, doc, source) VALUES (?, ?, ?)', [
      deliveryId,
      doc,
      sourceId,
    ])
    return
  }
  const { from, key } = whereBodyIs(body)
  const row = database.get(
    `SELECT sha256, (SELECT bytes FROM bodies WHERE bodies.sha256 = source.sha256) AS bytes FROM (SELECT ${from}) source`,
    key,
  )
  if (row === undefined) {
    throw new AppError('conflict', {
      message: 'Something that was to be replayed has just been removed; nothing was made.',
    })
  }
  const { sha256, bytes } = row
  if (typeof sha256 === 'string') addReference(run, { sha256, bytes: Number(bytes) })
  run(
    `INSERT INTO replay_requests (delivery_id, doc, source, body, body_sha256)
     SELECT ?, ?, ?, body, sha256 FROM (SELECT ${from})`,
    [deliveryId, doc, sourceId, ...key],
  )
}

function whereBodyIs(source: BodySource): { from: string; key: SqlValue[] } {
  if ('captureId' in source)
    return { from: 'body, body_sha256 AS sha256 FROM capture_contents WHERE id = ?', key: [source.captureId] }
  if ('eventId' in source) {
    const from = 'payload AS body, payload_sha256 AS sha256 FROM events WHERE id = ?'
    return { from, key: [source.eventId] }
  }
  if ('replayed' in source) {
    const from = 'body, body_sha256 AS sha256 FROM replay_requests WHERE delivery_id = ?'
    return { from, key: [source.replayed] }
  }
  return {
    from: 'body, body_sha256 AS sha256 FROM attempts WHERE delivery_id = ? AND number = ?',
    key: [source.deliveryId, source.attempt],
  }
}

const toReplay = (row: Row): Replay => decodeDoc<Replay>(row['doc'])

export function findReplay(database: Sqlite, id: ReplayId): Replay | undefined {
  const row = database.get('SELECT doc FROM replays WHERE id = ?', [id])
  return row === undefined ? undefined : toReplay(row)
}

export function findReplays(database: Sqlite, page: PageQuery): Page<Replay> {
  const conditions = new Conditions().add('id < ?', page.cursor ?? undefined)
  const rows = database.all(`SELECT id, doc FROM replays ${conditions.where} ORDER BY id DESC LIMIT ?`, [
    ...conditions.parameters,
    page.limit + 1,
  ])
  return toPage(rows, page, toReplay, (row) => String(row['id']))
}

export function countReplay(database: Sqlite, id: ReplayId): ReplayCounts {
  const row = database.get(
    `SELECT count(*) FILTER (WHERE status <= 2) AS waiting, count(*) FILTER (WHERE status = 3) AS succeeded,
       count(*) FILTER (WHERE status = 4 AND NOT cancelled) AS failed,
       count(*) FILTER (WHERE status = 4 AND cancelled) AS cancelled
     FROM (SELECT status, CASE WHEN status = 4
         THEN ifnull(json_extract(CAST(doc AS TEXT), '$.reason.code'), '') = 'cancelled' ELSE 0 END AS cancelled
       FROM deliveries WHERE replay_id = ?)`,
    [id],
  )
  const count = (name: keyof ReplayCounts): number => Number(row?.[name] ?? 0)
  return {
    waiting: count('waiting'),
    succeeded: count('succeeded'),
    failed: count('failed'),
    cancelled: count('cancelled'),
  }
}

/** @param readBody reads a body file; null when it is gone */
export async function findReplayRequest(
  database: Sqlite,
  deliveryId: DeliveryId,
  readBody: (sha256: string) => Promise<Uint8Array | null>,
): Promise<KeptReplayRequest | undefined> {
  const row = database.get('SELECT doc, body, body_sha256 FROM replay_requests WHERE delivery_id = ?', [
    deliveryId,
  ])
  if (row === undefined) return undefined
  const { body, body_sha256: sha256 } = row
  const request = decodeDoc<ReplayRequest>(row['doc'])
  if (typeof sha256 === 'string') return { ...request, body: (await readBody(sha256)) ?? undefined }
  return { ...request, body: body instanceof Uint8Array ? body : null }
}

import {
  deliveryStatuses,
  type Attempt,
  type Delivery,
  type DeliveryStatus,
  type Failure,
  type Origin,
} from '../../../src-shared/model/delivery.ts'
import type {
  DeliveryId,
  DestinationId,
  EventId,
  ReplayId,
  WorkspaceId,
} from '../../../src-shared/model/ids.ts'
import type { DeliveryFilter, Page, PageQuery, WaitingDelivery } from '../../engine/store.ts'
import type { Execute, SqlValue } from '../journal-record.ts'
import type { Row, Sqlite } from '../sqlite.ts'
import { deleteEvent } from './event-repository.ts'
import { Conditions, toPage } from './page.ts'
import { addReference, bodyColumns, dropReference, type StoredBody } from './stored-body.ts'

const statusCode = Object.fromEntries(deliveryStatuses.map((status, code) => [status, code])) as Record<
  DeliveryStatus,
  number
>

/** What the columns don't hold; the last three of some only. */
type DeliveryDoc = Pick<
  Delivery,
  | 'destinationName'
  | 'subscriptionId'
  | 'source'
  | 'replayMode'
  | 'providerDeliveryId'
  | 'updatedAt'
  | 'attemptCount'
  | 'policyAttempts'
  | 'responseStatus'
  | 'lastFailure'
> & {
  /** Absent in rows of earlier versions. */
  readonly durationMs?: number | null
  readonly notBefore: number | undefined
  readonly nextAttemptAt: number | undefined
  readonly reason: Failure | undefined
}

const columns =
  'id, event_id, workspace_id, destination_id, event_type, origin, status, created_at, due_at, doc, replay_id'

/** What stands for null in columns of the first migration, which were made NOT NULL. */
const none = ''
const orNull = (value: SqlValue | undefined): SqlValue | undefined => (value === none ? null : value)

/** The delivery's moment for the due-queue: null once it has ended. */
function dueAt(delivery: Delivery): number | null {
  if (delivery.status === 'retrying') return delivery.nextAttemptAt
  const waits = delivery.status === 'pending' || delivery.status === 'processing'
  return waits ? (delivery.notBefore ?? delivery.createdAt) : null
}

function docOf(delivery: Delivery): string {
  const doc: DeliveryDoc = {
    destinationName: delivery.destinationName,
    subscriptionId: delivery.subscriptionId,
    source: delivery.source,
    replayMode: delivery.replayMode,
    notBefore: delivery.notBefore ?? undefined,
    providerDeliveryId: delivery.providerDeliveryId,
    updatedAt: delivery.updatedAt,
    attemptCount: delivery.attemptCount,
    policyAttempts: delivery.policyAttempts,
    responseStatus: delivery.responseStatus,
    durationMs: delivery.durationMs,
    lastFailure: delivery.lastFailure,
    nextAttemptAt: delivery.status === 'retrying' ? delivery.nextAttemptAt : undefined,
    reason: delivery.status === 'failed' ? delivery.reason : undefined,
  }
  return encodeDoc(doc)
}

const decoder = new TextDecoder()

/** JSON as text, which the journal encodes once for both itself and SQLite. */
export function encodeDoc(value: object): string {
  return JSON.stringify(value)
}

// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- the caller knows what it wrote there
export function decodeDoc<T>(value: SqlValue | undefined): T {
  return JSON.parse(value instanceof Uint8Array ? decoder.decode(value) : String(value)) as T
}

export function insertDelivery(run: Execute, delivery: Delivery): void {
  run(`INSERT INTO deliveries (${columns}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`, [
    delivery.id,
    delivery.eventId ?? none,
    delivery.workspaceId ?? none,
    delivery.destinationId ?? none,
    delivery.eventType,
    delivery.origin,
    statusCode[delivery.status],
    delivery.createdAt,
    dueAt(delivery),
    docOf(delivery),
    delivery.replayId,
  ])
}

export function claimDelivery(run: Execute, id: DeliveryId): void {
  run('UPDATE deliveries SET status = 1 WHERE id = ?', [id])
}

export function updateDelivery(run: Execute, delivery: Delivery): void {
  run('UPDATE deliveries SET status = ?, due_at = ?, doc = ? WHERE id = ?', [
    statusCode[delivery.status],
    dueAt(delivery),
    docOf(delivery),
    delivery.id,
  ])
}

export function deleteDelivery(database: Sqlite, run: Execute, id: DeliveryId, generation: number): void {
  const row = database.get('SELECT event_id, replay_id FROM deliveries WHERE id = ?', [id])
  run('DELETE FROM deliveries WHERE id = ?', [id])
  if (row !== undefined) deleteDeliveryContents(database, run, id, row, generation)
}

/**
 * What goes with a delivery's row: its attempts, the request of a replay, and its event and its replay with the last
 * delivery.
 * @param row holds event_id and replay_id
 */
export function deleteDeliveryContents(
  database: Sqlite,
  run: Execute,
  id: DeliveryId,
  row: Row,
  generation: number,
): void {
  for (const bodies of database.all(
    'SELECT body_sha256, excerpt_sha256 FROM attempts WHERE delivery_id = ?',
    [id],
  )) {
    dropReference(run, bodies['body_sha256'], generation)
    dropReference(run, bodies['excerpt_sha256'], generation)
  }
  run('DELETE FROM attempts WHERE delivery_id = ?', [id])
  const request = database.get('SELECT body_sha256 FROM replay_requests WHERE delivery_id = ?', [id])
  if (request !== undefined) {
    dropReference(run, request['body_sha256'], generation)
    run('DELETE FROM replay_requests WHERE delivery_id = ?', [id])
  }
  deleteReplayIfUnused(database, run, row['replay_id'])
  const eventId = String(row['event_id'])
  if (eventId === none) return
  const needed = database.value(
    `SELECT 1 FROM deliveries WHERE event_id = ?1
     UNION ALL SELECT 1 FROM removed_deliveries WHERE event_id = ?1 LIMIT 1`,
    [eventId],
  )
  if (needed === null) deleteEvent(database, run, eventId, generation)
}

/** With the last of its deliveries, those that can still be brought back included, a replay goes. */
function deleteReplayIfUnused(database: Sqlite, run: Execute, id: SqlValue | undefined): void {
  if (typeof id !== 'string') return
  const needed = database.value(
    `SELECT 1 FROM deliveries WHERE replay_id = ?1
     UNION ALL SELECT 1 FROM removed_deliveries WHERE replay_id = ?1 LIMIT 1`,
    [id],
  )
  if (needed === null) run('DELETE FROM replays WHERE id = ?', [id])
}

function toDelivery(row: Row): Delivery {
  const doc = decodeDoc<DeliveryDoc>(row['doc'])
  return {
    ...doc,
    notBefore: doc.notBefore ?? null,
    durationMs: doc.durationMs ?? null,
    id: row['id'] as DeliveryId,
    eventId: orNull(row['event_id']) as EventId | null,
    workspaceId: orNull(row['workspace_id']) as WorkspaceId | null,
    destinationId: orNull(row['destination_id']) as DestinationId | null,
    replayId: row['replay_id'] as ReplayId | null,
    eventType: String(row['event_type']),
    origin: row['origin'] as Origin,
    status: deliveryStatuses[Number(row['status'])],
    createdAt: Number(row['created_at']),
  } as Delivery
}

export function findDelivery(database: Sqlite, id: DeliveryId): Delivery | undefined {
  const row = database.get(`SELECT ${columns} FROM deliveries WHERE id = ?`, [id])
  return row === undefined ? undefined : toDelivery(row)
}

const replayedFrom = 'id IN (SELECT delivery_id FROM replay_requests WHERE source = ?)'

/** @param among only these: what a search found */
export function findDeliveries(
  database: Sqlite,
  filter: DeliveryFilter,
  page: PageQuery,
  among?: readonly string[],
): Page<Delivery> {
  const conditions = new Conditions()
    .add('workspace_id = ?', filter.workspaceId)
    .add('destination_id = ?', filter.destinationId)
    .add('event_id = ?', filter.eventId)
    .add('event_type = ?', filter.eventType)
    .addIn(
      'status',
      filter.status?.map((status) => statusCode[status]),
    )
    .add('origin = ?', filter.origin)
    .add('replay_id = ?', filter.replayId)
    .add(replayedFrom, filter.sourceCaptureId)
    .add(replayedFrom, filter.sourceDeliveryId)
    .add('created_at >= ?', filter.since)
    .add('created_at < ?', filter.until)
    .add('id < ?', page.cursor ?? undefined)
    .addAmong('id', filter.ids)
    .addAmong('id', among)
  const rows = database.all(
    `SELECT ${columns} FROM deliveries ${conditions.where} ORDER BY id DESC LIMIT ?`,
    [...conditions.parameters, page.limit + 1],
  )
  return toPage(rows, page, toDelivery, (row) => String(row['id']))
}

export function findWaitingDeliveries(database: Sqlite): WaitingDelivery[] {
  return database
    .all('SELECT id, destination_id, replay_id, status, due_at FROM deliveries WHERE status <= 2 ORDER BY id')
    .map((row) => ({
      id: row['id'] as DeliveryId,
      destinationId: orNull(row['destination_id']) as DestinationId | null,
      replayId: row['replay_id'] as ReplayId | null,
      status: deliveryStatuses[Number(row['status'])] as WaitingDelivery['status'],
      dueAt: Number(row['due_at']),
    }))
}

/** What an attempt's doc column holds. */
interface AttemptDoc extends Omit<Attempt, 'requestBody' | 'response'> {
  readonly payloadBody: boolean
  readonly response: {
    readonly status: number
    readonly headers: unknown
    readonly truncated: boolean
  } | null
}

/** An attempt whose large bodies are already on disk. */
export interface StorableAttempt {
  readonly attempt: Attempt
  readonly body: StoredBody | null
  readonly excerpt: StoredBody | null
}

export function insertAttempt(
  run: Execute,
  deliveryId: DeliveryId,
  { attempt, body, excerpt }: StorableAttempt,
): void {
  const { response } = attempt
  const doc: AttemptDoc = {
    number: attempt.number,
    startedAt: attempt.startedAt,
    durationMs: attempt.durationMs,
    timings: attempt.timings,
    method: attempt.method,
    url: attempt.url,
    requestHeaders: attempt.requestHeaders,
    payloadBody: attempt.requestBody === 'payload',
    redirectedTo: attempt.redirectedTo,
    response:
      response === null
        ? null
        : { status: response.status, headers: response.headers, truncated: response.truncated },
    error: attempt.error,
  }
  addReference(run, body)
  addReference(run, excerpt)
  run(
    `INSERT INTO attempts (delivery_id, number, doc, body, body_sha256, excerpt, excerpt_sha256)
     VALUES (?, ?, ?, ?, ?, ?, ?)`,
    [deliveryId, attempt.number, encodeDoc(doc), ...bodyColumns(body), ...bodyColumns(excerpt)],
  )
}

/** @param readBody reads a body file; null when it is gone */
export async function findAttempts(
  database: Sqlite,
  deliveryId: DeliveryId,
  readBody: (sha256: string) => Promise<Uint8Array | null>,
): Promise<Attempt[]> {
  const rows = database.all('SELECT * FROM attempts WHERE delivery_id = ? ORDER BY number', [deliveryId])
  const read = async (
    bytes: SqlValue | undefined,
    sha256: SqlValue | undefined,
  ): Promise<Uint8Array | null> => {
    if (bytes instanceof Uint8Array) return bytes
    return typeof sha256 === 'string' ? readBody(sha256) : null
  }
  return Promise.all(
    rows.map(async (row) => {
      const { payloadBody, response, ...doc } = decodeDoc<AttemptDoc>(row['doc'])
      const excerpt = (await read(row['excerpt'], row['excerpt_sha256'])) ?? new Uint8Array()
      const requestBody = payloadBody ? 'payload' : await read(row['body'], row['body_sha256'])
      return { ...doc, requestBody, response: response === null ? null : { ...response, excerpt } } as Attempt
    }),
  )
}

import { deliveryStatuses } from '../../../src-shared/model/delivery.ts'
import type { EndpointId } from '../../../src-shared/model/ids.ts'
import type { HistoryKind } from '../../engine/store.ts'
import type { Sqlite } from '../sqlite.ts'

const oldestDeliveries = `SELECT id FROM deliveries WHERE status >= ${deliveryStatuses.indexOf('succeeded')}
  AND created_at < ? ORDER BY id LIMIT ?`
const oldestEvents = `SELECT id FROM events WHERE occurred_at < ?
  AND NOT EXISTS (SELECT 1 FROM deliveries WHERE event_id = events.id)
  AND NOT EXISTS (SELECT 1 FROM removed_deliveries WHERE event_id = events.id) ORDER BY seq LIMIT ?`
const oldestCaptures = `SELECT id FROM captures WHERE pinned = 0 AND received_at < ? AND (? IS NULL OR endpoint_id = ?)
  ORDER BY id LIMIT ?`

/** What retention removes first, oldest first. */
export function findOldest(
  database: Sqlite,
  kind: HistoryKind,
  limit: number,
  filter: { readonly before?: number | undefined; readonly endpointId?: EndpointId | undefined },
): string[] {
  const before = filter.before ?? Number.MAX_SAFE_INTEGER
  const endpointId = filter.endpointId ?? null
  const rows =
    kind === 'captures'
      ? database.all(oldestCaptures, [before, endpointId, endpointId, limit])
      : database.all(kind === 'deliveries' ? oldestDeliveries : oldestEvents, [before, limit])
  return rows.map((row) => String(row['id']))
}

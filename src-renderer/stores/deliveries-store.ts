import type { Client } from '../../src-shared/api/client.ts'
import type { OperationInput } from '../../src-shared/api/contract.ts'
import type { DeliverySummary } from '../../src-shared/model/delivery.ts'
import type { Feed } from './feed.ts'
import { createHistoryStore, filterNames, type History } from './history-store.ts'
import type { ListStore } from './list-store.ts'

/** A delivery as the list shows it. */
export type DeliveryRow = DeliverySummary
export type DeliveriesStore = ListStore<DeliveryRow>

export const deliveryHistory: Omit<History<DeliverySummary, DeliveryRow>, 'page'> = {
  of: 'deliveries',
  told: (message) => (message.event === 'delivery' ? message.data : null),
  row: (delivery) => delivery,
  at: (delivery) => delivery.created_at,
  filters: {
    status: (delivery) => delivery.status,
    destination: (delivery) => delivery.destination_id,
    event_type: (delivery) => delivery.event_type,
    event: (delivery) => delivery.event_id,
    origin: (delivery) => delivery.origin,
    replay: (delivery) => delivery.replay_id,
    source_capture: ({ source }) => (source !== null && 'capture_id' in source ? source.capture_id : null),
    source_delivery: ({ source }) => (source !== null && 'delivery_id' in source ? source.delivery_id : null),
    workspace: (delivery) => delivery.workspace_id,
  },
}
export const deliveryFilterNames = filterNames(deliveryHistory)

export function createDeliveriesStore(client: Client, feed: Feed): DeliveriesStore {
  return createHistoryStore(
    {
      ...deliveryHistory,
      page: async (filter, query) => {
        const input = { ...filter, ...query } as OperationInput<'deliveries.list'>
        const { items, next_cursor } = await client.call('deliveries.list', input)
        return { rows: items, nextCursor: next_cursor }
      },
    },
    feed,
  )
}

import type { Client } from '../../src-shared/api/client.ts'
import type { OperationInput } from '../../src-shared/api/contract.ts'
import type { DeliverySummary } from '../../src-shared/model/delivery.ts'
import type { Feed } from './feed.ts'
import { createListStore, type Filter, type ListStore } from './list-store.ts'

/** A delivery as the list shows it. */
export interface DeliveryRow extends DeliverySummary {
  readonly at: string
}
export type DeliveriesStore = ListStore<DeliveryRow>

type ListInput = OperationInput<'deliveries.list'>

/** The names under which filters stand in the address. */
export const deliveryFilterNames = [
  'q',
  'status',
  'destination',
  'event_type',
  'event',
  'origin',
  'replay',
  'workspace',
  'since',
] as const

export function deliveryRow(delivery: DeliverySummary): DeliveryRow {
  return { ...delivery, at: delivery.created_at }
}

/** True, false, or null where only the engine knows. */
export function deliveryMatches(delivery: DeliverySummary, filter: Filter): boolean | null {
  const { status, destination, event_type: type, event, origin, replay, workspace, since, q } = filter
  if (status !== undefined && !status.split(',').includes(delivery.status)) return false
  if (destination !== undefined && destination !== delivery.destination_id) return false
  if (type !== undefined && type !== delivery.event_type) return false
  if (event !== undefined && event !== delivery.event_id) return false
  if (origin !== undefined && origin !== delivery.origin) return false
  if (replay !== undefined && replay !== delivery.replay_id) return false
  if (workspace !== undefined && workspace !== delivery.workspace_id) return false
  if (since !== undefined && delivery.created_at < since) return false
  return q === undefined ? true : null
}

export function createDeliveriesStore(client: Client, feed: Feed): DeliveriesStore {
  const store = createListStore<DeliveryRow>({
    page: async (filter, query) => {
      const input = { ...filter, ...query } as ListInput
      const { items, next_cursor } = await client.call('deliveries.list', input)
      return { rows: items.map(deliveryRow), nextCursor: next_cursor }
    },
  })
  feed.listen((messages) => {
    const { filter } = store.getState()
    const changes: { id: string; row: DeliveryRow | null }[] = []
    const unsure: string[] = []
    let reload = false
    for (const message of messages) {
      if (message.event === 'delivery') {
        const matches = deliveryMatches(message.data, filter)
        if (matches === null) unsure.push(message.data.id)
        else changes.push({ id: message.data.id, row: matches ? deliveryRow(message.data) : null })
      } else if (message.event === 'history' && message.data.of === 'deliveries') {
        if (message.data.change === 'restored' || message.data.ids === null) reload = true
        else for (const id of message.data.ids) changes.push({ id, row: null })
      } else if (message.event === 'reset') reload = true
    }
    store.take(changes, unsure)
    if (reload && store.getState().status !== 'idle') void store.getState().reload()
  })
  return store
}

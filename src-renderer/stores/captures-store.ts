import type { Client } from '../../src-shared/api/client.ts'
import type { OperationInput } from '../../src-shared/api/contract.ts'
import type { CaptureSummary } from '../../src-shared/model/capture.ts'
import type { Feed } from './feed.ts'
import { createListStore, type Filter, type ListStore } from './list-store.ts'

/** A capture as the list shows it: without its headers, of which a long list would hold too many. */
export type CaptureRow = Omit<CaptureSummary, 'headers' | 'trailers'> & { readonly at: string }
export type CapturesStore = ListStore<CaptureRow>

type ListInput = OperationInput<'captures.list'>

/** The names under which filters stand in the address. */
export const captureFilterNames = [
  'q',
  'verdict',
  'endpoint',
  'event_type',
  'method',
  'delivery_id',
  'pinned',
  'since',
] as const

export function captureRow({
  headers: _headers,
  trailers: _trailers,
  ...capture
}: CaptureSummary): CaptureRow {
  return { ...capture, at: capture.received_at }
}

/** True, false, or null where only the engine knows. */
export function captureMatches(capture: CaptureSummary, filter: Filter): boolean | null {
  const { verdict, endpoint, event_type: type, method, delivery_id: deliveryId, pinned, since, q } = filter
  if (verdict !== undefined && !verdict.split(',').includes(capture.verdict.status)) return false
  if (endpoint !== undefined && endpoint !== capture.endpoint_id) return false
  if (type !== undefined && type !== capture.event_type) return false
  if (method !== undefined && method !== capture.method) return false
  if (deliveryId !== undefined && deliveryId !== capture.delivery_id) return false
  if (pinned !== undefined && pinned !== String(capture.pinned)) return false
  if (since !== undefined && capture.received_at < since) return false
  return q === undefined ? true : null
}

export function createCapturesStore(client: Client, feed: Feed): CapturesStore {
  const store = createListStore<CaptureRow>({
    page: async (filter, query) => {
      const input = { ...filter, ...query } as ListInput
      const { items, next_cursor } = await client.call('captures.list', input)
      return { rows: items.map(captureRow), nextCursor: next_cursor }
    },
  })
  feed.listen((messages) => {
    const { filter } = store.getState()
    const changes: { id: string; row: CaptureRow | null }[] = []
    const unsure: string[] = []
    let reload = false
    for (const message of messages) {
      if (message.event === 'capture') {
        const matches = captureMatches(message.data, filter)
        if (matches === null) unsure.push(message.data.id)
        else changes.push({ id: message.data.id, row: matches ? captureRow(message.data) : null })
      } else if (message.event === 'history' && message.data.of === 'captures') {
        if (message.data.change === 'restored' || message.data.ids === null) reload = true
        else for (const id of message.data.ids) changes.push({ id, row: null })
      } else if (message.event === 'reset') reload = true
    }
    store.take(changes, unsure)
    if (reload && store.getState().status !== 'idle') void store.getState().reload()
  })
  return store
}

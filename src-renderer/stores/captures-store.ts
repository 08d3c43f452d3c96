import type { Client } from '../../src-shared/api/client.ts'
import type { OperationInput } from '../../src-shared/api/contract.ts'
import type { CaptureSummary } from '../../src-shared/model/capture.ts'
import type { Feed } from './feed.ts'
import { createHistoryStore, filterNames, type History } from './history-store.ts'
import type { ListStore } from './list-store.ts'

/** A capture as the list shows it: without its headers, of which a long list would hold too many. */
export type CaptureRow = Omit<CaptureSummary, 'headers' | 'trailers'>
export type CapturesStore = ListStore<CaptureRow>

export const captureHistory: Omit<History<CaptureSummary, CaptureRow>, 'page'> = {
  of: 'captures',
  told: (message) => (message.event === 'capture' ? message.data : null),
  row: ({ headers: _headers, trailers: _trailers, ...capture }) => capture,
  at: (capture) => capture.received_at,
  filters: {
    verdict: (capture) => capture.verdict.status,
    endpoint: (capture) => capture.endpoint_id,
    event_type: (capture) => capture.event_type,
    method: (capture) => capture.method,
    delivery_id: (capture) => capture.delivery_id,
    pinned: (capture) => String(capture.pinned),
  },
}
export const captureFilterNames = filterNames(captureHistory)

export function createCapturesStore(client: Client, feed: Feed): CapturesStore {
  return createHistoryStore(
    {
      ...captureHistory,
      page: async (filter, query) => {
        const input = { ...filter, ...query } as OperationInput<'captures.list'>
        const { items, next_cursor } = await client.call('captures.list', input)
        return { rows: items.map(captureHistory.row), nextCursor: next_cursor }
      },
    },
    feed,
  )
}

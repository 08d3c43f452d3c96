import { describe, expect, it } from 'vitest'
import { captureFilterNames, captureHistory } from '../../../src-renderer/stores/captures-store.ts'
import { deliveryFilterNames, deliveryHistory } from '../../../src-renderer/stores/deliveries-store.ts'
import { matches } from '../../../src-renderer/stores/history-store.ts'
import type { DeliverySummary } from '../../../src-shared/model/delivery.ts'
import { contract } from '../../../src-shared/api/contract.ts'

const delivery = {
  id: 'd',
  status: 'failed',
  destination_id: null,
  event_type: 'contact.created',
  created_at: '2026-01-02T00:00:00.000Z',
} as unknown as DeliverySummary
const fits = (filter: Record<string, string>) => matches(deliveryHistory, delivery, filter)

describe('whether what arrives belongs in a filtered list', () => {
  it('takes one of several values', () => {
    expect(fits({ status: 'failed,cancelled' })).toBe(true)
    expect(fits({ status: 'succeeded' })).toBe(false)
  })

  it('leaves out what has no value there', () => {
    expect(fits({ destination: 'x' })).toBe(false)
  })

  it('compares times', () => {
    expect(fits({ since: '2026-01-01T00:00:00.000Z' })).toBe(true)
    expect(fits({ since: '2026-01-03T00:00:00.000Z' })).toBe(false)
  })

  it('leaves words to the engine, unless something else decides', () => {
    expect(fits({ q: 'ada' })).toBe(null)
    expect(fits({ q: 'ada', status: 'succeeded' })).toBe(false)
  })

  it('knows only filters that the API has', () => {
    const offered = (name: 'deliveries.list' | 'captures.list') => Object.keys(contract[name].input.shape)
    expect(offered('deliveries.list')).toEqual(expect.arrayContaining([...deliveryFilterNames]))
    expect(offered('captures.list')).toEqual(expect.arrayContaining([...captureFilterNames]))
  })

  it('keeps no headers in a row', () => {
    const row = captureHistory.row({ id: 'c', headers: [['a', 'b']], trailers: [] } as never)
    expect(Object.keys(row)).toEqual(['id'])
  })
})

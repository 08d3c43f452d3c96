import { describe, expect, it } from 'vitest'
import { Lanes } from '../../../src-main/engine/dispatch/lanes.ts'
import type { Store } from '../../../src-main/engine/store.ts'
import type { Destination } from '../../../src-shared/model/destination.ts'
import type { DestinationId, ReplayId } from '../../../src-shared/model/ids.ts'
import type { Replay } from '../../../src-shared/model/replay.ts'
import { deliveryIn } from '../../support/builders.ts'

const replayId = 'replay' as ReplayId
const destinationId = 'destination' as DestinationId

function lanes(replay: Partial<Replay>, destination: Partial<Destination> | null = null) {
  const store = {
    destinations: { get: (id: string) => (id === destinationId ? (destination ?? undefined) : undefined) },
    destinationHealth: () => ({ failures_in_row: 0, paused: null }),
  } as unknown as Store
  const closing = new Set<string>()
  const made = new Lanes(store, (id) => closing.has(id))
  made.note({
    id: replayId,
    createdAt: 0,
    mode: 'exact',
    to: { url: 'http://x/' },
    rate: null,
    asRecorded: false,
    spanMs: 0,
    total: 1,
    cancelledAt: null,
    ...replay,
  })
  return { lanes: made, closing }
}

describe('the lane of a replay', () => {
  it('sends one at a time, evenly', () => {
    expect(lanes({}).lanes.limits(replayId)).toEqual({ concurrency: 1, rate_limit: null })
    expect(lanes({ rate: 4 }).lanes.limits(replayId)?.rate_limit).toEqual({ requests: 1, per_seconds: 0.25 })
    expect(lanes({ rate: 0.5 }).lanes.limits(replayId)?.rate_limit).toEqual({ requests: 1, per_seconds: 2 })
  })

  it("keeps the destination's rate limit too, whichever is slower", () => {
    const limit = { requests: 10, per_seconds: 5 }
    const to = { destinationId }
    const destination = { enabled: true, concurrency: 8, rate_limit: limit }
    expect(lanes({ to }, destination).lanes.limits(replayId)?.rate_limit).toEqual(limit)
    expect(lanes({ to, rate: 3 }, destination).lanes.limits(replayId)?.rate_limit).toEqual(limit)
    expect(lanes({ to, rate: 1 }, destination).lanes.limits(replayId)).toEqual({
      concurrency: 1,
      rate_limit: { requests: 1, per_seconds: 1 },
    })
  })

  it('is held with its destination, and while either is being closed', () => {
    const to = { destinationId }
    const destination = { enabled: true, concurrency: 8, rate_limit: null }
    expect(lanes({ to }, { ...destination, enabled: false }).lanes.limits(replayId)).toBeUndefined()
    expect(lanes({ to }, null).lanes.limits(replayId)).toBeUndefined()
    for (const id of [replayId, destinationId]) {
      const held = lanes({ to }, destination)
      held.closing.add(id)
      expect(held.lanes.limits(replayId)).toBeUndefined()
    }
  })

  it('counts among those that lead to its destination', () => {
    expect(lanes({ to: { destinationId } }, {}).lanes.to(destinationId)).toEqual([destinationId, replayId])
    expect(lanes({}).lanes.to(destinationId)).toEqual([destinationId])
  })

  it('is where its deliveries wait; others wait in that of their destination', () => {
    const { lanes: all } = lanes({})
    expect(all.idOf(deliveryIn('pending', { destinationId, replayId }))).toBe(replayId)
    expect(all.idOf(deliveryIn('pending', { destinationId }))).toBe(destinationId)
  })
})

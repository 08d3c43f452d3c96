import { describe, expect, it } from 'vitest'
import { Durations } from '../../../src-main/engine/traffic/durations.ts'
import { Traffic } from '../../../src-main/engine/traffic/traffic.ts'
import type { Capture } from '../../../src-shared/model/capture.ts'
import type { Attempt, Delivery } from '../../../src-shared/model/delivery.ts'
import { deliveryIn } from '../../support/builders.ts'
import { fakeStart } from '../../support/fake-clock.ts'

const minute = 60_000

const attempt = (startedAt: number, durationMs: number): Attempt =>
  ({ number: 1, startedAt, durationMs }) as Attempt
const capture = (id: string, receivedAt: number, status = 'verified'): Capture =>
  ({ id, receivedAt, verdict: { status } }) as Capture
const ended = (status: Delivery['status'], updatedAt: number): Delivery => deliveryIn(status, { updatedAt })

describe('durations', () => {
  it('tell every percentile to within 2.5 %, of a millisecond as of minutes', () => {
    for (const scale of [1, 25, 900]) {
      const durations = new Durations()
      for (let n = 1; n <= 1000; n += 1) durations.add(n * scale)
      const found = durations.percentiles()
      for (const [name, exact] of [
        ['p50', 500 * scale],
        ['p95', 950 * scale],
        ['p99', 990 * scale],
      ] as const)
        expect(Math.abs((found?.[name] ?? 0) - exact) / exact, `${name} of ${scale}`).toBeLessThan(0.026)
    }
  })

  it('tell nothing of nothing, and the longest bin of what is longer than all', () => {
    const durations = new Durations()
    expect(durations.percentiles()).toBeNull()
    durations.add(0.2)
    expect(durations.percentiles()).toEqual({ p50: 1, p95: 1, p99: 1 })
    durations.add(86_400_000)
    expect(durations.percentiles()?.p99).toBeGreaterThan(1_800_000)
  })
})

describe('traffic', () => {
  it('counts outcomes, verdicts and durations in the minute in which they happened', () => {
    const traffic = new Traffic(fakeStart)
    traffic.take({ kind: 'delivery', delivery: ended('processing', fakeStart) })
    traffic.take({ kind: 'attempt', deliveryId: ended('failed', 0).id, attempt: attempt(fakeStart, 40) })
    traffic.take({ kind: 'delivery', delivery: ended('retrying', fakeStart + 40) })
    traffic.take({ kind: 'delivery', delivery: ended('succeeded', fakeStart + minute) })
    traffic.take({ kind: 'capture', capture: capture('a', fakeStart, 'rejected'), change: 'received' })
    const { minutes, attempt_ms: all } = traffic.lastHour(fakeStart + minute)
    expect(minutes).toHaveLength(60)
    expect(minutes.at(-1)).toMatchObject({
      at: '2026-04-22T18:31:00.000Z',
      deliveries: { succeeded: 1, retrying: 0, failed: 0 },
      attempt_ms: null,
    })
    expect(minutes.at(-2)).toMatchObject({
      at: '2026-04-22T18:30:00.000Z',
      deliveries: { succeeded: 0, retrying: 1, failed: 0 },
      captures: { verified: 0, rejected: 1 },
    })
    expect(all).toEqual(minutes.at(-2)?.attempt_ms)
    expect(all?.p50).toBeGreaterThan(38)
  })

  it('counts a capture once, however often it is told of, and not again what it was at the start', () => {
    const traffic = new Traffic(fakeStart)
    for (const change of ['received', 'marked', 'marked'] as const)
      traffic.take({ kind: 'capture', capture: capture('a', fakeStart + 1), change })
    traffic.take({ kind: 'capture', capture: capture('old', fakeStart - 1), change: 'received' })
    const { minutes } = traffic.lastHour(fakeStart)
    expect(minutes.map(({ captures }) => captures.verified).filter((count) => count > 0)).toEqual([1])
  })

  it('forgets after an hour, also when nothing happened for longer', () => {
    const traffic = new Traffic(fakeStart)
    traffic.take({ kind: 'delivery', delivery: ended('failed', fakeStart) })
    const failed = (now: number): number =>
      traffic.lastHour(now).minutes.reduce((sum, { deliveries }) => sum + deliveries.failed, 0)
    expect(failed(fakeStart + 59 * minute)).toBe(1)
    expect(failed(fakeStart + 60 * minute)).toBe(0)
    traffic.take({ kind: 'delivery', delivery: ended('failed', fakeStart + 60 * minute) })
    // What is told late of an hour before does not spoil the minute that took its place.
    traffic.take({ kind: 'delivery', delivery: ended('failed', fakeStart) })
    expect(failed(fakeStart + 60 * minute)).toBe(1)
  })
})

import { describe, expect, it } from 'vitest'
import * as state from '../../../src-main/engine/dispatch/delivery-state.ts'
import { deliveryStatuses, type Delivery, type DeliveryStatus } from '../../../src-shared/model/delivery.ts'
import { deliveryIn } from '../../support/builders.ts'

const failure = { code: 'http_503', message: 'The receiver answered 503.' }
const now = 5000
const answered = (responseStatus: number) => ({ responseStatus, durationMs: 12.5 })

/** Every move, from where it is allowed, and where it leads. @see product.md, Deliveries */
const moves: readonly {
  readonly name: string
  readonly from: readonly DeliveryStatus[]
  readonly to: DeliveryStatus
  readonly move: (delivery: Delivery) => Delivery
}[] = [
  { name: 'claimed', from: ['pending', 'retrying'], to: 'processing', move: (d) => state.claimed(d, now) },
  {
    name: 'succeeded',
    from: ['processing'],
    to: 'succeeded',
    move: (d) => state.succeeded(d, now, answered(204)),
  },
  {
    name: 'put off',
    from: ['processing'],
    to: 'retrying',
    move: (d) => state.retrying(d, now, failure, answered(503), 9000),
  },
  {
    name: 'given up',
    from: ['processing'],
    to: 'failed',
    move: (d) => state.exhausted(d, now, failure, answered(503)),
  },
  { name: 'refused', from: ['processing'], to: 'failed', move: (d) => state.unrenderable(d, now, failure) },
  {
    name: 'interrupted',
    from: ['processing'],
    to: 'pending',
    move: (d) => state.interrupted(d, now, failure),
  },
  { name: 'sent now', from: ['retrying'], to: 'pending', move: (d) => state.hurried(d, now) },
  { name: 'retried', from: ['failed'], to: 'pending', move: (d) => state.retried(d, now) },
  {
    name: 'abandoned',
    from: ['pending', 'retrying'],
    to: 'failed',
    move: (d) => state.abandoned(d, now, failure),
  },
]

const table = moves.flatMap((move) =>
  deliveryStatuses.map((from) => ({ ...move, from, allowed: move.from.includes(from) })),
)

describe('a delivery', () => {
  it.each(table.filter(({ allowed }) => allowed))(
    'that is $from can be $name and is $to then',
    ({ from, to, move }) => {
      expect(move(deliveryIn(from))).toMatchObject({ status: to, updatedAt: now })
    },
  )

  it.each(table.filter(({ allowed }) => !allowed))('that is $from can’t be $name', ({ from, name, move }) => {
    const delivery = deliveryIn(from)
    const before = structuredClone(delivery)
    expect(() => move(delivery)).toThrow(`a ${from} delivery can't be ${name}`)
    expect(delivery).toEqual(before)
  })

  it('is never changed in place', () => {
    for (const { move, from } of table.filter(({ allowed }) => allowed)) {
      const delivery = Object.freeze(deliveryIn(from))
      expect(move(delivery)).not.toBe(delivery)
    }
  })

  it('carries a next attempt only while it is retrying, and a reason only once it has failed', () => {
    for (const { move, from, to } of table.filter(({ allowed }) => allowed)) {
      const moved = move(deliveryIn(from))
      expect('nextAttemptAt' in moved).toBe(to === 'retrying')
      expect('reason' in moved).toBe(to === 'failed')
    }
  })

  it('counts an attempt and its share of the policy when an answer or a failure came', () => {
    const processing = deliveryIn('processing')
    const ends = [
      state.succeeded(processing, now, answered(200)),
      state.retrying(processing, now, failure, answered(503), 9000),
      state.exhausted(processing, now, failure, answered(503)),
    ]
    for (const end of ends) expect(end).toMatchObject({ attemptCount: 3, policyAttempts: 3 })
  })

  it('counts an interrupted attempt, but not against the policy, and forgets the answer of an older one', () => {
    const interrupted = state.interrupted(deliveryIn('processing', { responseStatus: 500 }), now, failure)
    expect(interrupted).toMatchObject({
      attemptCount: 3,
      policyAttempts: 2,
      responseStatus: null,
      lastFailure: failure,
    })
  })

  it('counts no attempt when it can’t be rendered', () => {
    const refused = state.unrenderable(deliveryIn('processing'), now, failure)
    expect(refused).toMatchObject({ attemptCount: 2, policyAttempts: 2, reason: failure })
  })

  it('goes on counting attempts after a manual retry and starts the policy afresh', () => {
    expect(state.retried(deliveryIn('failed'), now)).toMatchObject({ attemptCount: 2, policyAttempts: 0 })
  })

  it('forgets its failure when it has succeeded', () => {
    const processing = deliveryIn('processing', { lastFailure: failure })
    expect(state.succeeded(processing, now, answered(200))).toMatchObject({
      lastFailure: null,
      responseStatus: 200,
      durationMs: 12.5,
    })
  })

  it('keeps its failure for the next attempt otherwise', () => {
    expect(state.claimed(deliveryIn('retrying'), now).lastFailure).not.toBeNull()
    expect(state.hurried(deliveryIn('retrying'), now).lastFailure).not.toBeNull()
  })
})

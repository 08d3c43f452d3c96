import { describe, expect, it } from 'vitest'
import { addDestination, setUp } from '../../support/builders.ts'
import { createFakeClock } from '../../support/fake-clock.ts'
import { startTestHost } from '../../support/test-host.ts'
import { startTestReceiver } from '../../support/test-receiver.ts'

const policy = { delays_seconds: [], jitter: 0 }

describe('a destination that never answers', () => {
  it('fault 29: with full slots and 1,000 waiting delays no other one', async () => {
    await using dead = await startTestReceiver()
    await using fine = await startTestReceiver()
    dead.neverAnswer()
    const test = await startTestHost({ clock: createFakeClock() })
    const a = await setUp(test, 'leadpush', { url_template: dead.url })
    const b = await setUp(test, 'leadpush', { url_template: fine.url })
    const raise = (workspaceId: typeof a.workspaceId, count: number) =>
      Promise.all(
        Array.from({ length: count }, () =>
          test.call('events.raise', { workspace_id: workspaceId, type: 'contact.created' }),
        ),
      )
    await raise(a.workspaceId, 1008)
    await dead.received(8)
    const healthy = (await raise(b.workspaceId, 300)).flatMap(({ deliveries }) => deliveries)
    await Promise.all(healthy.map(({ id }) => test.until(id, 'succeeded')))
    expect(fine.requests).toHaveLength(300)
    expect(dead.requests).toHaveLength(8)
    expect(await test.call('health.get', {})).toMatchObject({ dispatcher: { waiting: 1000, in_flight: 8 } })
    expect(
      (
        await test.call('deliveries.list', {
          destination: a.destinationId,
          status: ['succeeded', 'failed', 'retrying'],
        })
      ).items,
    ).toEqual([])
  })

  it('fault 29: and twenty of them, which together want more than the global limit, don’t either', async () => {
    await using dead = await startTestReceiver()
    await using fine = await startTestReceiver()
    dead.neverAnswer()
    const test = await startTestHost({ clock: createFakeClock() })
    const a = await setUp(test, 'leadpush', { url_template: dead.url })
    for (let n = 1; n < 20; n += 1) await addDestination(test, a.workspaceId, { url_template: dead.url })
    const b = await setUp(test, 'leadpush', { url_template: fine.url })
    for (let n = 0; n < 20; n += 1)
      await test.call('events.raise', { workspace_id: a.workspaceId, type: 'contact.created' })
    await dead.received(64)
    const healthy = []
    for (let n = 0; n < 50; n += 1) {
      const { deliveries } = await test.call('events.raise', {
        workspace_id: b.workspaceId,
        type: 'contact.created',
      })
      healthy.push(...deliveries)
    }
    await Promise.all(healthy.map(({ id }) => test.until(id, 'succeeded')))
    expect(dead.requests).toHaveLength(64)
  })

  it('is tried no more often at once than its concurrency allows, and all than the global one', async () => {
    await using receiver = await startTestReceiver()
    receiver.neverAnswer()
    const test = await startTestHost({ clock: createFakeClock() })
    const { workspaceId } = await setUp(test, 'leadpush', {
      url_template: receiver.url,
      concurrency: 5,
      retry_policy: policy,
    })
    await test.call('settings.change', { concurrency: 3 })
    const raised = await Promise.all(
      Array.from({ length: 20 }, () =>
        test.call('events.raise', { workspace_id: workspaceId, type: 'contact.created' }),
      ),
    )
    await receiver.received(3)
    expect(receiver.waiting).toBe(3)
    await test.call('settings.change', { concurrency: 64 })
    await receiver.received(5)
    receiver.answerAll(200)
    for (const { deliveries } of raised) await test.until(deliveries[0]?.id ?? '', 'succeeded')
    expect(receiver.mostWaiting).toBe(5)
  })
})

describe('a rate limit', () => {
  it('spreads what waits over time', async () => {
    await using receiver = await startTestReceiver()
    const clock = createFakeClock()
    const test = await startTestHost({ clock })
    const { workspaceId } = await setUp(test, 'leadpush', {
      url_template: receiver.url,
      rate_limit: { requests: 2, per_seconds: 10 },
    })
    const ids: string[] = []
    for (let n = 0; n < 5; n += 1) {
      const { deliveries } = await test.call('events.raise', {
        workspace_id: workspaceId,
        type: 'contact.created',
      })
      ids.push(deliveries[0]?.id ?? '')
    }
    const ended = async (count: number) => {
      for (const id of ids.slice(0, count)) await test.until(id, 'succeeded')
      await clock.advance(9_000)
      expect(receiver.requests).toHaveLength(count)
      await clock.advance(1_000)
    }
    await ended(2)
    await ended(4)
    await ended(5)
  })
})

import { describe, expect, it } from 'vitest'
import { headerValue } from '../../../src-shared/model/header.ts'
import { addDestination, raiseOne, setUp } from '../../support/builders.ts'
import { createFakeClock } from '../../support/fake-clock.ts'
import { startTestHost, type TestHostOptions } from '../../support/test-host.ts'
import { startTestReceiver } from '../../support/test-receiver.ts'

async function leadpush(options: TestHostOptions = {}) {
  const receiver = await startTestReceiver()
  const clock = createFakeClock()
  const test = await startTestHost({ clock, ...options })
  const setup = await setUp(test, 'leadpush', { url_template: receiver.url })
  const raise = () => raiseOne(test, { workspace_id: setup.workspaceId, type: 'contact.created' })
  /** A delivery that waits for its retry. */
  const retrying = async () => {
    receiver.replyOnce(500)
    const id = await raise()
    await test.until(id, 'retrying')
    return id
  }
  return { ...setup, receiver, clock, test, raise, retrying, [Symbol.asyncDispose]: () => receiver.close() }
}

describe('Send now', () => {
  it('sends a delivery that waits for its retry at once', async () => {
    await using b = await leadpush()
    const id = await b.retrying()
    expect(await b.test.call('deliveries.send-now', { id })).toMatchObject({
      status: 'pending',
      next_attempt_at: null,
    })
    await b.test.until(id, 'succeeded')
    expect(b.test.statuses(id)).toEqual([
      'pending',
      'processing',
      'retrying',
      'pending',
      'processing',
      'succeeded',
    ])
    await b.clock.advance(100_000)
    expect(b.receiver.requests).toHaveLength(2)
  })

  it('is refused for any other, which keeps its place', async () => {
    await using b = await leadpush()
    const done = await b.raise()
    await b.test.until(done, 'succeeded')
    await expect(b.test.call('deliveries.send-now', { id: done })).rejects.toMatchObject({
      code: 'delivery_not_retrying',
    })
    await b.test.call('destinations.change', { id: b.destinationId, enabled: false })
    await b.test.call('destinations.change', { id: b.destinationId, enabled: true })
    b.receiver.neverAnswer()
    const processing = await b.raise()
    await b.receiver.received(2)
    await expect(b.test.call('deliveries.send-now', { id: processing })).rejects.toMatchObject({
      code: 'delivery_not_retrying',
      details: { status: 'processing' },
    })
  })

  it('and Cancel at once: one of them wins, and the delivery ends in one state', async () => {
    await using b = await leadpush()
    const id = await b.retrying()
    const [sent, cancelled] = await Promise.allSettled([
      b.test.call('deliveries.send-now', { id }),
      b.test.call('deliveries.cancel', { id }),
    ])
    expect(sent.status).toBe('fulfilled')
    const end = cancelled.status === 'fulfilled' ? 'failed' : 'succeeded'
    await b.test.until(id, end)
    await b.clock.advance(100_000)
    expect(b.test.statuses(id).at(-1)).toBe(end)
    expect(b.receiver.requests).toHaveLength(end === 'failed' ? 1 : 2)
  })
})

describe('Cancel', () => {
  it('ends a delivery that waits, and nothing is sent any more', async () => {
    await using b = await leadpush()
    const id = await b.retrying()
    expect(await b.test.call('deliveries.cancel', { id })).toMatchObject({
      status: 'failed',
      error: { code: 'cancelled' },
    })
    await b.clock.advance(100_000)
    expect(b.receiver.requests).toHaveLength(1)
    await expect(b.test.call('deliveries.cancel', { id })).rejects.toMatchObject({
      code: 'delivery_not_waiting',
      status: 409,
    })
  })

  it('is refused for a delivery under way', async () => {
    await using b = await leadpush()
    b.receiver.neverAnswer()
    const id = await b.raise()
    await b.receiver.received(1)
    await expect(b.test.call('deliveries.cancel', { id })).rejects.toMatchObject({
      code: 'delivery_not_waiting',
      details: { status: 'processing' },
    })
    b.receiver.answerAll(200)
    await b.test.until(id, 'succeeded')
  })

  it('against the claim: a delivery is either cancelled unsent or sent, whatever the moment', async () => {
    await using b = await leadpush()
    await b.test.call('destinations.change', { id: b.destinationId, concurrency: 2 })
    // Large payloads are read from their files first: a delivery is under way then and not yet claimed.
    const data = { contact: { attributes: { note: 'x'.repeat(20_000) } } }
    const raise = () => raiseOne(b.test, { workspace_id: b.workspaceId, type: 'contact.created', data })
    const raised = await Promise.all(Array.from({ length: 40 }, raise))
    const cancelling = raised.map(async (id, index) => {
      await b.receiver.received(Math.floor(index / 2))
      return b.test.call('deliveries.cancel', { id }).then(
        () => 'failed' as const,
        () => 'succeeded' as const,
      )
    })
    const ends = await Promise.all(cancelling)
    for (const [index, id] of raised.entries()) await b.test.until(id, ends[index] ?? 'failed')
    expect(b.receiver.requests).toHaveLength(ends.filter((end) => end === 'succeeded').length)
  })
})

describe('deleting a delivery', () => {
  it('takes it out of history and queue', async () => {
    await using b = await leadpush()
    const id = await b.retrying()
    await b.test.call('deliveries.delete', { id })
    await expect(b.test.call('deliveries.get', { id })).rejects.toMatchObject({ code: 'delivery_not_found' })
    await b.clock.advance(100_000)
    expect(b.receiver.requests).toHaveLength(1)
    expect((await b.test.call('destinations.get', { id: b.destinationId })).waiting_deliveries).toBe(0)
    await expect(b.test.call('deliveries.delete', { id })).rejects.toMatchObject({
      code: 'delivery_not_found',
    })
  })

  it('is refused while it is being sent', async () => {
    await using b = await leadpush()
    b.receiver.neverAnswer()
    const id = await b.raise()
    await b.receiver.received(1)
    await expect(b.test.call('deliveries.delete', { id })).rejects.toMatchObject({
      code: 'delivery_under_way',
      status: 409,
    })
    b.receiver.answerAll(200)
    await b.test.until(id, 'succeeded')
    await b.test.call('deliveries.delete', { id })
  })
})

describe('disabling a destination', () => {
  it('holds what waits, which goes on when it is enabled', async () => {
    await using b = await leadpush()
    const id = await b.retrying()
    await b.test.call('destinations.change', { id: b.destinationId, enabled: false })
    await b.clock.advance(1_000_000)
    expect(b.receiver.requests).toHaveLength(1)
    expect(await b.test.call('destinations.get', { id: b.destinationId })).toMatchObject({
      status: 'disabled',
      waiting_deliveries: 1,
    })
    const { deliveries } = await b.test.call('events.raise', {
      workspace_id: b.workspaceId,
      type: 'contact.created',
    })
    expect(deliveries).toEqual([])
    await b.test.call('destinations.change', { id: b.destinationId, enabled: true })
    await b.test.until(id, 'succeeded')
  })

  it('lets what waits be cancelled', async () => {
    await using b = await leadpush()
    const id = await b.retrying()
    await b.test.call('destinations.change', { id: b.destinationId, enabled: false })
    await b.test.call('deliveries.cancel', { id })
    await b.test.call('destinations.change', { id: b.destinationId, enabled: true })
    await b.clock.advance(1_000_000)
    expect(b.receiver.requests).toHaveLength(1)
  })
})

describe('fault 39: a destination that changes during retries', () => {
  it('is taken as it is then by the next attempt', async () => {
    await using b = await leadpush()
    await using other = await startTestReceiver()
    const id = await b.retrying()
    await b.test.call('destinations.change', {
      id: b.destinationId,
      url_template: `${other.url}/new/{{ event.type }}`,
      method: 'PUT',
      headers_template: [{ name: 'X-Added', value: 'later' }],
      body_template: 'now {{ delivery.uuid }}',
    })
    await b.clock.advance(10_000)
    await b.test.until(id, 'succeeded')
    const [request] = await other.received(1)
    expect(request).toMatchObject({
      method: 'PUT',
      target: '/new/contact.created',
      body: Buffer.from(`now ${id}`),
    })
    expect(headerValue(request?.headers ?? [], 'x-added')).toBe('later')
    const { attempts } = await b.test.call('deliveries.get', { id })
    expect(attempts.map((attempt) => attempt.method)).toEqual(['POST', 'PUT'])
  })

  it('ends what waits as failed when it is deleted, and history stays', async () => {
    await using b = await leadpush()
    const id = await b.retrying()
    expect(await b.test.call('destinations.delete', { id: b.destinationId })).toEqual({
      failed_deliveries: 1,
    })
    await b.clock.advance(100_000)
    expect(b.receiver.requests).toHaveLength(1)
    expect(await b.test.call('deliveries.get', { id })).toMatchObject({
      status: 'failed',
      error: { code: 'destination_deleted', message: 'destination deleted' },
      attempt_count: 1,
      destination_name: 'Receiver',
    })
    expect(b.test.statuses(id).at(-1)).toBe('failed')
    await expect(b.test.call('deliveries.retry', { id })).rejects.toMatchObject({ code: 'conflict' })
    expect((await b.test.call('subscriptions.list', {})).items.map((s) => s.id)).not.toContain(
      b.subscriptionId,
    )
  })

  it('ends what is under way by its outcome: a failure is final then', async () => {
    await using b = await leadpush()
    b.receiver.neverAnswer()
    const failing = await b.raise()
    await b.receiver.received(1)
    await b.test.call('destinations.delete', { id: b.destinationId })
    b.receiver.answerAll(500)
    expect(await b.test.until(failing, 'failed')).toMatchObject({
      reason: { code: 'destination_deleted' },
      attemptCount: 1,
    })
  })

  it('still counts a success that was under way when it was deleted', async () => {
    await using b = await leadpush()
    b.receiver.neverAnswer()
    const id = await b.raise()
    await b.receiver.received(1)
    await b.test.call('destinations.delete', { id: b.destinationId })
    b.receiver.answerAll(200)
    expect(await b.test.until(id, 'succeeded')).toMatchObject({ attemptCount: 1, responseStatus: 200 })
  })

  it('leaves nothing waiting, whatever is raised and retried at the same moment', async () => {
    await using b = await leadpush()
    b.receiver.reply(500)
    await b.test.call('destinations.change', {
      id: b.destinationId,
      retry_policy: { delays_seconds: [], jitter: 0 },
    })
    const failed = await b.raise()
    await b.test.until(failed, 'failed')
    // A payload that goes to a file first: its deliveries are made after the destination was chosen.
    const data = { contact: { attributes: { note: 'x'.repeat(5000) } } }
    const raising = b.test.call('events.raise', {
      workspace_id: b.workspaceId,
      type: 'contact.created',
      data,
    })
    await Promise.allSettled([
      raising,
      b.test.call('destinations.delete', { id: b.destinationId }),
      b.test.call('deliveries.retry', { id: failed }),
    ])
    for (const { id } of (await raising).deliveries) await b.test.until(id, 'failed')
    await b.test.until(failed, 'failed')
    expect(b.test.host.engine.dispatcher.queueLength().waiting).toBe(0)
    expect(await b.test.host.store.waitingDeliveries()).toEqual([])
  })
})

describe('a destination that is deleted while much is under way', () => {
  it('leaves nothing waiting for ever, whatever fails and is retried in the meantime', async () => {
    await using receiver = await startTestReceiver()
    receiver.reply(500, { body: 'x'.repeat(100_000) })
    // Real time: what comes between claim and outcome is what matters here.
    const test = await startTestHost()
    const workspace = await test.call('workspaces.create', { name: 'Many', provider: 'leadpush' })
    for (let round = 0; round < 6; round += 1) {
      const { destinationId } = await addDestination(test, workspace.id, {
        name: `round ${round}`,
        url_template: receiver.url,
        concurrency: 64,
        retry_policy: { delays_seconds: [0.01, 0.01, 0.01, 0.01, 0.01, 0.01], jitter: 0 },
      })
      const data = { contact: { attributes: { note: 'x'.repeat(9000) } } }
      const raised = await Promise.all(
        Array.from({ length: 40 }, () =>
          raiseOne(test, { workspace_id: workspace.id, type: 'contact.created', data }),
        ),
      )
      // Their retries read the payload from its file: that takes long enough for the deletion to come in between.
      await receiver.received(receiver.requests.length + 50 + round * 9)
      await test.call('destinations.delete', { id: destinationId })
      await test.untilHolds(() => test.host.engine.dispatcher.queueLength().waiting === 0)
      await test.untilHolds(() => raised.every((id) => test.statuses(id).at(-1) === 'failed'))
      expect(await test.host.store.waitingDeliveries()).toEqual([])
    }
  })

  it('overwrites no outcome: what has arrived has succeeded, the rest has failed', async () => {
    await using b = await leadpush()
    await b.test.call('destinations.change', { id: b.destinationId, concurrency: 4 })
    const raised = await Promise.all(Array.from({ length: 60 }, () => b.raise()))
    await b.receiver.received(10)
    const { failed_deliveries: failed } = await b.test.call('destinations.delete', { id: b.destinationId })
    await b.test.untilHolds(() =>
      raised.every((id) => /succeeded|failed/.test(b.test.statuses(id).at(-1) ?? '')),
    )
    const ends = await Promise.all(
      raised.map(async (id) => (await b.test.call('deliveries.get', { id })).status),
    )
    expect(ends.filter((status) => status === 'succeeded')).toHaveLength(b.receiver.requests.length)
    expect(ends.filter((status) => status === 'failed')).toHaveLength(60 - b.receiver.requests.length)
    expect(failed).toBe(60 - b.receiver.requests.length)
    for (const id of raised) {
      expect(
        b.test.statuses(id).filter((status) => status === 'failed' || status === 'succeeded'),
      ).toHaveLength(1)
    }
    expect(b.test.log).toEqual([])
  })
})

describe('deleting a workspace', () => {
  it('ends what waits in it, and leaves nothing of it in the queue', async () => {
    await using b = await leadpush()
    await addDestination(b.test, b.workspaceId, { url_template: b.receiver.url })
    b.receiver.reply(500)
    const { deliveries } = await b.test.call('events.raise', {
      workspace_id: b.workspaceId,
      type: 'contact.created',
    })
    for (const { id } of deliveries) await b.test.until(id, 'retrying')
    await b.test.call('workspaces.delete', { id: b.workspaceId })
    expect(b.test.host.engine.dispatcher.queueLength()).toEqual({ waiting: 0, inFlight: 0 })
    for (const { id } of deliveries) {
      expect(b.test.statuses(id).at(-1)).toBe('failed')
      expect(await b.test.call('deliveries.get', { id })).toMatchObject({
        error: { code: 'destination_deleted' },
      })
    }
    await b.clock.advance(100_000)
    expect(b.receiver.requests).toHaveLength(2)
    const left = await b.test.call('destinations.list', {})
    expect(left.items.filter((d) => d.workspace_id === b.workspaceId)).toEqual([])
    await expect(b.test.call('contacts.list', { workspace: b.workspaceId })).rejects.toMatchObject({
      code: 'workspace_not_found',
    })
    expect(b.test.log).toEqual([])
  })

  it('leaves endpoints that knew its scheme and secrets able to verify', async () => {
    await using b = await leadpush()
    const follows = await b.test.call('endpoints.create', {
      name: 'Follows',
      destination_id: b.destinationId,
    })
    const knows = await b.test.call('endpoints.create', {
      name: 'Knows',
      workspace_id: b.workspaceId,
      secrets: [{ value: 'my own secret' }],
    })
    await b.test.call('workspaces.delete', { id: b.workspaceId })
    expect(await b.test.call('endpoints.get', { id: follows.id })).toMatchObject({
      provider: 'leadpush',
      destination_id: null,
      secrets: [{ last4: b.secret.slice(-4) }],
    })
    expect(await b.test.call('endpoints.get', { id: knows.id })).toMatchObject({
      provider: 'leadpush',
      workspace_id: null,
    })
  })
})

describe('a host that does not send', () => {
  it('stores events for the next start, and knows what waits', async () => {
    await using b = await leadpush({ dispatch: false })
    const first = await b.raise()
    const second = await b.raise()
    expect(await b.test.call('destinations.get', { id: b.destinationId })).toMatchObject({
      waiting_deliveries: 2,
    })
    await b.test.call('deliveries.cancel', { id: second })
    await b.clock.advance(1_000_000)
    expect(b.receiver.requests).toHaveLength(0)
    const again = await b.test.restart({ dispatch: true })
    await again.until(first, 'succeeded')
    expect(b.receiver.requests).toHaveLength(1)
  })

  it('ends what waits when a destination is deleted', async () => {
    await using b = await leadpush({ dispatch: false })
    const id = await b.raise()
    const again = await b.test.restart({ dispatch: false })
    expect(await again.call('destinations.delete', { id: b.destinationId })).toEqual({ failed_deliveries: 1 })
    expect(await again.call('deliveries.get', { id })).toMatchObject({ status: 'failed' })
  })
})

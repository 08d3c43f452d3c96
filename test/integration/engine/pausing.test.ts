import { describe, expect, it } from 'vitest'
import { raiseOne, setUp } from '../../support/builders.ts'
import { createFakeClock } from '../../support/fake-clock.ts'
import { startTestHost } from '../../support/test-host.ts'
import { startTestReceiver } from '../../support/test-receiver.ts'

async function breakcoldClassic() {
  const receiver = await startTestReceiver()
  const test = await startTestHost({ clock: createFakeClock() })
  const setup = await setUp(test, 'breakcold-classic', { url_template: receiver.url })
  const raise = () => raiseOne(test, { workspace_id: setup.workspaceId, type: 'lead.create' })
  const deliver = async (status: number) => {
    receiver.replyOnce(status)
    const id = await raise()
    await test.until(id, status === 200 ? 'succeeded' : 'failed')
    return id
  }
  const destination = () => test.call('destinations.get', { id: setup.destinationId })
  return {
    ...setup,
    receiver,
    test,
    raise,
    deliver,
    destination,
    [Symbol.asyncDispose]: () => receiver.close(),
  }
}

describe('a destination whose provider pauses endpoints', () => {
  it('gets no retries from breakcold-classic', async () => {
    await using b = await breakcoldClassic()
    const id = await b.deliver(500)
    expect(await b.test.call('deliveries.get', { id })).toMatchObject({ status: 'failed', attempt_count: 1 })
  })

  it('is paused after 10 failures in a row, with reason and time, and says so', async () => {
    await using b = await breakcoldClassic()
    for (let n = 0; n < 9; n += 1) await b.deliver(500)
    expect(await b.destination()).toMatchObject({ status: 'active', failures_in_row: 9 })
    await b.deliver(500)
    const view = await b.destination()
    expect(view).toMatchObject({
      status: 'paused',
      failures_in_row: 10,
      paused: { at: '2026-04-22T18:30:00.000Z' },
    })
    expect(view.paused?.reason).toContain('10 failed deliveries in a row')
    const news = b.test.events.flatMap((e) =>
      e.kind === 'destination' && e.change !== 'changed' ? [e.change] : [],
    )
    expect(news).toEqual(['failing', 'paused'])
  })

  it('starts counting again after a success', async () => {
    await using b = await breakcoldClassic()
    for (let n = 0; n < 9; n += 1) await b.deliver(500)
    await b.deliver(200)
    expect(await b.destination()).toMatchObject({ status: 'active', failures_in_row: 0 })
    for (let n = 0; n < 9; n += 1) await b.deliver(404)
    expect(await b.destination()).toMatchObject({ status: 'active', failures_in_row: 9 })
  })

  it('gets no new deliveries while it is paused, and what waits is held until it is resumed', async () => {
    await using b = await breakcoldClassic()
    await b.test.call('destinations.change', { id: b.destinationId, concurrency: 1 })
    for (let n = 0; n < 10; n += 1) b.receiver.replyOnce(500)
    const raised = await Promise.all(Array.from({ length: 11 }, () => b.raise()))
    await b.test.untilEvent((event) => event.kind === 'destination' && event.change === 'paused')
    expect(await b.destination()).toMatchObject({ status: 'paused', waiting_deliveries: 1 })
    const waiting = raised.find((id) => b.test.statuses(id).at(-1) !== 'failed') ?? ''
    const { deliveries } = await b.test.call('events.raise', {
      workspace_id: b.workspaceId,
      type: 'lead.create',
    })
    expect(deliveries).toEqual([])
    await expect(b.test.call('destinations.test', { id: b.destinationId })).rejects.toMatchObject({
      code: 'conflict',
    })
    expect(b.test.statuses(waiting)).toEqual(['pending'])

    expect(await b.test.call('destinations.resume', { id: b.destinationId })).toMatchObject({
      status: 'active',
      failures_in_row: 0,
      paused: null,
    })
    await b.test.until(waiting, 'succeeded')
    await expect(b.test.call('destinations.resume', { id: b.destinationId })).rejects.toMatchObject({
      code: 'destination_not_paused',
      status: 409,
    })
  })

  it('stays paused after a restart', async () => {
    await using b = await breakcoldClassic()
    for (let n = 0; n < 10; n += 1) await b.deliver(500)
    const again = await b.test.restart()
    expect(await again.call('destinations.get', { id: b.destinationId })).toMatchObject({ status: 'paused' })
  })

  it('counts every one of many failures at once, also when their answers are large', async () => {
    await using receiver = await startTestReceiver()
    const test = await startTestHost({ clock: createFakeClock() })
    const { workspaceId, destinationId } = await setUp(test, 'leadpush', {
      url_template: receiver.url,
      retry_policy: { delays_seconds: [], jitter: 0 },
      concurrency: 32,
    })
    // Large answers go to files before their rows are written, each after another wait.
    for (let n = 0; n < 32; n += 1) receiver.replyOnce(500, { body: 'x'.repeat(n % 2 === 0 ? 10 : 3000 + n) })
    const ids = await Promise.all(
      Array.from({ length: 32 }, () =>
        raiseOne(test, { workspace_id: workspaceId, type: 'contact.created' }),
      ),
    )
    for (const id of ids) await test.until(id, 'failed')
    expect(await test.call('destinations.get', { id: destinationId })).toMatchObject({ failures_in_row: 32 })
  })

  it('is paused by breakcold after 50 failed deliveries of three attempts each', async () => {
    await using receiver = await startTestReceiver()
    const clock = createFakeClock()
    const test = await startTestHost({ clock })
    const { workspaceId, destinationId } = await setUp(test, 'breakcold', {
      url_template: receiver.url,
      concurrency: 64,
    })
    receiver.reply(500)
    const raise = (count: number) =>
      Promise.all(
        Array.from({ length: count }, () =>
          raiseOne(test, { workspace_id: workspaceId, type: 'record.created' }),
        ),
      )
    const fail = async (ids: readonly string[]) => {
      for (const id of ids) await test.until(id, 'retrying')
      await clock.advance(5000)
      await receiver.received(ids.length * 2)
      for (const id of ids)
        await test.untilHolds(() => test.statuses(id).filter((s) => s === 'retrying').length === 2)
      await clock.advance(30_000)
      for (const id of ids) await test.until(id, 'failed')
    }
    const ids = await raise(49)
    await fail(ids)
    expect(await test.call('destinations.get', { id: destinationId })).toMatchObject({
      status: 'active',
      failures_in_row: 49,
    })
    const [last = ''] = await raise(1)
    await test.until(last, 'retrying')
    await clock.advance(5000)
    await test.untilHolds(() => test.statuses(last).filter((s) => s === 'retrying').length === 2)
    await clock.advance(30_000)
    await test.until(last, 'failed')
    expect(await test.call('destinations.get', { id: destinationId })).toMatchObject({ status: 'paused' })
  })
})

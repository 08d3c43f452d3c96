import { describe, expect, it } from 'vitest'
import type { EndpointId } from '../../../src-shared/model/ids.ts'
import { raiseOne, setUp } from '../../support/builders.ts'
import { createFakeClock } from '../../support/fake-clock.ts'
import { startTestHost } from '../../support/test-host.ts'
import { startTestReceiver } from '../../support/test-receiver.ts'

const day = 86_400_000

async function history() {
  const receiver = await startTestReceiver()
  const clock = createFakeClock()
  const test = await startTestHost({ clock })
  const setup = await setUp(test, 'leadpush', { url_template: receiver.url })
  const deliver = async (note = '') => {
    const data = { contact: { attributes: { note } } }
    const id = await raiseOne(test, { workspace_id: setup.workspaceId, type: 'contact.created', data })
    await test.until(id, 'succeeded')
    return id
  }
  const capture = async (slug = 'inbox', body = '') => {
    const raw = `POST /in/${slug} HTTP/1.1\r\nHost: x\r\nContent-Length: ${body.length}\r\n\r\n${body}`
    const requests = [{ raw_base64: Buffer.from(raw).toString('base64') }]
    const { items } = await test.call('captures.import', { endpoint: slug, requests })
    return items[0]!.id
  }
  const left = async () => ({
    deliveries: (await test.call('deliveries.list', {})).items.map(({ id }) => id).toReversed(),
    captures: (await test.call('captures.list', {})).items.map(({ id }) => id).toReversed(),
  })
  const apply = () => test.host.engine.applyRetention()
  return {
    ...setup,
    receiver,
    clock,
    test,
    deliver,
    capture,
    left,
    apply,
    [Symbol.asyncDispose]: () => receiver.close(),
  }
}

describe('retention', () => {
  it('removes nothing within the limits', async () => {
    await using b = await history()
    const delivery = await b.deliver()
    const capture = await b.capture()
    b.clock.jumpWall(29 * day)
    expect(await b.left()).toEqual({ deliveries: [delivery], captures: [capture] })
    expect(await b.apply()).toEqual({ deliveries: 0, captures: 0 })
  })

  it('removes old events that made no delivery', async () => {
    await using b = await history()
    const raise = () => b.test.call('events.raise', { workspace_id: b.workspaceId, type: 'webhook.test' })
    await raise()
    b.clock.jumpWall(31 * day)
    const { event } = await raise()
    await b.apply()
    const { items } = await b.test.call('events.list', {})
    expect(items.filter(({ type }) => type === 'webhook.test').map(({ id }) => id)).toEqual([event.id])
  })

  it('removes what is too old by itself, with its events', async () => {
    await using b = await history()
    await b.deliver()
    await b.capture()
    b.clock.jumpWall(20 * day)
    const delivery = await b.deliver()
    const capture = await b.capture()
    b.clock.jumpWall(10.5 * day)
    await b.clock.advance(60_000)
    expect(await b.left()).toEqual({ deliveries: [delivery], captures: [capture] })
    expect((await b.test.call('events.list', { workspace: b.workspaceId })).items).toHaveLength(1)
  })

  it('removes the oldest beyond the number that is kept', async () => {
    await using b = await history()
    const deliveries = [await b.deliver(), await b.deliver(), await b.deliver()]
    const captures = [await b.capture(), await b.capture(), await b.capture()]
    await b.test.call('settings.change', { max_deliveries: 2, max_captures: 1 })
    expect(await b.apply()).toEqual({ deliveries: 1, captures: 2 })
    expect(await b.left()).toEqual({ deliveries: deliveries.slice(1), captures: captures.slice(2) })
  })

  it('leaves pinned captures and deliveries that have not ended', async () => {
    await using b = await history()
    b.receiver.replyOnce(500)
    const waiting = await raiseOne(b.test, { workspace_id: b.workspaceId, type: 'contact.created' })
    await b.test.until(waiting, 'retrying')
    await b.deliver()
    const pinned = await b.capture()
    await b.test.call('captures.change', { id: pinned, pinned: true })
    await b.capture()
    await b.test.call('settings.change', { max_deliveries: 1, max_captures: 1, max_age_days: 0.01 })
    b.clock.jumpWall(day)
    await b.apply()
    expect(await b.left()).toEqual({ deliveries: [waiting], captures: [pinned] })
  })

  it('removes by an endpoint’s own rule, of that endpoint alone', async () => {
    await using b = await history()
    const sample = (await b.test.call('endpoints.list', {})).items.find(({ slug }) => slug === 'sample')
      ?.id as EndpointId
    await b.test.call('endpoints.change', { id: sample, retention: { max_captures: 1, max_age_days: null } })
    const inbox = [await b.capture(), await b.capture()]
    await b.capture('sample')
    const kept = await b.capture('sample')
    expect(await b.apply()).toEqual({ deliveries: 0, captures: 1 })
    expect((await b.left()).captures).toEqual([...inbox, kept])

    await b.test.call('endpoints.change', { id: sample, retention: { max_captures: null, max_age_days: 1 } })
    b.clock.jumpWall(2 * day)
    expect(await b.apply()).toEqual({ deliveries: 0, captures: 1 })
    expect((await b.left()).captures).toEqual(inbox)
  })

  it('removes the oldest while bodies take too much', async () => {
    await using b = await history()
    for (let n = 0; n < 3; n += 1) await b.capture('inbox', String(n).repeat(600_000))
    await b.test.call('settings.change', { max_bodies_bytes: 1_300_000 })
    await b.apply()
    expect((await b.test.call('storage.get', {})).bodies_bytes).toBeLessThanOrEqual(1_300_000)
  })

  it('comes every minute, also after a round in which nothing could be removed', async () => {
    await using b = await history()
    await b.clock.advance(3 * 60_000)
    await b.deliver()
    b.clock.jumpWall(31 * day)
    await b.clock.advance(60_000)
    expect((await b.left()).deliveries).toEqual([])
    expect(b.test.log).toEqual([])
  })
})

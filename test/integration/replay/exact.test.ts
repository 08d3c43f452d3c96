import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { raiseOne, setUp } from '../../support/builders.ts'
import { always, answer, startRawReceiver } from '../../support/raw-receiver.ts'
import { replayBench, replayOne } from './replay-bench.ts'

/** A request's bytes without the headers that a replay makes anew. */
function withoutOwnHeaders(bytes: Uint8Array): string {
  const text = Buffer.from(bytes).toString('latin1')
  const [head = '', ...rest] = text.split('\r\n\r\n')
  const [first = '', ...lines] = head.split('\r\n')
  const own = /^(host|connection|content-length|keep-alive|transfer-encoding|te|expect|x-hop):/i
  return [first, ...lines.filter((line) => !own.test(line)), '', rest.join('\r\n\r\n')].join('\r\n')
}

describe('an exact replay of a capture', () => {
  it('sends the same bytes: order, case and duplicates of headers, a binary body', async () => {
    await using b = await replayBench()
    await using receiver = await startRawReceiver(always(answer('200 OK')))
    const body = Buffer.concat([Buffer.from([0, 255, 13, 10, 13, 10, 128]), randomBytes(300)])
    const head = [
      'PUT /in/inbox/a%2Fb//c?x=%20&x=1&y HTTP/1.1',
      'Host: localhost',
      'x-ODD-case: one',
      'Accept: */*',
      'X-Dup: 1',
      'x-dup: 2',
      'Connection: keep-alive, X-Hop',
      'X-Hop: dropped',
      'TE: trailers',
      'X-Dup: 1',
      'X-Latin: caf\xe9',
      'X-Empty:',
      'Content-Type: application/octet-stream',
      'X-Leadpush-Signature: sha256=00ff',
      `Content-Length: ${body.length}`,
    ]
    const request = Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`, 'latin1'), body])
    const id = await b.capture(request)
    const to = { url: `${receiver.url}/other?fixed` }
    const delivery = await replayOne(b.test, { capture_ids: [id], to, mode: 'exact', keep_target: true })
    await b.test.until(delivery, 'succeeded')
    const [sent = Buffer.alloc(0)] = receiver.requests
    expect(withoutOwnHeaders(sent)).toBe(withoutOwnHeaders(request).replace('X-Empty:', 'X-Empty: '))
    expect(sent.toString('latin1')).not.toContain('X-Hop')
    expect(sent.toString('latin1')).toContain(`host: 127.0.0.1:${receiver.port}`)

    const plain = await replayOne(b.test, { capture_ids: [id], to, mode: 'exact' })
    await b.test.until(plain, 'succeeded')
    expect(receiver.requests[1]?.toString('latin1')).toMatch(/^PUT \/other\?fixed HTTP\/1\.1\r\n/)
    expect(await b.test.call('deliveries.get', { id: delivery })).toMatchObject({
      origin: 'replay',
      source: { capture_id: id },
      destination_id: null,
      event_id: null,
      workspace_id: null,
      destination_name: `${receiver.url}/other`,
      status: 'succeeded',
      attempt_count: 1,
      provider_delivery_id: delivery,
      request: { method: 'PUT', body_bytes: body.length, body_base64: body.toString('base64') },
    })
  })

  it('sends a large body as it was, also when the capture is gone by then', async () => {
    await using b = await replayBench()
    const body = randomBytes(200_000)
    const head = `POST /in/inbox HTTP/1.1\r\nHost: x\r\nContent-Length: ${body.length}\r\n\r\n`
    const id = await b.capture(Buffer.concat([Buffer.from(head), body]))
    b.receiver.replyOnce(500)
    const delivery = await replayOne(b.test, {
      capture_ids: [id],
      to: { url: b.receiver.url },
      mode: 'exact',
    })
    await b.test.until(delivery, 'failed')
    await b.test.call('captures.delete', { id })
    await b.clock.advance(62_000)
    await b.test.host.store.compact()
    await b.test.call('deliveries.retry', { id: delivery })
    await b.test.until(delivery, 'succeeded')
    expect(b.receiver.requests.map((request) => request.body.equals(body))).toEqual([true, true])
    const again = await b.test.afterPowerCut()
    const shown = await again.call('deliveries.body', { id: delivery })
    expect(Buffer.from(shown.bytes).equals(body)).toBe(true)
  })

  it("keeps the provider's delivery id, and leaves out the UI's cookie", async () => {
    await using b = await replayBench()
    const id = await b.capture(
      'GET /in/inbox HTTP/1.1\r\nHost: x\r\nX-Leadpush-Delivery: abc\r\nCookie: a=1; hookbench_4747=t; b=2\r\n\r\n',
    )
    const delivery = await replayOne(b.test, {
      capture_ids: [id],
      to: { url: b.receiver.url },
      mode: 'exact',
    })
    expect(await b.test.until(delivery, 'succeeded')).toMatchObject({ providerDeliveryId: 'abc' })
    expect(b.receiver.requests[0]?.headers).toContainEqual(['Cookie', 'a=1; b=2'])
    expect(b.receiver.requests[0]?.method).toBe('GET')
  })
})

describe('an exact replay of a delivery', () => {
  it('sends what its last attempt sent, signature and all; a replay of the replay too', async () => {
    await using b = await replayBench()
    const { workspaceId } = await setUp(b.test, 'leadpush', { url_template: `${b.receiver.url}/a?b=1` })
    const source = await raiseOne(b.test, { workspace_id: workspaceId, type: 'contact.created' })
    const { eventId } = await b.test.until(source, 'succeeded')
    const to = { url: `${b.receiver.url}/c` }
    const one = await replayOne(b.test, { delivery_ids: [source], to, mode: 'exact', keep_target: true })
    expect(await b.test.until(one, 'succeeded')).toMatchObject({
      source: { deliveryId: source },
      eventId,
      workspaceId,
      destinationId: null,
      eventType: 'contact.created',
      providerDeliveryId: source,
    })
    await b.test.call('deliveries.delete', { id: source })
    const two = await replayOne(b.test, { delivery_ids: [one], to, mode: 'exact', keep_target: true })
    await b.test.until(two, 'succeeded')
    const [first, ...more] = b.receiver.requests
    const same = more.map(({ method, target, headers, body }) => ({
      method,
      target,
      headers: headers.filter(([name]) => name !== 'host'),
      body: body.toString(),
    }))
    const expected = {
      method: 'POST',
      target: '/a?b=1',
      headers: first?.headers.filter(([name]) => name !== 'host'),
      body: first?.body.toString(),
    }
    expect(same).toEqual([expected, expected])
  })

  it('to a destination goes to its URL of the moment, under its policy', async () => {
    await using b = await replayBench()
    const { destinationId } = await setUp(b.test, 'leadpush', {
      url_template: `${b.receiver.url}/{{ kind }}/{{ delivery.uuid }}`,
      retry_policy: { delays_seconds: [5] },
    })
    const body = '{"kind":"a b"}'
    const id = await b.capture(
      `PATCH /in/inbox HTTP/1.1\r\nHost: x\r\nX-Leadpush-Delivery: d1\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
    )
    b.receiver.replyOnce(500)
    const to = { destination_id: destinationId }
    const delivery = await replayOne(b.test, { capture_ids: [id], to, mode: 'exact' })
    await b.test.until(delivery, 'retrying')
    await b.test.call('destinations.change', { id: destinationId, url_template: `${b.receiver.url}/mended` })
    await b.clock.advance(5000)
    await b.test.until(delivery, 'succeeded')
    expect(b.receiver.requests.map(({ method, target }) => [method, target])).toEqual([
      ['PATCH', '/a%20b/d1'],
      ['PATCH', '/mended'],
    ])
  })
})

describe("Breakcold Classic's secret in the body", () => {
  it('is put in again, and shown nowhere', async () => {
    await using b = await replayBench()
    const secret = 'wh_0123456789abcdef'
    const { workspaceId } = await setUp(b.test, 'breakcold-classic', { url_template: b.receiver.url, secret })
    const source = await raiseOne(b.test, { workspace_id: workspaceId, type: 'lead.create' })
    await b.test.until(source, 'succeeded')
    const to = { url: b.receiver.url }
    const one = await replayOne(b.test, { delivery_ids: [source], to, mode: 'exact' })
    await b.test.until(one, 'succeeded')
    const two = await replayOne(b.test, { delivery_ids: [one], to, mode: 'exact' })
    await b.test.until(two, 'succeeded')
    const bodies = b.receiver.requests.map((request) => request.body.toString())
    expect(bodies[0]).toContain(secret)
    expect(bodies).toEqual([bodies[0], bodies[0], bodies[0]])
    for (const id of [one, two]) {
      const shown = await b.test.call('deliveries.get', { id })
      expect(Buffer.from(shown.request.body_base64, 'base64').toString()).not.toContain(secret)
      expect(JSON.stringify(shown)).not.toContain(secret)
    }
  })

  it('of a capture is masked in what is shown of the replay', async () => {
    await using b = await replayBench()
    await b.test.call('endpoints.create', {
      name: 'classic',
      slug: 'classic',
      provider: 'breakcold-classic',
      secrets: [{ value: 'wh_0123456789abcdef' }],
    })
    const body = '{"event":"lead.create","secret":"wh_0123456789abcdef"}'
    const id = await b.capture(
      `POST /in/classic HTTP/1.1\r\nHost: x\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
    )
    b.receiver.reply(200, { body: 'got wh_0123456789abcdef' })
    const delivery = await replayOne(b.test, {
      capture_ids: [id],
      to: { url: b.receiver.url },
      mode: 'exact',
    })
    await b.test.until(delivery, 'succeeded')
    expect(b.receiver.requests[0]?.body.toString()).toBe(body)
    const shown = await b.test.call('deliveries.get', { id: delivery })
    expect(Buffer.from(shown.request.body_base64, 'base64').toString()).toBe(
      body.replace(/wh_\w+/, (secret) => '*'.repeat(secret.length)),
    )
    expect(JSON.stringify(shown)).not.toContain('wh_0123456789abcdef')
  })
})

import { describe, expect, it } from 'vitest'
import { requireProvider } from '../../../src-main/engine/providers/index.ts'
import { verifyRequest } from '../../../src-main/engine/signing/verify.ts'
import { headerValue, headerValues } from '../../../src-shared/model/header.ts'
import { raiseOne, setUp } from '../../support/builders.ts'
import type { FakeClock } from '../../support/fake-clock.ts'
import type { RecordedRequest } from '../../support/test-receiver.ts'
import { replayBench, replayOne, type ReplayBench } from './replay-bench.ts'

function verdictOf(
  provider: string,
  request: RecordedRequest | undefined,
  secrets: readonly string[],
  clock: FakeClock,
) {
  if (request === undefined) throw new Error('nothing was received')
  return verifyRequest({
    scheme: requireProvider(provider).scheme,
    headers: request.headers,
    body: request.body,
    secrets: secrets.map((value, index) => ({ name: `secret ${index}`, value })),
    nowMs: clock.now(),
    allValid: true,
  })
}

const oldSecret = `whsec_${Buffer.alloc(24, 1).toString('base64')}`
const newSecret = `whsec_${Buffer.alloc(24, 2).toString('base64')}`

/** A delivery of this provider that was sent an hour ago. */
async function sentBefore(b: ReplayBench, provider: string, secret: string, type: string) {
  const made = await setUp(b.test, provider, { url_template: b.receiver.url, secret })
  const id = await raiseOne(b.test, { workspace_id: made.workspaceId, type })
  await b.test.until(id, 'succeeded')
  await b.clock.advance(3_600_000)
  return { id, ...made }
}

describe.each([
  ['leadpush', 'old-secret', 'new-secret', 'contact.created'],
  ['standard-webhooks', oldSecret, newSecret, 'user.created'],
  ['breakcold', 'old-secret', 'new-secret', 'record.created'],
  ['breakcold-classic', 'wh_0000000000000001', 'wh_0000000000000002', 'lead.create'],
])('a re-signed replay of %s', (provider, old, fresh, type) => {
  it('verifies with the new secret and the time of its attempt, under the same delivery id', async () => {
    await using b = await replayBench()
    const { id: source } = await sentBefore(b, provider, old, type)
    const to = { url: b.receiver.url }
    const id = await replayOne(b.test, { delivery_ids: [source], to, mode: 'resigned', secret: fresh })
    const delivery = await b.test.until(id, 'succeeded')
    expect(delivery).toMatchObject({ providerDeliveryId: source, eventType: type })
    const [first, second] = b.receiver.requests
    expect(verdictOf(provider, second, [fresh], b.clock)).toMatchObject({ ok: true })
    expect(verdictOf(provider, second, [old], b.clock)).toMatchObject({ ok: false })
    const names = (request: typeof first) => request?.headers.map(([name]) => name.toLowerCase()).sort()
    expect(names(second)).toEqual(names(first))
    const { scheme } = requireProvider(provider)
    if (scheme.kind === 'hmac') expect(second?.body).toEqual(first?.body)
    if (scheme.id_header !== undefined)
      expect(headerValues(second?.headers ?? [], scheme.id_header)).toEqual([source])
  })

  it('keeps neither secret in the clear, and shows none', async () => {
    await using b = await replayBench()
    const { id: source } = await sentBefore(b, provider, old, type)
    b.receiver.reply(200, { body: `echo ${fresh}` })
    const to = { url: b.receiver.url }
    const { id: replay, deliveries } = await b.test.call('replays.create', {
      delivery_ids: [source],
      to,
      mode: 'resigned',
      secret: fresh,
    })
    const id = deliveries[0]?.id ?? ''
    await b.test.until(id, 'succeeded')
    const views = [
      await b.test.call('deliveries.get', { id }),
      await b.test.call('replays.get', { id: replay }),
      await b.test.call('replays.list', {}),
      b.test.events.filter((event) => event.kind === 'replay' || event.kind === 'delivery'),
    ]
    const text = JSON.stringify(views)
    expect(text).not.toContain(old)
    // What the receiver answers is its own, unless the secret was in the request.
    if (provider === 'breakcold-classic') expect(text).not.toContain(fresh)
    else expect(text.split(fresh)).toHaveLength(2)
    const { request } = await b.test.call('deliveries.get', { id })
    expect(Buffer.from(request.body_base64, 'base64').toString()).not.toContain(fresh)
    const rows = JSON.stringify(await b.test.host.store.replayRequest(id as never))
    expect(rows).not.toContain(fresh)
    expect(b.test.log.join('\n')).not.toContain(fresh)
  })
})

describe('re-signing', () => {
  it('gives a new delivery id when that is wanted, which is signed', async () => {
    await using b = await replayBench()
    const { id: source } = await sentBefore(b, 'leadpush', 'secret', 'contact.created')
    const to = { url: b.receiver.url }
    const id = await replayOne(b.test, { delivery_ids: [source], to, mode: 'resigned', new_id: true })
    expect(await b.test.until(id, 'succeeded')).toMatchObject({ providerDeliveryId: id })
    const request = b.receiver.requests[1]
    expect(headerValue(request?.headers ?? [], 'x-leadpush-delivery')).toBe(id)
    expect(verdictOf('leadpush', request, ['secret'], b.clock)).toMatchObject({ ok: true })
  })

  it('is done anew for each attempt', async () => {
    await using b = await replayBench()
    const { id: source } = await sentBefore(b, 'leadpush', 'secret', 'contact.created')
    b.receiver.replyOnce(500)
    const to = { url: b.receiver.url }
    const id = await replayOne(b.test, { delivery_ids: [source], to, mode: 'resigned' })
    await b.test.until(id, 'failed')
    await b.clock.advance(3_600_000)
    await b.test.call('deliveries.retry', { id })
    await b.test.until(id, 'succeeded')
    expect(verdictOf('leadpush', b.receiver.requests[2], ['secret'], b.clock)).toMatchObject({ ok: true })
  })

  it("to a destination signs with that destination's secrets, during a rotation with both", async () => {
    await using b = await replayBench()
    const { destinationId } = await setUp(b.test, 'standard-webhooks', {
      url_template: b.receiver.url,
      secret: oldSecret,
    })
    await b.test.call('destinations.rotate-secret', {
      id: destinationId,
      secret: newSecret,
      keep_previous_seconds: 3600,
    })
    const id = await b.capture(
      'POST /in/inbox HTTP/1.1\r\nHost: x\r\nwebhook-id: msg_1\r\nwebhook-timestamp: 1\r\nX-Other: 1\r\n' +
        'webhook-signature: v1,old\r\nContent-Length: 2\r\n\r\n{}',
    )
    const to = { destination_id: destinationId }
    const delivery = await replayOne(b.test, { capture_ids: [id], to, mode: 'resigned' })
    expect(await b.test.until(delivery, 'succeeded')).toMatchObject({
      providerDeliveryId: 'msg_1',
      destinationId,
    })
    const [request] = b.receiver.requests
    expect(headerValue(request?.headers ?? [], 'webhook-signature')?.split(' ')).toHaveLength(2)
    expect(verdictOf('standard-webhooks', request, [oldSecret], b.clock)).toMatchObject({ ok: true })
    expect(verdictOf('standard-webhooks', request, [newSecret], b.clock)).toMatchObject({ ok: true })
    expect(headerValue(request?.headers ?? [], 'x-other')).toBe('1')
  })

  it("of a capture uses its endpoint's scheme and secret", async () => {
    await using b = await replayBench()
    await b.test.call('endpoints.create', {
      name: 'hub',
      slug: 'hub',
      provider: 'github',
      secrets: [{ value: 'hub secret' }],
    })
    const id = await b.capture(
      'POST /in/hub HTTP/1.1\r\nHost: x\r\nX-GitHub-Event: push\r\nX-GitHub-Delivery: g1\r\nContent-Length: 2\r\n\r\n{}',
    )
    const to = { url: b.receiver.url }
    const delivery = await replayOne(b.test, { capture_ids: [id], to, mode: 'resigned' })
    await b.test.until(delivery, 'succeeded')
    expect(verdictOf('github', b.receiver.requests[0], ['hub secret'], b.clock)).toMatchObject({ ok: true })
    expect(b.receiver.requests[0]?.headers).toContainEqual(['X-GitHub-Event', 'push'])
  })

  it('signs what carries no known signature when provider and secret are named', async () => {
    await using b = await replayBench()
    const id = await b.capture('POST /x HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}')
    const to = { url: b.receiver.url }
    const options = { provider: 'leadpush', secret: 's' }
    const delivery = await replayOne(b.test, { capture_ids: [id], to, mode: 'resigned', ...options })
    await b.test.until(delivery, 'succeeded')
    expect(verdictOf('leadpush', b.receiver.requests[0], ['s'], b.clock)).toMatchObject({ ok: true })
    expect(headerValue(b.receiver.requests[0]?.headers ?? [], 'x-leadpush-delivery')).toBe(delivery)
  })

  it('fails, and sends nothing, where the secret has no place in the body', async () => {
    await using b = await replayBench()
    const id = await b.capture('POST /x HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n[]')
    const to = { url: b.receiver.url }
    const options = { provider: 'breakcold-classic', secret: 'wh_1' }
    const delivery = await replayOne(b.test, { capture_ids: [id], to, mode: 'resigned', ...options })
    await b.test.until(delivery, 'failed')
    const shown = await b.test.call('deliveries.get', { id: delivery })
    expect(shown).toMatchObject({ attempt_count: 0 })
    expect(shown.error?.message).toMatch(/the body must be a JSON object/)
    expect(b.receiver.requests).toEqual([])
  })

  it("with the user's own scheme masks a secret that travels in a header, and puts it in again", async () => {
    await using b = await replayBench()
    const scheme = await b.test.call('schemes.create', {
      name: 'token',
      scheme: { kind: 'shared_secret', header: 'X-Token' },
    })
    await b.test.call('endpoints.create', {
      name: 'token',
      slug: 'token',
      scheme_id: scheme.id,
      secrets: [{ value: 'old-token' }],
    })
    const id = await b.capture(
      'POST /in/token HTTP/1.1\r\nHost: x\r\nX-Token: t\r\nContent-Length: 2\r\n\r\n{}',
    )
    const to = { url: b.receiver.url }
    const options = { mode: 'resigned', secret: 'fresh-token' } as const
    const one = await replayOne(b.test, { capture_ids: [id], to, ...options })
    await b.test.until(one, 'succeeded')
    const two = await replayOne(b.test, { delivery_ids: [one], to, mode: 'exact' })
    await b.test.until(two, 'succeeded')
    for (const request of b.receiver.requests)
      expect(headerValues(request.headers, 'x-token')).toEqual(['fresh-token'])
    for (const delivery of [one, two]) {
      const shown = await b.test.call('deliveries.get', { id: delivery })
      expect(JSON.stringify(shown)).not.toContain('fresh-token')
    }
  })
})

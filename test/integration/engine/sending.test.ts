import { createHmac } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { headerValue, type Header } from '../../../src-shared/model/header.ts'
import { addDestination, raiseOne, setUp } from '../../support/builders.ts'
import { createFakeClock, fakeStart } from '../../support/fake-clock.ts'
import { pem } from '../../support/pem.ts'
import { startTestHost } from '../../support/test-host.ts'
import { startTestReceiver } from '../../support/test-receiver.ts'

const hmac = (key: string | Buffer, content: string | Buffer, encoding: 'hex' | 'base64') =>
  createHmac('sha256', key).update(content).digest(encoding)
const at = (headers: readonly Header[] | undefined, name: string) => headerValue(headers ?? [], name)

describe('an event', () => {
  it('makes a delivery for each enabled subscription that names its type, to an enabled destination of its workspace', async () => {
    await using receiver = await startTestReceiver()
    const test = await startTestHost({ clock: createFakeClock() })
    const own = await setUp(test, 'leadpush', { url_template: receiver.url })
    const other = await setUp(test, 'leadpush', { url_template: receiver.url })
    const made = async (type: string) =>
      (await test.call('events.raise', { workspace_id: own.workspaceId, type })).deliveries.map(
        (d) => d.destination_id,
      )

    expect(await made('contact.created')).toEqual([own.destinationId])
    const second = await addDestination(test, own.workspaceId, { url_template: receiver.url })
    expect((await made('contact.created')).toSorted()).toEqual(
      [own.destinationId, second.destinationId].toSorted(),
    )

    await test.call('subscriptions.change', { id: own.subscriptionId, event_types: ['contact.deleted'] })
    expect(await made('contact.created')).toEqual([second.destinationId])
    await test.call('subscriptions.change', { id: second.subscriptionId, enabled: false })
    expect(await made('contact.created')).toEqual([])
    await test.call('subscriptions.change', { id: second.subscriptionId, enabled: true })
    await test.call('destinations.change', { id: second.destinationId, enabled: false })
    expect(await made('contact.created')).toEqual([])
    expect(await made('contact.deleted')).toEqual([own.destinationId])
    expect((await test.call('deliveries.list', { destination: other.destinationId })).items).toEqual([])
  })

  it('of a test is never subscribed to', async () => {
    await using receiver = await startTestReceiver()
    const test = await startTestHost({ clock: createFakeClock() })
    const { workspaceId, destinationId } = await setUp(test, 'leadpush', { url_template: receiver.url })
    await expect(
      test.call('subscriptions.create', { destination_id: destinationId, event_types: ['webhook.test'] }),
    ).rejects.toMatchObject({ code: 'invalid_input' })
    const raised = await test.call('events.raise', { workspace_id: workspaceId, type: 'webhook.test' })
    expect(raised.deliveries).toEqual([])

    const { deliveries } = await test.call('destinations.test', { id: destinationId })
    const id = deliveries[0]?.id ?? ''
    expect(await test.until(id, 'succeeded')).toMatchObject({
      origin: 'test',
      eventType: 'webhook.test',
      subscriptionId: null,
    })
    expect(receiver.requests).toHaveLength(1)
  })

  it('of a test is the first sample where the provider has none', async () => {
    await using receiver = await startTestReceiver()
    const test = await startTestHost({ clock: createFakeClock() })
    const { destinationId } = await setUp(test, 'leadhub', { url_template: receiver.url })
    const { deliveries } = await test.call('destinations.test', { id: destinationId })
    expect(await test.until(deliveries[0]?.id ?? '', 'succeeded')).toMatchObject({
      origin: 'test',
      eventType: 'lead.created',
    })
  })

  it('is announced as pending before anything else, also when its payload goes to a file first', async () => {
    await using receiver = await startTestReceiver()
    const test = await startTestHost({ clock: createFakeClock() })
    const { workspaceId } = await setUp(test, 'leadpush', { url_template: receiver.url, concurrency: 64 })
    const raised = await Promise.all(
      Array.from({ length: 60 }, (_, n) =>
        raiseOne(test, {
          workspace_id: workspaceId,
          type: 'contact.created',
          data: { contact: { attributes: { note: 'x'.repeat(n % 3 === 0 ? 5000 + n : 10) } } },
        }),
      ),
    )
    for (const id of raised) {
      await test.until(id, 'succeeded')
      expect(test.statuses(id)).toEqual(['pending', 'processing', 'succeeded'])
    }
  })

  it('is previewed without making anything', async () => {
    await using receiver = await startTestReceiver()
    const clock = createFakeClock()
    const test = await startTestHost({ clock })
    const { workspaceId, destinationId, subscriptionId } = await setUp(test, 'leadpush', {
      url_template: `${receiver.url}/{{ contact._id }}`,
    })
    await addDestination(test, workspaceId, {
      url_template: receiver.url,
      headers_template: [{ name: 'X-Note', value: '{{ contact.attributes.note }}' }],
    })
    const input = {
      workspace_id: workspaceId,
      type: 'contact.created',
      data: { contact: { _id: 'me', attributes: { note: 'a\nb' } } },
    }
    const before = await test.call('storage.get', {})
    const preview = await test.call('events.preview', input)
    const [fine, refused] = preview.deliveries.toSorted((a) => (a.destination_id === destinationId ? -1 : 1))
    expect(fine).toMatchObject({
      subscription_id: subscriptionId,
      error: null,
      request: { method: 'POST', url: `${receiver.url}/me` },
    })
    const body = JSON.parse(Buffer.from(fine?.request?.body_base64 ?? '', 'base64').toString()) as object
    expect(body).toEqual(preview.event.payload)
    expect(refused).toMatchObject({ request: null, error: { code: 'header_invalid' } })
    expect(await test.call('storage.get', {})).toEqual(before)
    await clock.advance(10_000)
    expect(receiver.requests).toEqual([])
    expect((await test.call('deliveries.list', {})).items).toEqual([])
    expect((await test.call('events.list', {})).items).toEqual([])
  })
})

describe('what is sent', () => {
  it('carries leadpush’s five headers and the payload to the byte', async () => {
    await using receiver = await startTestReceiver()
    const test = await startTestHost({ clock: createFakeClock() })
    const { workspaceId, secret } = await setUp(test, 'leadpush', {
      url_template: `${receiver.url}/hook?a=1`,
    })
    const id = await raiseOne(test, {
      workspace_id: workspaceId,
      type: 'contact.updated',
      data: { contact: { attributes: { n: 'Zoë 🙂' } } },
    })
    await test.until(id, 'succeeded')
    const [request] = await receiver.received(1)
    const timestamp = String(fakeStart / 1000)
    expect(request?.target).toBe('/hook?a=1')
    expect(request?.headers.filter(([name]) => /^(user-agent|x-)/i.test(name))).toEqual([
      ['User-Agent', 'Leadpush-Webhooks/1.0'],
      ['X-Leadpush-Delivery', id],
      ['X-Leadpush-Event', 'contact.updated'],
      ['X-Leadpush-Timestamp', timestamp],
      [
        'X-Leadpush-Signature',
        `sha256=${hmac(secret, `${timestamp}.${id}.${request?.body.toString()}`, 'hex')}`,
      ],
    ])
    const { event_id: eventId } = await test.call('deliveries.get', { id })
    const event = await test.call('events.get', { id: eventId ?? '' })
    expect(JSON.parse(request?.body.toString() ?? '')).toEqual(event.payload)
    expect(event.payload).toMatchObject({ event: { id: eventId }, contact: { attributes: { n: 'Zoë 🙂' } } })
  })

  it('is signed with an empty body part where there is no body', async () => {
    await using receiver = await startTestReceiver()
    const test = await startTestHost({ clock: createFakeClock() })
    const { workspaceId, secret } = await setUp(test, 'leadpush', {
      url_template: receiver.url,
      method: 'GET',
    })
    const id = await raiseOne(test, { workspace_id: workspaceId, type: 'contact.created' })
    await test.until(id, 'succeeded')
    const [request] = await receiver.received(1)
    expect(request).toMatchObject({ method: 'GET', body: Buffer.alloc(0) })
    expect(at(request?.headers, 'X-Leadpush-Signature')).toBe(
      `sha256=${hmac(secret, `${fakeStart / 1000}.${id}.`, 'hex')}`,
    )
  })

  it('has no signature header where leadhub has no secret, and one where it has', async () => {
    await using receiver = await startTestReceiver()
    const test = await startTestHost({ clock: createFakeClock() })
    const { workspaceId, destinationId } = await setUp(test, 'leadhub', {
      url_template: receiver.url,
      secret: null,
    })
    await test.until(await raiseOne(test, { workspace_id: workspaceId, type: 'lead.created' }), 'succeeded')
    await test.call('destinations.change', { id: destinationId, secret: 'typed in by hand' })
    await test.until(await raiseOne(test, { workspace_id: workspaceId, type: 'lead.created' }), 'succeeded')
    const [unsigned, signed] = await receiver.received(2)
    expect(at(unsigned?.headers, 'X-LeadHub-Signature')).toBeUndefined()
    expect(at(signed?.headers, 'X-LeadHub-Signature')).toBe(
      `sha256=${hmac('typed in by hand', signed?.body ?? '', 'hex')}`,
    )
  })

  it('carries both signatures of standard-webhooks while a secret is being rotated', async () => {
    await using receiver = await startTestReceiver()
    const clock = createFakeClock()
    const test = await startTestHost({ clock })
    const { workspaceId, destinationId, secret } = await setUp(test, 'standard-webhooks', {
      url_template: receiver.url,
    })
    const rotated = await test.call('destinations.rotate-secret', {
      id: destinationId,
      keep_previous_seconds: 60,
    })
    expect(rotated).toMatchObject({
      secret_last4: rotated.secret?.slice(-4),
      previous_secret: { last4: secret.slice(-4), valid_until: new Date(fakeStart + 60_000).toISOString() },
    })
    const raise = async () =>
      test.until(await raiseOne(test, { workspace_id: workspaceId, type: 'user.created' }), 'succeeded')
    await raise()
    await clock.advance(60_000)
    await raise()
    const requests = await receiver.received(2)
    const signatures = requests.map((request) => {
      const content = `${at(request.headers, 'webhook-id')}.${at(request.headers, 'webhook-timestamp')}.${request.body.toString()}`
      return [rotated.secret ?? '', secret].map(
        (key) => `v1,${hmac(Buffer.from(key.slice('whsec_'.length), 'base64'), content, 'base64')}`,
      )
    })
    expect(at(requests[0]?.headers, 'webhook-signature')).toBe(signatures[0]?.join(' '))
    expect(at(requests[1]?.headers, 'webhook-signature')).toBe(signatures[1]?.[0])
  })

  it('is signed with the new secret alone where the scheme takes one signature', async () => {
    await using receiver = await startTestReceiver()
    const test = await startTestHost({ clock: createFakeClock() })
    const { workspaceId, destinationId } = await setUp(test, 'leadhub', { url_template: receiver.url })
    const { secret } = await test.call('destinations.rotate-secret', {
      id: destinationId,
      keep_previous_seconds: 3600,
    })
    await test.until(await raiseOne(test, { workspace_id: workspaceId, type: 'lead.created' }), 'succeeded')
    const [request] = await receiver.received(1)
    expect(at(request?.headers, 'X-LeadHub-Signature')).toBe(
      `sha256=${hmac(secret ?? '', request?.body ?? '', 'hex')}`,
    )
  })

  it('shows a secret once, and only its end afterwards', async () => {
    const test = await startTestHost()
    const { destinationId, secret } = await setUp(test, 'leadpush', { url_template: 'http://127.0.0.1:9/' })
    expect(secret).toMatch(/^[A-Za-z0-9]{40}$/)
    const views = [
      await test.call('destinations.get', { id: destinationId }),
      await test.call('destinations.list', {}),
      await test.call('destinations.change', { id: destinationId, name: 'Renamed' }),
    ]
    for (const view of views) expect(JSON.stringify(view)).not.toContain(secret)
    expect(views[0]).toMatchObject({ secret_set: true, secret_last4: secret.slice(-4) })
  })

  it('carries breakcold-classic’s secret in its body, and nothing keeps it in the clear', async () => {
    await using receiver = await startTestReceiver()
    const test = await startTestHost({ clock: createFakeClock() })
    const secret = 'wh_a-secret-to-look-for "quoted"'
    const { workspaceId } = await setUp(test, 'breakcold-classic', { url_template: receiver.url, secret })
    // A receiver that sends back what it got.
    receiver.reply(500, { body: `you sent ${secret} and ${JSON.stringify(secret)}` })
    const id = await raiseOne(test, { workspace_id: workspaceId, type: 'lead.create' })
    await test.until(id, 'failed')
    const [request] = await receiver.received(1)
    expect(JSON.parse(request?.body.toString() ?? '')).toMatchObject({ event: 'lead.create', secret })
    const view = await test.call('deliveries.get', { id })
    expect(JSON.stringify(view)).not.toContain('a-secret-to-look-for')
    expect(Buffer.from(view.request.body_base64, 'base64').toString()).not.toContain('a-secret-to-look-for')
    expect(view.attempts[0]?.response_excerpt).toMatch(/^you sent \*+ and "\*+"$/)

    await test.host.store.compact()
    const files = await readdir(test.folder, { recursive: true, withFileTypes: true })
    const holding: string[] = []
    for (const file of files.filter((entry) => entry.isFile())) {
      const bytes = await readFile(join(file.parentPath, file.name))
      if (bytes.includes('a-secret-to-look-for')) holding.push(file.name)
    }
    expect(holding).toEqual([])
  })

  it('makes no second secret of what was there before a change', async () => {
    await using receiver = await startTestReceiver()
    const test = await startTestHost({ clock: createFakeClock() })
    const [certificate, key] = [pem('client'), pem('client-key')]
    const { destinationId } = await setUp(test, 'leadpush', {
      url_template: receiver.url,
      tls: { client_certificate: certificate, client_key: key },
    })
    const view = await test.call('destinations.change', {
      id: destinationId,
      tls: { accept_self_signed: true, client_certificate: certificate },
    })
    expect(view.tls).toEqual({
      accept_self_signed: true,
      ca: null,
      client_certificate: certificate,
      client_key_set: true,
    })
    const stored = test.host.store.destinations.get(destinationId)?.tls.client_key ?? ''
    expect(stored).not.toContain(key.split('\n')[1])
    await test.call('destinations.change', { id: destinationId, name: 'Renamed' })
    expect(test.host.store.destinations.get(destinationId)?.tls.client_key).toBe(stored)
    const renewed = test.call('destinations.change', {
      id: destinationId,
      tls: { client_certificate: pem('receiver') },
    })
    await expect(renewed).rejects.toMatchObject({
      fields: [
        {
          path: 'tls.client_key',
          message: 'the key that is kept does not belong to the client certificate',
        },
      ],
    })
    await test.call('destinations.change', { id: destinationId, tls: {} })
    expect(test.host.store.destinations.get(destinationId)?.tls.client_key).toBeNull()
  })
})

describe('what can’t be rendered', () => {
  it('abuse 29: ends as failed with its reason and no attempt, and is not the receiver’s fault', async () => {
    await using receiver = await startTestReceiver()
    const test = await startTestHost({ clock: createFakeClock() })
    const { workspaceId, destinationId } = await setUp(test, 'leadpush', {
      url_template: receiver.url,
      headers_template: [{ name: 'X-Note', value: '{{ contact.attributes.note }}' }],
    })
    const note = 'a\r\nX-Leadpush-Event: forged'
    const id = await raiseOne(test, {
      workspace_id: workspaceId,
      type: 'contact.created',
      data: { contact: { attributes: { note } } },
    })
    await test.until(id, 'failed')
    expect(await test.call('deliveries.get', { id })).toMatchObject({
      status: 'failed',
      attempt_count: 0,
      attempts: [],
      error: { code: 'header_invalid' },
    })
    expect(receiver.requests).toEqual([])
    expect(await test.call('destinations.get', { id: destinationId })).toMatchObject({ failures_in_row: 0 })
    // Mended, it can be retried.
    await test.call('destinations.change', { id: destinationId, headers_template: [] })
    await test.call('deliveries.retry', { id })
    expect(await test.until(id, 'succeeded')).toMatchObject({ attemptCount: 1 })
    expect(test.log).toEqual([])
  })

  it('abuse 30: does not reach a private address through a template that changes its host, with strict rules', async () => {
    await using receiver = await startTestReceiver()
    const test = await startTestHost({ clock: createFakeClock() })
    for (const url of [
      receiver.url,
      'https://127.0.0.1:1/',
      'https://2130706433/',
      'https://[::ffff:127.0.0.1]/',
    ]) {
      const { workspaceId } = await setUp(test, 'leadpush', {
        url_template: '{{ contact.attributes.url }}',
        strict_url_rules: true,
        retry_policy: { delays_seconds: [], jitter: 0 },
      })
      const id = await raiseOne(test, {
        workspace_id: workspaceId,
        type: 'contact.created',
        data: { contact: { attributes: { url } } },
      })
      await test.until(id, 'failed')
      expect(await test.call('deliveries.get', { id })).toMatchObject({
        error: { code: 'address_forbidden' },
      })
    }
    expect(receiver.requests).toEqual([])
  })

  it('ends as failed when the payload’s file is gone, instead of sending nothing', async () => {
    await using receiver = await startTestReceiver()
    const test = await startTestHost({ clock: createFakeClock(), dispatch: false })
    const { workspaceId } = await setUp(test, 'leadpush', { url_template: receiver.url })
    const note = 'x'.repeat(20_000)
    const id = await raiseOne(test, {
      workspace_id: workspaceId,
      type: 'contact.created',
      data: { contact: { attributes: { note } } },
    })
    await test.stop()
    await removeFiles(join(test.folder, 'bodies'))
    const again = await startTestHost({ clock: createFakeClock(), folder: test.folder })
    await again.until(id, 'failed')
    expect(await again.call('deliveries.list', { status: ['failed'] })).toMatchObject({
      items: [{ id, error: { code: 'payload_missing' } }],
    })
    expect(receiver.requests).toEqual([])
    expect(again.log).toEqual([])
  })
})

async function removeFiles(folder: string): Promise<void> {
  const { rm } = await import('node:fs/promises')
  for (const entry of await readdir(folder)) await rm(join(folder, entry), { recursive: true })
}

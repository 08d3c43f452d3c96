import { describe, expect, it } from 'vitest'
import type { OperationName } from '../../../src-shared/api/contract.ts'
import { AppError } from '../../../src-shared/errors.ts'
import { raiseOne, setUp } from '../../support/builders.ts'
import { createFakeClock } from '../../support/fake-clock.ts'
import { pem } from '../../support/pem.ts'
import { startTestHost, type TestHost } from '../../support/test-host.ts'
import { startTestReceiver } from '../../support/test-receiver.ts'

const unknown = '01890000-0000-7000-8000-0000000000ff'
const deep = (levels: number): object =>
  JSON.parse(`${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`) as object

/** What stands in the table for ids that are only known when the host runs. */
interface Ids {
  readonly workspace: string
  readonly classicWorkspace: string
  readonly destination: string
  readonly subscription: string
  readonly inbox: string
  readonly delivery: string
}

const header = (name: string) => (ids: Ids) => ({
  id: ids.destination,
  headers_template: [{ name, value: 'x' }],
})
const url = (url_template: string) => (ids: Ids) => ({ id: ids.destination, url_template })

type Refusal = readonly [
  operation: OperationName,
  what: string,
  input: (ids: Ids) => object,
  code: string,
  words: string,
]

/** The refusal of an answer with a header that belongs to the connection; the one before it is good. */
function answerThatSets(name: string): Refusal {
  const headers = [
    ['X-Ok', '1'],
    [name, 'x'],
  ]
  return [
    'endpoints.create',
    `an answer that sets ${name}`,
    () => ({ name: 'x', answer: { status: 200, headers, body: '' } }),
    'invalid_input',
    `answer.headers.1: ${name} is set by the receiver itself`,
  ]
}

const refusals: readonly Refusal[] = [
  [
    'workspaces.create',
    'an empty name',
    () => ({ name: '  ', provider: 'leadpush' }),
    'invalid_input',
    'name',
  ],
  [
    'workspaces.create',
    'an unknown provider',
    () => ({ name: 'x', provider: 'nobody' }),
    'provider_not_found',
    'nobody',
  ],
  [
    'workspaces.create',
    'a provider that only verifies',
    () => ({ name: 'x', provider: 'github' }),
    'invalid_input',
    'verifying only',
  ],
  ['workspaces.get', 'an unknown id', () => ({ id: unknown }), 'workspace_not_found', unknown],
  ['workspaces.change', 'an id that is none', () => ({ id: 'x', name: 'x' }), 'invalid_input', 'id'],
  ['workspaces.delete', 'an unknown id', () => ({ id: unknown }), 'workspace_not_found', unknown],

  [
    'contacts.create',
    'an unknown workspace',
    () => ({ workspace_id: unknown }),
    'workspace_not_found',
    unknown,
  ],
  [
    'contacts.create',
    'a workspace without contacts',
    (ids) => ({ workspace_id: ids.classicWorkspace }),
    'invalid_input',
    'no contacts',
  ],
  [
    'contacts.create',
    'an id that is taken',
    (ids) => ({ workspace_id: ids.workspace, _id: 'taken' }),
    'conflict',
    'taken',
  ],
  [
    'contacts.create',
    'an id with a slash',
    (ids) => ({ workspace_id: ids.workspace, _id: 'a/b' }),
    'invalid_input',
    '_id',
  ],
  [
    'contacts.create',
    'attributes that are no object',
    (ids) => ({ workspace_id: ids.workspace, attributes: [] }),
    'invalid_input',
    'attributes',
  ],
  [
    'contacts.create',
    'abuse 22: attributes nested too deeply',
    (ids) => ({ workspace_id: ids.workspace, attributes: deep(100_000) }),
    'invalid_input',
    'nested',
  ],
  [
    'contacts.change',
    'abuse 22: attributes nested too deeply',
    () => ({ id: 'taken', attributes: deep(100_000) }),
    'invalid_input',
    'nested',
  ],
  ['contacts.change', 'an unknown contact', () => ({ id: 'nobody' }), 'contact_not_found', 'nobody'],
  ['contacts.delete', 'an unknown contact', () => ({ id: 'nobody' }), 'contact_not_found', 'nobody'],

  [
    'destinations.create',
    'an unknown workspace',
    () => ({ workspace_id: unknown, name: 'x', url_template: 'http://x' }),
    'workspace_not_found',
    unknown,
  ],
  [
    'destinations.create',
    'no URL',
    (ids) => ({ workspace_id: ids.workspace, name: 'x', url_template: '' }),
    'invalid_input',
    'url_template',
  ],
  [
    'destinations.create',
    'no secret where the provider always signs',
    (ids) => ({ workspace_id: ids.workspace, name: 'x', url_template: 'http://x', secret: null }),
    'invalid_input',
    'secret',
  ],
  [
    'destinations.create',
    'an unknown field',
    (ids) => ({ workspace_id: ids.workspace, name: 'x', url_template: 'http://x', colour: 'red' }),
    'invalid_input',
    'colour',
  ],
  [
    'destinations.change',
    'an unknown id',
    () => ({ id: unknown, name: 'x' }),
    'destination_not_found',
    unknown,
  ],
  ['destinations.change', 'a URL of white space', url('  '), 'invalid_input', 'url_template'],
  ['destinations.change', 'a URL of another scheme', url('ftp://example.com'), 'invalid_input', 'http://'],
  ['destinations.change', 'a script for a URL', url('javascript:alert(1)'), 'invalid_input', 'http://'],
  ['destinations.change', 'a URL without a host', url('http://'), 'invalid_input', 'url_template'],
  [
    'destinations.change',
    'a URL with an unclosed variable',
    url('http://x/{{ a'),
    'invalid_input',
    'character 10',
  ],
  [
    'destinations.change',
    'a body with an unclosed variable',
    (ids) => ({ id: ids.destination, body_template: '{"a": {{ b }' }),
    'invalid_input',
    'character 7',
  ],
  [
    'destinations.change',
    'a query with an unknown filter',
    (ids) => ({ id: ids.destination, query_template: [{ name: 'q', value: '{{ a | upper }}' }] }),
    'invalid_input',
    'query_template.0.value',
  ],
  ['destinations.change', 'a header that is no name', header('X Y'), 'invalid_input', 'header name'],
  ...[
    'Host',
    'Connection',
    'Content-Length',
    'transfer-encoding',
    'Keep-Alive',
    'Upgrade',
    'Expect',
    'TE',
    'X-Leadpush-Signature',
    'x-leadpush-delivery',
    'X-Leadpush-Event',
    'X-Leadpush-Timestamp',
    'User-Agent',
  ].map(
    (name) =>
      ['destinations.change', `abuse 31: the header ${name}`, header(name), 'invalid_input', name] as const,
  ),
  [
    'destinations.change',
    'a method that the provider does not send',
    (ids) => ({ id: ids.destination, method: 'TRACE' }),
    'invalid_input',
    'TRACE',
  ],
  [
    'destinations.change',
    'a timeout of none',
    (ids) => ({ id: ids.destination, timeout_seconds: 0 }),
    'invalid_input',
    'timeout_seconds',
  ],
  [
    'destinations.change',
    'a timeout beyond two minutes',
    (ids) => ({ id: ids.destination, timeout_seconds: 121 }),
    'invalid_input',
    'timeout_seconds',
  ],
  [
    'destinations.change',
    'no concurrency',
    (ids) => ({ id: ids.destination, concurrency: 0 }),
    'invalid_input',
    'concurrency',
  ],
  [
    'destinations.change',
    'a negative delay',
    (ids) => ({ id: ids.destination, retry_policy: { delays_seconds: [-1] } }),
    'invalid_input',
    'retry_policy',
  ],
  [
    'destinations.change',
    'jitter that takes away',
    (ids) => ({ id: ids.destination, retry_policy: { delays_seconds: [], jitter: -0.5 } }),
    'invalid_input',
    'jitter',
  ],
  [
    'destinations.change',
    'a certificate without its key',
    (ids) => ({ id: ids.destination, tls: { client_certificate: pem('client') } }),
    'invalid_input',
    'tls.client_key: is needed beside the client certificate',
  ],
  [
    'destinations.change',
    'a certificate that is none',
    (ids) => ({ id: ids.destination, tls: { client_certificate: 'x', client_key: 'y' } }),
    'invalid_input',
    'tls.client_certificate: is no certificate',
  ],
  [
    'destinations.change',
    'a CA that is damaged',
    (ids) => ({ id: ids.destination, tls: { ca: pem('ca').replace(/M/g, 'N') } }),
    'invalid_input',
    'tls.ca: is no certificate',
  ],
  [
    'destinations.change',
    'a key without its certificate',
    (ids) => ({ id: ids.destination, tls: { client_key: pem('client-key') } }),
    'invalid_input',
    'tls.client_certificate: is needed beside its key',
  ],
  [
    'destinations.change',
    'a key that is none',
    (ids) => ({ id: ids.destination, tls: { client_certificate: pem('client'), client_key: 'y' } }),
    'invalid_input',
    'tls.client_key: is no private key',
  ],
  [
    'destinations.change',
    'the key of another certificate',
    (ids) => ({
      id: ids.destination,
      tls: { client_certificate: pem('client'), client_key: pem('receiver-key') },
    }),
    'invalid_input',
    'tls.client_key: does not belong',
  ],
  [
    'destinations.change',
    'a secret of control characters',
    (ids) => ({ id: ids.destination, secret: 'a\nb' }),
    'invalid_input',
    'secret',
  ],
  [
    'destinations.rotate-secret',
    'a secret of white space',
    (ids) => ({ id: ids.destination, secret: '   ' }),
    'invalid_input',
    'secret',
  ],
  ['destinations.rotate-secret', 'an unknown id', () => ({ id: unknown }), 'destination_not_found', unknown],
  [
    'destinations.resume',
    'one that is not paused',
    (ids) => ({ id: ids.destination }),
    'destination_not_paused',
    'active',
  ],
  ['destinations.test', 'an unknown id', () => ({ id: unknown }), 'destination_not_found', unknown],
  ['destinations.delete', 'an unknown id', () => ({ id: unknown }), 'destination_not_found', unknown],

  [
    'subscriptions.create',
    'an unknown destination',
    () => ({ destination_id: unknown, event_types: ['*'] }),
    'destination_not_found',
    unknown,
  ],
  [
    'subscriptions.create',
    'no event',
    (ids) => ({ destination_id: ids.destination, event_types: [] }),
    'invalid_input',
    'at least one',
  ],
  [
    'subscriptions.create',
    'an unknown event',
    (ids) => ({ destination_id: ids.destination, event_types: ['contact.exploded'] }),
    'invalid_input',
    'contact.exploded',
  ],
  [
    'subscriptions.create',
    'the workspace of another destination',
    (ids) => ({ workspace_id: unknown, destination_id: ids.destination, event_types: ['*'] }),
    'invalid_input',
    'workspace_id',
  ],
  [
    'subscriptions.change',
    'the test event',
    (ids) => ({ id: ids.subscription, event_types: ['webhook.test'] }),
    'invalid_input',
    'by hand',
  ],
  ['subscriptions.delete', 'an unknown id', () => ({ id: unknown }), 'subscription_not_found', unknown],

  [
    'endpoints.create',
    'a slug that is taken',
    () => ({ name: 'x', slug: 'sample' }),
    'invalid_input',
    'taken',
  ],
  [
    'endpoints.create',
    'a secret of the wrong form',
    () => ({ name: 'x', provider: 'standard-webhooks', secrets: [{ name: 'a', value: 'bad' }] }),
    'invalid_input',
    'whsec_',
  ],
  ['endpoints.create', 'a slug with a slash', () => ({ name: 'x', slug: 'a/b' }), 'invalid_input', 'slug'],
  [
    'endpoints.create',
    'an unknown provider',
    () => ({ name: 'x', provider: 'nobody' }),
    'provider_not_found',
    'nobody',
  ],
  [
    'endpoints.create',
    'an unknown destination',
    () => ({ name: 'x', destination_id: unknown }),
    'destination_not_found',
    unknown,
  ],
  [
    'endpoints.create',
    'an unknown scheme',
    () => ({ name: 'x', scheme_id: unknown }),
    'scheme_not_found',
    unknown,
  ],
  ...['Content-Length', 'transfer-encoding', 'Keep-Alive', 'Upgrade', 'Trailer'].map(answerThatSets),
  [
    'endpoints.create',
    'an answer with a header beyond latin-1',
    () => ({ name: 'x', answer: { status: 200, headers: [['X-Price', '5 €']], body: '' } }),
    'invalid_input',
    'answer.headers.0: the value holds',
  ],
  [
    'endpoints.create',
    'an answer with a header without a name',
    () => ({ name: 'x', answer: { status: 200, headers: [['', 'a']], body: '' } }),
    'invalid_input',
    'answer.headers.0: the name is no header name',
  ],
  [
    'endpoints.create',
    'an answer with a split header',
    () => ({ name: 'x', answer: { status: 200, headers: [['A', 'b\r\nC: d']], body: '' } }),
    'invalid_input',
    'header',
  ],
  [
    'endpoints.create',
    'a forward target that is no URL',
    () => ({ name: 'x', forward_to: ['ftp://x'] }),
    'invalid_input',
    'forward_to',
  ],
  [
    'schemes.create',
    'a timestamp that is signed and stands nowhere',
    () => ({ name: 'x', scheme: { header: 'X-S', content: ['timestamp', 'body'] } }),
    'invalid_input',
    'scheme.timestamp_header: is needed',
  ],
  [
    'schemes.create',
    'an id that is signed and stands nowhere',
    () => ({ name: 'x', scheme: { header: 'X-S', content: ['id', 'body'] } }),
    'invalid_input',
    'scheme.id_header: is needed',
  ],
  [
    'endpoints.change',
    'another slug for the inbox',
    (ids) => ({ id: ids.inbox, slug: 'other' }),
    'invalid_input',
    'inbox',
  ],
  ['endpoints.delete', 'the inbox', (ids) => ({ id: ids.inbox }), 'conflict', 'inbox'],

  [
    'schemes.create',
    'an HMAC without a header',
    () => ({ name: 'x', scheme: { kind: 'hmac' } }),
    'invalid_input',
    'header',
  ],
  ['schemes.delete', 'an unknown id', () => ({ id: unknown }), 'scheme_not_found', unknown],

  [
    'events.raise',
    'an unknown workspace',
    () => ({ workspace_id: unknown, type: 'x' }),
    'workspace_not_found',
    unknown,
  ],
  [
    'events.raise',
    'an unknown event',
    (ids) => ({ workspace_id: ids.workspace, type: 'contact.exploded' }),
    'invalid_input',
    '--any-event',
  ],
  [
    'events.raise',
    'data that is no object',
    (ids) => ({ workspace_id: ids.workspace, type: 'contact.created', data: 'x' }),
    'invalid_input',
    'data',
  ],
  [
    'events.raise',
    'abuse 22: data nested too deeply',
    (ids) => ({ workspace_id: ids.workspace, type: 'contact.created', data: deep(100_000) }),
    'invalid_input',
    'nested',
  ],
  [
    'events.preview',
    'abuse 22: data nested too deeply',
    (ids) => ({ workspace_id: ids.workspace, type: 'contact.created', data: deep(201) }),
    'invalid_input',
    'nested',
  ],
  ['events.get', 'an unknown id', () => ({ id: 'nothing' }), 'event_not_found', 'nothing'],

  ['deliveries.get', 'an unknown id', () => ({ id: unknown }), 'delivery_not_found', unknown],
  ['deliveries.retry', 'an unknown id', () => ({ id: unknown }), 'delivery_not_found', unknown],
  [
    'deliveries.retry',
    'one that has succeeded',
    (ids) => ({ id: ids.delivery }),
    'delivery_not_failed',
    'succeeded',
  ],
  ['deliveries.send-now', 'an unknown id', () => ({ id: unknown }), 'delivery_not_found', unknown],
  [
    'deliveries.send-now',
    'one that has succeeded',
    (ids) => ({ id: ids.delivery }),
    'delivery_not_retrying',
    'succeeded',
  ],
  ['deliveries.cancel', 'an unknown id', () => ({ id: unknown }), 'delivery_not_found', unknown],
  [
    'deliveries.cancel',
    'one that has succeeded',
    (ids) => ({ id: ids.delivery }),
    'delivery_not_waiting',
    'succeeded',
  ],
  ['deliveries.delete', 'an unknown id', () => ({ id: unknown }), 'delivery_not_found', unknown],
  ['deliveries.list', 'a page of none', () => ({ limit: 0 }), 'invalid_input', 'limit'],
  ['deliveries.list', 'an unknown status', () => ({ status: 'lost' }), 'invalid_input', 'status'],

  ['captures.get', 'an unknown id', () => ({ id: unknown }), 'capture_not_found', unknown],
  ['captures.change', 'an unknown id', () => ({ id: unknown, pinned: true }), 'capture_not_found', unknown],
  ['captures.delete', 'an unknown id', () => ({ id: unknown }), 'capture_not_found', unknown],
  [
    'captures.import',
    'what is no request',
    () => ({ requests: [{ raw_base64: 'AAAA' }] }),
    'invalid_input',
    '',
  ],
  ['settings.change', 'a concurrency of none', () => ({ concurrency: 0 }), 'invalid_input', 'concurrency'],
  ['settings.change', 'an age of none', () => ({ max_age_days: 0 }), 'invalid_input', 'max_age_days'],
]

async function filled() {
  const receiver = await startTestReceiver()
  const test = await startTestHost({ clock: createFakeClock() })
  const { workspaceId, destinationId, subscriptionId } = await setUp(test, 'leadpush', {
    url_template: receiver.url,
  })
  const classic = await test.call('workspaces.create', { name: 'Classic', provider: 'breakcold-classic' })
  const contact = await test.call('contacts.create', { workspace_id: workspaceId, _id: 'taken' })
  await test.until(contact.deliveries[0]?.id ?? '', 'succeeded')
  const delivery = await raiseOne(test, { workspace_id: workspaceId, type: 'contact.created' })
  await test.until(delivery, 'succeeded')
  const endpoints = (await test.call('endpoints.list', {})).items
  const ids: Ids = {
    workspace: workspaceId,
    classicWorkspace: classic.id,
    destination: destinationId,
    subscription: subscriptionId,
    inbox: endpoints.find(({ slug }) => slug === 'inbox')?.id ?? '',
    delivery,
  }
  return { receiver, test, ids, [Symbol.asyncDispose]: () => receiver.close() }
}

/** Everything that can be read. */
async function everything({ call }: TestHost) {
  const workspaces = (await call('workspaces.list', {})).items
  const contacts = []
  for (const { id } of workspaces) contacts.push((await call('contacts.list', { workspace: id })).items)
  return {
    workspaces,
    contacts,
    destinations: (await call('destinations.list', {})).items,
    subscriptions: (await call('subscriptions.list', {})).items,
    endpoints: (await call('endpoints.list', {})).items,
    schemes: (await call('schemes.list', {})).items,
    events: (await call('events.list', {})).items,
    deliveries: (await call('deliveries.list', {})).items,
    captures: (await call('captures.list', {})).items,
    settings: await call('settings.get', {}),
    storage: await call('storage.get', {}),
    health: await call('health.get', {}),
    providers: await call('providers.list', {}),
  }
}

/** The error's code, or what is unclear about its sentence. */
function clear({ code, message }: AppError, words: string): string {
  const unclear =
    !message.includes(words) || message.length > 400 || /undefined|\[object|at .*\.ts/.test(message)
  return unclear ? `${code}, unclear: ${message}` : code
}

describe('bad input', () => {
  it('is refused with one clear sentence, and changes nothing', async () => {
    await using b = await filled()
    const before = await everything(b.test)
    const outcomes: string[] = []
    for (const [operation, what, input, , words] of refusals) {
      const sentence = await b.test.call(operation, input(b.ids) as never).then(
        () => 'it was accepted',
        (error: unknown) => (error instanceof AppError ? clear(error, words) : `a bug: ${String(error)}`),
      )
      outcomes.push(`${operation} of ${what}: ${sentence}`)
    }
    expect(outcomes).toEqual(refusals.map(([operation, what, , code]) => `${operation} of ${what}: ${code}`))
    expect(await everything(b.test)).toEqual(before)
    expect(b.test.log).toEqual([])
    expect(b.receiver.requests).toHaveLength(2)
  })

  it('of a scheme that an endpoint uses is told which', async () => {
    await using b = await filled()
    const scheme = await b.test.call('schemes.create', { name: 'Mine', scheme: { header: 'X-Mine' } })
    await b.test.call('endpoints.create', { name: 'Uses it', scheme_id: scheme.id })
    await expect(b.test.call('schemes.delete', { id: scheme.id })).rejects.toThrow('Uses it')
  })
})

describe('reading', () => {
  it('changes nothing and gives the same twice', async () => {
    await using b = await filled()
    const first = await everything(b.test)
    const detail = await b.test.call('deliveries.get', { id: b.ids.delivery })
    await b.test.call('providers.sample', { id: 'leadpush', type: 'contact.created' })
    expect(await everything(b.test)).toEqual(first)
    expect(await b.test.call('deliveries.get', { id: b.ids.delivery })).toEqual(detail)
  })

  it('shows no error for a delivery that has succeeded in the end', async () => {
    await using b = await filled()
    b.receiver.replyOnce(500)
    const id = await raiseOne(b.test, { workspace_id: b.ids.workspace, type: 'contact.created' })
    await b.test.until(id, 'retrying')
    const summary = async () =>
      (await b.test.call('deliveries.list', {})).items.find((delivery) => delivery.id === id)
    expect(await summary()).toMatchObject({
      error: { code: 'http_500' },
      hint: "Look at the receiver's log.",
    })
    await b.test.call('deliveries.send-now', { id })
    await b.test.until(id, 'succeeded')
    expect(await summary()).toMatchObject({
      error: null,
      hint: null,
      response_status: 200,
      next_attempt_at: null,
    })
  })

  it('filters deliveries by workspace, destination, event, type, status, origin and time, in pages', async () => {
    await using b = await filled()
    const list = async (filter: object) => (await b.test.call('deliveries.list', filter)).items.length
    const { items } = await b.test.call('deliveries.list', {})
    expect(items).toHaveLength(2)
    const [newest] = items
    expect(await list({ workspace: b.ids.workspace })).toBe(2)
    expect(await list({ destination: unknown })).toBe(0)
    expect(await list({ event: newest?.event_id })).toBe(1)
    expect(await list({ event_type: 'contact.created' })).toBe(2)
    expect(await list({ status: 'succeeded,failed' })).toBe(2)
    expect(await list({ status: 'failed' })).toBe(0)
    expect(await list({ origin: 'manual' })).toBe(1)
    expect(await list({ origin: 'event' })).toBe(1)
    expect(await list({ since: '2026-04-22T18:30:00Z' })).toBe(2)
    expect(await list({ until: '2026-04-22T18:30:00Z' })).toBe(0)
    const page = await b.test.call('deliveries.list', { limit: 1 })
    expect(page.items[0]?.id).toBe(newest?.id)
    const rest = await b.test.call('deliveries.list', { limit: 1, cursor: page.next_cursor ?? '' })
    expect(rest).toMatchObject({ items: [{ id: items[1]?.id }], next_cursor: null })
  })
})

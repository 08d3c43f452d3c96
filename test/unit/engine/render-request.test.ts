import { describe, expect, it } from 'vitest'
import { parseDestinationTemplates, renderRequest } from '../../../src-main/engine/dispatch/render-request.ts'
import { requireProvider } from '../../../src-main/engine/providers/index.ts'
import type { Destination } from '../../../src-shared/model/destination.ts'
import type { Failure } from '../../../src-shared/model/delivery.ts'
import type { WebhookEvent } from '../../../src-shared/model/event.ts'
import { headerValue } from '../../../src-shared/model/header.ts'
import type { EventId, WorkspaceId } from '../../../src-shared/model/ids.ts'
import { fakeStart } from '../../support/fake-clock.ts'

const workspace = {
  id: '01890000-0000-7000-8000-00000000000a' as WorkspaceId,
  name: 'Acme',
  provider: 'leadpush',
}
const payload = {
  event: { id: 'event1', type: 'contact.updated', occurred_at: '2026-04-22T18:30:00+00:00' },
  workspace: { uuid: workspace.id, name: 'Acme' },
  contact: {
    _id: 'c1',
    attributes: { email: 'a&b@example.com', first_name: 'Zoë', note: 'line 1\r\nX-Evil: 1', nul: 'a\0b' },
  },
  changes: { before: {}, after: { 'attributes.first_name': 'Zoë' } },
}

function render(settings: Partial<Destination>, data: object = payload, provider = 'leadpush') {
  const destination = {
    id: '01890000-0000-7000-8000-00000000000b',
    name: 'Receiver',
    method: 'POST',
    url_template: 'https://example.com/hook',
    headers_template: [],
    query_template: [],
    body_template: null,
    ...settings,
  } as unknown as Destination
  const event: WebhookEvent = {
    id: 'event1' as EventId,
    workspaceId: workspace.id,
    type: 'contact.updated',
    occurredAt: fakeStart,
    payload: Buffer.from(JSON.stringify(data)),
  }
  const rendered = renderRequest({
    provider: requireProvider(provider),
    destination,
    templates: parseDestinationTemplates(destination),
    workspace,
    event,
    delivery: { providerDeliveryId: 'delivery1', eventId: event.id, eventType: event.type },
    receiverUrl: 'http://127.0.0.1:4848',
  })
  return { event, rendered }
}

function request(settings: Partial<Destination>, data?: object) {
  const { rendered, event } = render(settings, data)
  if ('code' in rendered) throw new Error(rendered.message)
  return { ...rendered, event, text: Buffer.from(rendered.body ?? []).toString('utf8') }
}

function failure(settings: Partial<Destination>, data?: object): Failure {
  const { rendered } = render(settings, data)
  if (!('code' in rendered)) throw new Error('was rendered')
  return rendered
}

const header = (value: string) => ({ headers_template: [{ name: 'X-Note', value }] })

describe('a rendered request', () => {
  it.each(['POST', 'PUT', 'PATCH'])('of a blank body template is the payload itself for %s', (method) => {
    for (const body of [null, '', '  \n']) {
      const rendered = request({ method, body_template: body })
      expect(rendered.body).toBe(rendered.event.payload)
      expect(headerValue(rendered.headers, 'content-type')).toBe('application/json')
    }
  })

  it.each(['GET', 'DELETE'])('of a blank body template has no body for %s', (method) => {
    const rendered = request({ method })
    expect(rendered.body).toBeNull()
    expect(headerValue(rendered.headers, 'content-type')).toBeUndefined()
  })

  it('has a body where the template says so, whatever the method', () => {
    expect(request({ method: 'DELETE', body_template: '{"id":{{ contact._id | json }}}' }).text).toBe(
      '{"id":"c1"}',
    )
  })

  it('reaches every variable of the provider’s documentation, and receiver.url', () => {
    const body = [
      'event.id',
      'event.type',
      'event.occurred_at',
      'workspace.uuid',
      'workspace.name',
      'contact._id',
      'contact.attributes.first_name',
      'changes.after.attributes.first_name',
      'delivery.uuid',
      'delivery.event_id',
      'destination.uuid',
      'destination.name',
      'receiver.url',
      'contact.attributes.gone',
    ]
    const { text } = request({ body_template: body.map((path) => `{{ ${path} }}`).join('|') })
    expect(text).toBe(
      `event1|contact.updated|2026-04-22T18:30:00+00:00|${workspace.id}|Acme|c1|Zoë|Zoë|delivery1|event1|` +
        '01890000-0000-7000-8000-00000000000b|Receiver|http://127.0.0.1:4848|',
    )
  })

  it('does not let a payload stand in for delivery, destination or receiver', () => {
    const data = {
      delivery: { uuid: 'fake' },
      receiver: { url: 'http://evil' },
      destination: { name: 'fake' },
    }
    expect(
      request({ body_template: '{{ delivery.uuid }} {{ receiver.url }} {{ destination.name }}' }, data).text,
    ).toBe('delivery1 http://127.0.0.1:4848 Receiver')
  })

  it('encodes values in path and query, and adds the query templates', () => {
    const rendered = request({
      url_template: '  https://example.com/{{ contact.attributes.first_name }}?x=1#part ',
      query_template: [
        { name: 'email', value: '{{ contact.attributes.email }}' },
        { name: 'a b', value: 'c&d' },
      ],
    })
    expect(rendered.url).toBe('https://example.com/Zo%C3%AB?x=1&email=a%26b%40example.com&a%20b=c%26d')
  })

  it('takes the user’s Content-Type instead of its own, and puts user headers after the provider’s', () => {
    const { headers } = request({
      headers_template: [
        { name: 'content-type', value: 'text/plain' },
        { name: 'X-A', value: '{{ contact._id }}' },
      ],
    })
    expect(headers).toEqual([
      ['User-Agent', 'Leadpush-Webhooks/1.0'],
      ['content-type', 'text/plain'],
      ['X-A', 'c1'],
    ])
  })

  it('inserts header values in latin-1, which HTTP can carry', () => {
    expect(headerValue(request(header('{{ contact.attributes.first_name }}')).headers, 'x-note')).toBe('Zoë')
  })

  it.each([
    ['CR and LF', '{{ contact.attributes.note }}'],
    ['NUL', '{{ contact.attributes.nul }}'],
    ['an emoji', '🙂'],
    ['a line feed at the end', 'x\n'],
  ])('abuse 29: is refused with its reason when a header value would hold %s', (_, value) => {
    const refused = failure(header(value))
    expect(refused.code).toBe('header_invalid')
    expect(refused.message).toContain('X-Note')
    expect(refused.message).not.toContain('Evil')
  })

  it.each([
    ['CR and LF', '{{ url }}', 'http://example.com/\r\nX-Evil: 1'],
    ['NUL', '{{ url }}', 'http://example.com/\0'],
    ['a space', '{{ url }}/x', 'http://example.com/a b'],
  ])('abuse 29: is refused when the URL would hold %s', (_, template, url) => {
    expect(failure({ url_template: template }, { url }).code).toBe('url_invalid')
  })

  it('abuse 29: can’t be given a line break by a value inside the URL', () => {
    expect(request({ url_template: 'http://example.com/{{ v }}' }, { v: 'a\r\nb' }).url).toBe(
      'http://example.com/a%0D%0Ab',
    )
  })

  it.each([
    'ftp://example.com',
    'javascript:alert(1)',
    'file:///etc/passwd',
    '/relative',
    '',
    '//example.com',
    'http://',
    'http://[bad',
  ])('abuse 30: is refused when the template renders to %j', (url) => {
    const refused = failure({ url_template: '{{ url }}' }, { url })
    expect(refused.code).toBe('url_invalid')
  })

  it('shows no password of a URL in its reason', () => {
    expect(
      failure({ url_template: '{{ url }}' }, { url: 'ftp://user:hunter2@example.com/' }).message,
    ).not.toContain('hunter2')
  })

  it('abuse 33: keeps a JSON body valid through the json filter', () => {
    const data = { v: 'say "hi"\n🙂' }
    expect(JSON.parse(request({ body_template: '{"v":{{ v | json }}}' }, data).text)).toEqual(data)
    expect(() => JSON.parse(request({ body_template: '{"v":"{{ v }}"}' }, data).text) as unknown).toThrow(
      SyntaxError,
    )
  })

  it('is refused when it would grow beyond all bounds', () => {
    const refused = failure({ body_template: '{{ v }}'.repeat(100) }, { v: 'x'.repeat(1_000_000) })
    expect(refused).toMatchObject({ code: 'template_invalid' })
    expect(refused.message).toContain('renders to more than 32 Mi characters')
  })
})

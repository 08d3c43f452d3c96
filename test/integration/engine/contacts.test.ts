import { describe, expect, it } from 'vitest'
import type { JsonObject } from '../../../src-shared/model/json.ts'
import { setUp } from '../../support/builders.ts'
import { createFakeClock } from '../../support/fake-clock.ts'
import { startTestHost } from '../../support/test-host.ts'
import { startTestReceiver } from '../../support/test-receiver.ts'

interface ContactPayload {
  readonly event: { readonly id: string; readonly type: string; readonly occurred_at: string }
  readonly workspace: object
  readonly contact: Readonly<Record<string, unknown>>
  readonly changes: { readonly before: object; readonly after: object }
  readonly campaign: null
}

async function leadpush() {
  const receiver = await startTestReceiver()
  const clock = createFakeClock()
  const test = await startTestHost({ clock })
  const setup = await setUp(test, 'leadpush', { url_template: receiver.url })
  let seen = 0
  /** The payload of the one event that a call has raised. */
  const raisedBy = async (result: { event_id: string | null; deliveries: readonly { id: string }[] }) => {
    const [delivery] = result.deliveries
    await test.until(delivery?.id ?? '', 'succeeded')
    seen += 1
    const payload = JSON.parse(
      (await receiver.received(seen)).at(-1)?.body.toString() ?? '',
    ) as ContactPayload
    expect(payload.event.id).toBe(result.event_id)
    return payload
  }
  const ada = {
    workspace_id: setup.workspaceId,
    _id: 'ada',
    attributes: { email: 'ada@example.com', first_name: 'Ada', tags: ['a'] },
  }
  return { ...setup, receiver, clock, test, raisedBy, ada, [Symbol.asyncDispose]: () => receiver.close() }
}

describe('a contact', () => {
  it('that is created raises contact.created with all that it has', async () => {
    await using b = await leadpush()
    const result = await b.test.call('contacts.create', b.ada)
    expect(result.contact).toMatchObject({ _id: 'ada', subscribed: true, provider: null })
    const payload = await b.raisedBy(result)
    expect(payload).toMatchObject({
      event: { type: 'contact.created', occurred_at: '2026-04-22T18:30:00+00:00' },
      workspace: { uuid: b.workspaceId },
      contact: {
        _id: 'ada',
        workspace_uuid: b.workspaceId,
        attributes: b.ada.attributes,
        created_at: '2026-04-22T18:30:00+00:00',
        updated_at: '2026-04-22T18:30:00+00:00',
      },
      campaign: null,
    })
    expect(payload.event.id).toMatch(/^[0-9a-hjkmnp-tv-z]{26}$/)
    expect(payload.changes.before).toEqual({})
    expect(payload.changes.after).toMatchObject({
      subscribed: true,
      'attributes.email': 'ada@example.com',
      'attributes.tags': ['a'],
    })
  })

  it('that is edited raises contact.updated with what differs, as dotted paths', async () => {
    await using b = await leadpush()
    await b.raisedBy(await b.test.call('contacts.create', b.ada))
    await b.clock.advance(90_000)
    const result = await b.test.call('contacts.change', {
      id: 'ada',
      attributes: { first_name: 'Augusta', tags: ['a', 'b'], email: null, company: 'AE' },
    })
    const payload = await b.raisedBy(result)
    expect(payload.event.type).toBe('contact.updated')
    expect(payload.changes).toEqual({
      before: {
        'attributes.first_name': 'Ada',
        'attributes.tags': ['a'],
        'attributes.email': 'ada@example.com',
      },
      after: {
        'attributes.first_name': 'Augusta',
        'attributes.tags': ['a', 'b'],
        'attributes.company': 'AE',
      },
    })
    expect(payload.contact).toMatchObject({
      attributes: { first_name: 'Augusta', tags: ['a', 'b'], company: 'AE' },
      created_at: '2026-04-22T18:30:00+00:00',
      updated_at: '2026-04-22T18:31:30+00:00',
    })
    expect(await b.test.call('contacts.get', { id: 'ada' })).toEqual(result.contact)
  })

  it('that is saved without a change raises nothing and stays as it was', async () => {
    await using b = await leadpush()
    const { contact } = await b.test.call('contacts.create', b.ada)
    await b.clock.advance(1000)
    const saved = await b.test.call('contacts.change', {
      id: 'ada',
      attributes: b.ada.attributes,
      subscribed: true,
      provider: null,
    })
    expect(saved).toEqual({ contact, event_id: null, deliveries: [] })
    expect((await b.test.call('events.list', { workspace: b.workspaceId })).items).toHaveLength(1)
  })

  it('that unsubscribes and subscribes raises those events, whatever else was saved with it', async () => {
    await using b = await leadpush()
    await b.raisedBy(await b.test.call('contacts.create', b.ada))
    const left = await b.raisedBy(await b.test.call('contacts.change', { id: 'ada', subscribed: false }))
    expect(left).toMatchObject({
      event: { type: 'contact.unsubscribed' },
      changes: { before: { subscribed: true }, after: { subscribed: false } },
    })
    const back = await b.raisedBy(
      await b.test.call('contacts.change', { id: 'ada', subscribed: true, attributes: { first_name: 'A.' } }),
    )
    expect(back).toMatchObject({
      event: { type: 'contact.subscribed' },
      changes: {
        before: { subscribed: false, 'attributes.first_name': 'Ada' },
        after: { subscribed: true, 'attributes.first_name': 'A.' },
      },
    })
  })

  it('that is deleted raises contact.deleted with what it had', async () => {
    await using b = await leadpush()
    await b.raisedBy(await b.test.call('contacts.create', b.ada))
    const payload = await b.raisedBy(
      await b.test.call('contacts.delete', { id: 'ada', workspace: b.workspaceId }),
    )
    expect(payload).toMatchObject({
      event: { type: 'contact.deleted' },
      contact: { _id: 'ada' },
      changes: { after: {} },
    })
    expect(payload.changes.before).toMatchObject({ 'attributes.first_name': 'Ada' })
    await expect(b.test.call('contacts.get', { id: 'ada' })).rejects.toMatchObject({
      code: 'contact_not_found',
    })
  })

  it('that is saved twice at once tells of both changes, and loses neither', async () => {
    await using b = await leadpush()
    await b.test.call('contacts.create', b.ada)
    const [first, second] = await Promise.all([
      b.test.call('contacts.change', { id: 'ada', attributes: { a: 1 } }),
      b.test.call('contacts.change', { id: 'ada', attributes: { b: 2 } }),
    ])
    expect(first.contact.attributes).toMatchObject({ a: 1 })
    expect(second.contact.attributes).toMatchObject({ a: 1, b: 2 })
    const event = await b.test.call('events.get', { id: second.event_id ?? '' })
    expect(event.payload['changes']).toEqual({ before: {}, after: { 'attributes.b': 2 } })
  })

  it('that is created twice at once is made once', async () => {
    await using b = await leadpush()
    const made = await Promise.allSettled([
      b.test.call('contacts.create', b.ada),
      b.test.call('contacts.create', b.ada),
    ])
    expect(made.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected'])
    expect((await b.test.call('events.list', { workspace: b.workspaceId })).items).toHaveLength(1)
  })

  it('keeps keys of any name as data', async () => {
    await using b = await leadpush()
    const attributes = JSON.parse('{"__proto__":{"polluted":true},"constructor":"c","a.b":1}') as Record<
      string,
      never
    >
    const { contact } = await b.test.call('contacts.create', { ...b.ada, attributes })
    expect(Object.keys(contact.attributes)).toEqual(['__proto__', 'constructor', 'a.b'])
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined()
    const changed = await b.test.call('contacts.change', { id: 'ada', attributes: { more: 1 } })
    expect(Object.keys(changed.contact.attributes)).toEqual(['__proto__', 'constructor', 'a.b', 'more'])
  })

  it('belongs to leadpush alone', async () => {
    await using b = await leadpush()
    const { workspaceId } = await setUp(b.test, 'leadhub', { url_template: b.receiver.url })
    await expect(b.test.call('contacts.create', { workspace_id: workspaceId })).rejects.toMatchObject({
      code: 'invalid_input',
    })
  })
})

describe('contacts', () => {
  it('are found by a part of their id or of any attribute, page by page', async () => {
    await using b = await leadpush()
    const { call } = b.test
    const make = (id: string, attributes: JsonObject) =>
      call('contacts.create', { workspace_id: b.workspaceId, _id: id, attributes })
    for (let n = 0; n < 5; n += 1)
      await make(`person_${n}`, { email: `P${n}@Example.com`, address: { city: 'Köln' } })
    await make('percent', { note: '100% "sure" \\o/', age: 42 })
    const found = async (q: string) =>
      (await call('contacts.list', { workspace: b.workspaceId, q })).items.map(({ _id }) => _id)
    expect(await found('p3@example')).toEqual(['person_3'])
    expect(await found('ERSON_4')).toEqual(['person_4'])
    expect(await found('Köl')).toHaveLength(5)
    expect(await found('0%')).toEqual(['percent'])
    expect(await found('"sure" \\o')).toEqual(['percent'])
    expect(await found('42')).toEqual(['percent'])
    // Names of attributes and the other fields are no content.
    expect(await found('attributes')).toEqual([])
    expect(await found('p_r')).toEqual([])
    const first = await call('contacts.list', { workspace: b.workspaceId, q: 'example', limit: 3 })
    const rest = await call('contacts.list', {
      workspace: b.workspaceId,
      q: 'example',
      limit: 3,
      cursor: first.next_cursor ?? '',
    })
    expect([...first.items, ...rest.items].map(({ _id }) => _id)).toEqual(
      [0, 1, 2, 3, 4].map((n) => `person_${n}`),
    )
    expect(rest.next_cursor).toBeNull()
  })
})

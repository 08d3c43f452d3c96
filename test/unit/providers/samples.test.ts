import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { providers, requireProvider } from '../../../src-main/engine/providers/index.ts'
import type { SampleContext } from '../../../src-main/engine/providers/provider.ts'
import { signRequest } from '../../../src-main/engine/signing/sign.ts'
import { verifyRequest } from '../../../src-main/engine/signing/verify.ts'
import { repeatableRandom, sampleContext } from './context.ts'

const documented: { id: string; type: string; context: SampleContext; differs: string[] }[] = [
  { id: 'leadpush', type: 'contact.updated', context: sampleContext(), differs: [] },
  {
    id: 'leadhub',
    type: 'lead.created',
    context: sampleContext({ occurredAt: Date.UTC(2026, 3, 29, 10, 30) }),
    differs: [],
  },
  {
    id: 'breakcold-classic',
    type: 'lead.create',
    context: sampleContext({
      occurredAt: Date.UTC(2023, 3, 29, 11, 13, 55, 21),
      workspace: { uuid: 'eb8edc65-129a-4cb6-abbe-6bf8979c0658', name: 'Space' },
    }),
    // Filled in when the request is signed.
    differs: ['secret'],
  },
  {
    id: 'breakcold',
    type: 'record.created',
    context: sampleContext({
      eventId: 'evt_abc123',
      occurredAt: Date.UTC(2026, 2, 19, 12),
      workspace: { uuid: 'workspace_id', name: 'Space' },
    }),
    differs: [],
  },
  {
    id: 'leadnest',
    type: 'email.opened',
    context: sampleContext({ occurredAt: Date.UTC(2024, 0, 15, 10, 30) }),
    differs: [],
  },
]

function documentedSample(id: string): Record<string, unknown> {
  return JSON.parse(readFileSync(new URL(`../../fixtures/samples/${id}.json`, import.meta.url), 'utf8'))
}

const everyEvent = providers.flatMap((provider) => provider.events.map(({ type }) => ({ provider, type })))

describe('sample payloads', () => {
  it.each(documented)(
    'writes the documented $type of $id to the letter',
    ({ id, type, context, differs }) => {
      const sample = requireProvider(id).sample(type, context)
      const wanted = documentedSample(id)
      for (const key of differs) wanted[key] = ''
      // As text: the order of the fields counts too.
      expect(JSON.stringify(sample)).toBe(JSON.stringify(wanted))
    },
  )

  it.each(everyEvent)(
    'makes a $type of $provider.id that verifies when it is signed',
    ({ provider, type }) => {
      const context = sampleContext()
      const body = Buffer.from(JSON.stringify(provider.sample(type, context)))
      const secret = provider.secret.generate(repeatableRandom())
      const timestampSeconds = context.occurredAt / 1000
      const signed = signRequest(provider.scheme, {
        secrets: [secret],
        timestampSeconds,
        id: 'e64c0e60-83dc-4157-94b6-81967789a1e8',
        eventType: type,
        body,
        order: provider.headerOrder,
      })
      const verdict = verifyRequest({
        scheme: provider.scheme,
        headers: signed.headers,
        body: signed.body,
        secrets: [{ name: 'current', value: secret }],
        nowMs: context.occurredAt,
      })
      expect(verdict).toMatchObject({ ok: true, cause: 'none', secretName: 'current' })
    },
  )

  it.each(everyEvent)(
    'gives $provider.id $type the same sample twice, and fresh ids with chance',
    (event) => {
      const { provider, type } = event
      const still = JSON.stringify(provider.sample(type, sampleContext()))
      expect(JSON.stringify(provider.sample(type, sampleContext()))).toBe(still)
      expect(JSON.stringify(provider.sample(type, sampleContext({ random: repeatableRandom() })))).not.toBe(
        still,
      )
    },
  )

  it.each(everyEvent)(
    'names its type in a $type of $provider.id, and no two events have the same data',
    (event) => {
      const { provider, type } = event
      const text = JSON.stringify(provider.sample(type, sampleContext()))
      expect(text).toContain(`"${type}"`)
      const withoutType = (other: string): string =>
        JSON.stringify(provider.sample(other, sampleContext())).replaceAll(other, '')
      if (provider.openCatalogue) return
      const same = provider.events.filter(
        (other) => other.type !== type && withoutType(other.type) === withoutType(type),
      )
      expect(
        same
          .map((other) => other.type)
          .filter((other) => other !== 'lead.deleted' && type !== 'lead.deleted'),
      ).toEqual([])
    },
  )

  it('tells what a contact event changed, in dotted paths', () => {
    const changes = (type: string) => requireProvider('leadpush').sample(type, sampleContext()).changes
    expect(changes('contact.created')).toEqual({
      before: {},
      after: { subscribed: true, 'attributes.email': 'person@example.com', 'attributes.first_name': 'Avery' },
    })
    expect(changes('contact.deleted')).toMatchObject({
      after: {},
      before: { 'attributes.first_name': 'Avery' },
    })
    expect(changes('contact.subscribed')).toEqual({
      before: { subscribed: false },
      after: { subscribed: true },
    })
    expect(changes('contact.unsubscribed')).toEqual({
      before: { subscribed: true },
      after: { subscribed: false },
    })
    expect(changes('webhook.test')).toEqual({ before: {}, after: {} })
  })

  it('gives every family of events data of its own', () => {
    const sample = (id: string, type: string) => requireProvider(id).sample(type, sampleContext())
    expect(sample('leadhub', 'form.submitted')).toHaveProperty('form.fields.email')
    expect(sample('leadhub', 'lead.stage_changed')).toMatchObject({
      previous_stage: 'New Lead',
      lead: { stage: 'Qualified' },
    })
    expect(sample('leadnest', 'sms.failed')).toHaveProperty('data.error_code')
    expect(sample('leadnest', 'whatsapp.replied')).toHaveProperty('data.reply.text')
    expect(sample('leadnest', 'subscriber.created')).toHaveProperty('data.subscriber_id')
    expect(sample('breakcold-classic', 'lead.task.create')).toHaveProperty('payload.due_at')
    expect(sample('breakcold-classic', 'lead.note.create')).toHaveProperty('payload.content')
    expect(sample('breakcold-classic', 'lead.tags.update')).toHaveProperty('payload.previous_tags')
    expect(sample('breakcold-classic', 'campaign.create')).toHaveProperty('payload.steps_count')
  })

  it('makes something of a type that is in no catalogue', () => {
    for (const provider of providers.filter(({ sends }) => sends)) {
      expect(JSON.stringify(provider.sample('message.create', sampleContext()))).toContain('"message.create"')
    }
  })
})

describe('the envelope of a payload', () => {
  const envelope = {
    eventId: '01jz6r7h1k6ts70v9x9p0j4r1b',
    type: 'some.event',
    occurredAt: Date.UTC(2026, 0, 2, 3, 4, 5, 678),
    workspace: { uuid: 'w-1', name: 'Mine' },
  }

  it.each([
    {
      id: 'leadpush',
      wanted:
        '{"event":{"id":"01jz6r7h1k6ts70v9x9p0j4r1b","type":"some.event","occurred_at":"2026-01-02T03:04:05+00:00"},' +
        '"workspace":{"uuid":"w-1","name":"Mine"},"mine":1}',
    },
    { id: 'leadhub', wanted: '{"event":"some.event","occurred_at":"2026-01-02T03:04:05Z","mine":1}' },
    { id: 'breakcold-classic', wanted: '{"id_space":"w-1","event":"some.event","secret":"","mine":1}' },
    {
      id: 'breakcold',
      wanted:
        '{"eventId":"01jz6r7h1k6ts70v9x9p0j4r1b","timestamp":"2026-01-02T03:04:05.678Z","workspaceId":"w-1",' +
        '"event":"some.event","mine":1}',
    },
    { id: 'leadnest', wanted: '{"event":"some.event","timestamp":"2026-01-02T03:04:05Z","mine":1}' },
    {
      id: 'standard-webhooks',
      wanted: '{"type":"some.event","timestamp":"2026-01-02T03:04:05.678Z","mine":1}',
    },
  ])('is put into its places by $id, and what the user wrote stays', ({ id, wanted }) => {
    const payload = { mine: 1 }
    expect(JSON.stringify(requireProvider(id).setEnvelope(payload, envelope))).toBe(wanted)
    expect(payload).toEqual({ mine: 1 })
  })

  it('keeps further fields of an envelope, and replaces one that is no object', () => {
    const { setEnvelope } = requireProvider('leadpush')
    expect(setEnvelope({ event: { id: 'old', extra: true }, workspace: 'nonsense' }, envelope)).toEqual({
      event: {
        id: envelope.eventId,
        type: 'some.event',
        occurred_at: '2026-01-02T03:04:05+00:00',
        extra: true,
      },
      workspace: { uuid: 'w-1', name: 'Mine' },
    })
  })

  it('changes nothing in a sample that it was made for', () => {
    for (const provider of providers.filter(({ sends }) => sends)) {
      const [event] = provider.events
      const context = sampleContext()
      const sample = provider.sample(event?.type ?? '', context)
      const again = provider.setEnvelope(sample, { ...context, type: event?.type ?? '' })
      expect(JSON.stringify(again)).toBe(JSON.stringify(sample))
    }
  })
})

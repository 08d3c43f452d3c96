import { describe, expect, it } from 'vitest'
import {
  findProvider,
  knownSchemes,
  providers,
  requireProvider,
} from '../../../src-main/engine/providers/index.ts'
import { signatureSchemeSchema } from '../../../src-shared/model/scheme.ts'

const wanted = {
  leadpush: { delays: [10, 60, 300, 1800], pause: null, events: 6 },
  leadhub: { delays: [60, 120, 240], pause: null, events: 6 },
  'breakcold-classic': { delays: [], pause: 10, events: 25 },
  breakcold: { delays: [5, 30], pause: 50, events: 3 },
  leadnest: { delays: [30, 120], pause: null, events: 18 },
  'standard-webhooks': {
    delays: [5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400],
    pause: null,
    events: 4,
  },
}

describe('the registry of providers', () => {
  it('has every sender and the four presets, each once', () => {
    const ids = providers.map((provider) => provider.id)
    expect(ids).toEqual([...Object.keys(wanted), 'github', 'stripe', 'shopify', 'slack'])
    expect(knownSchemes).toHaveLength(ids.length)
  })

  it('finds a provider by its id, and says what to do about one that is not there', () => {
    expect(findProvider('leadpush')?.name).toBe('Leadpush')
    expect(findProvider('constructor')).toBeUndefined()
    expect(() => requireProvider('nobody')).toThrow('There is no provider nobody.')
    expect(requireProvider('leadhub').secret.required).toBe(false)
  })

  it.each(Object.entries(wanted))(
    'has the retries, the pause and the whole catalogue of %s',
    (id, contract) => {
      const provider = requireProvider(id)
      expect(provider.sends).toBe(true)
      expect(provider.retry).toEqual({ delaysSeconds: contract.delays, jitter: 0 })
      expect(provider.pauseAfterFailures).toBe(contract.pause)
      expect(provider.events).toHaveLength(contract.events)
      expect(provider.defaultTimeoutSeconds).toBe(10)
      expect(provider.assumptions.length).toBeGreaterThan(0)
    },
  )

  it.each(providers)('gives $id a scheme, methods and names that hold together', (provider) => {
    expect(signatureSchemeSchema.parse(provider.scheme)).toEqual(provider.scheme)
    expect(provider.methods).toContain(provider.defaultMethod)
    expect(new Set(provider.events.map((event) => event.type)).size).toBe(provider.events.length)
    for (const name of provider.reservedHeaders) expect(name).toBe(name.toLowerCase())
    expect(provider.sends).toBe(provider.events.length > 0)
  })

  it('keeps the five headers of Leadpush from templates, and webhook.test from subscriptions', () => {
    const leadpush = requireProvider('leadpush')
    expect([...leadpush.reservedHeaders].sort()).toEqual([
      'user-agent',
      'x-leadpush-delivery',
      'x-leadpush-event',
      'x-leadpush-signature',
      'x-leadpush-timestamp',
    ])
    expect(leadpush.testEventType).toBe('webhook.test')
    expect(leadpush.events.filter((event) => !event.subscribable).map((event) => event.type)).toEqual([
      'webhook.test',
    ])
    expect(leadpush.headers({ eventType: 'contact.created', deliveryId: 'd' })).toEqual([
      ['User-Agent', 'Leadpush-Webhooks/1.0'],
    ])
  })
})

import { describe, expect, it } from 'vitest'
import { addDestination } from '../../support/builders.ts'
import { pem } from '../../support/pem.ts'
import { startTestHost } from '../../support/test-host.ts'
import {
  changesOf,
  exportText,
  importText,
  refusal,
  secretValues,
  startConfiguredHost,
} from './configured.ts'

describe('import of a configuration', () => {
  it('twice leaves everything unchanged the second time', async () => {
    const text = await exportText(await startConfiguredHost())
    const other = await startTestHost({ dispatch: false })
    await importText(other, text, { secrets: secretValues })
    const size = (await other.call('storage.get', {})).journal_bytes
    const again = await importText(other, text, { secrets: secretValues })
    expect(changesOf(again)).toEqual([])
    expect(again.counts.unchanged).toBeGreaterThan(10)
    expect((await other.call('storage.get', {})).journal_bytes).toBe(size)
    const unset = await importText(other, text)
    expect(changesOf(unset)).toEqual([])
    expect(unset.unresolved.toSorted()).toEqual(Object.keys(secretValues).toSorted())
  })

  it('changes exactly what was changed in the file, and tells so first', async () => {
    const host = await startConfiguredHost()
    const before = await exportText(host)
    const text = before
      .replace(/(crm\.example[^]*?timeout_seconds:) 10/, '$1 20')
      .replace('value: "2"', 'value: "3"')
      .replace('max_age_days: 7.5', 'max_age_days: 8')
      .replace('tolerance_seconds: 300', 'tolerance_seconds: 60')
      .replace('name: "Shop: yes"', 'name: Shop')
    const dry = await importText(host, text, { dry_run: true })
    expect(changesOf(dry)).toEqual([
      {
        action: 'change',
        kind: 'settings',
        name: 'settings',
        changes: [{ path: 'max_age_days', before: 7.5, after: 8 }],
      },
      {
        action: 'change',
        kind: 'scheme',
        name: 'Shop',
        changes: [{ path: 'scheme.tolerance_seconds', before: 300, after: 60 }],
      },
      {
        action: 'change',
        kind: 'destination',
        name: 'CRM',
        changes: [
          { path: 'query_template.1.value', before: '2', after: '3' },
          { path: 'timeout_seconds', before: 10, after: 20 },
        ],
      },
      {
        action: 'change',
        kind: 'endpoint',
        name: 'shop',
        changes: [{ path: 'name', before: 'Shop: yes', after: 'Shop' }],
      },
    ])
    expect(dry.applied).toBe(false)
    expect(await exportText(host)).toBe(before)
    const published = host.events.length
    const applied = await importText(host, text)
    expect(applied.plan).toEqual(dry.plan)
    expect(applied.counts.change).toBe(4)
    expect(await exportText(host)).toBe(text)
    expect(host.events.slice(published)).toContainEqual({ kind: 'configuration', of: 'all', id: null })
  })

  it('is whole or not at all: one bad entry and nothing changes', async () => {
    const host = await startConfiguredHost()
    const text = await exportText(host)
    const other = await startTestHost({ dispatch: false })
    const before = await exportText(other)
    for (const [from, to] of [
      ['https://hub.example.com/', 'ftp://hub.example.com/'],
      ['slug: shop', 'slug: follower'],
      ['scheme: Shop', 'scheme: Shops'],
      ['X-Plain', 'X-Leadpush-Signature'],
      ['- contact.updated', '- contact.unknown'],
      ['provider: leadhub', 'provider: github'],
      [/(ca: \|\s+-----BEGIN CERTIFICATE-----\s+)M/, '$1N'],
      [/(client_certificate: \|\s+-----BEGIN CERTIFICATE-----\s+)M/, '$1N'],
      ['timestamp_header: X-Shop-Time', 'timestamp_header: null'],
    ] as const) {
      const broken = text.replace(from, to)
      expect(broken).not.toBe(text)
      const error = await refusal(importText(other, broken, { secrets: secretValues }))
      expect(error.code).toBe('invalid_input')
      expect(error.message).toMatch(/Line \d+, (workspaces|endpoints|schemes)\.\d+\./)
    }
    const otherKey = { ...secretValues, LEADPUSH_CRM_CLIENT_KEY: pem('receiver-key') }
    expect((await refusal(importText(other, text, { secrets: otherKey }))).message).toMatch(
      /tls\.client_key: does not belong to the client certificate/,
    )
    expect(await exportText(other)).toBe(before)
  })

  it('names every secret that something new needs, and keeps those that are there', async () => {
    const text = await exportText(await startConfiguredHost())
    const other = await startTestHost({ dispatch: false })
    const error = await refusal(importText(other, text))
    expect(error.code).toBe('secrets_missing')
    for (const name of Object.keys(secretValues).filter((key) => key !== 'LEADPUSH_LOCAL_RECEIVER_SECRET'))
      expect(error.message).toContain(name)
    expect(error.message).not.toContain('LEADPUSH_LOCAL_RECEIVER_SECRET')
  })

  it('deletes what the file does not have only when it is asked to, and never the inbox', async () => {
    const host = await startConfiguredHost()
    const text = await exportText(host)
    const empty = 'version: hookbench.config/v1\nworkspaces: []\nschemes: []\nendpoints: []\n'
    expect(changesOf(await importText(host, empty))).toEqual([])
    const plan = await importText(host, empty, { prune: true })
    expect(plan.counts).toMatchObject({ create: 0, change: 0 })
    expect((await host.call('workspaces.list', {})).items).toEqual([])
    expect((await host.call('destinations.list', {})).items).toEqual([])
    expect((await host.call('subscriptions.list', {})).items).toEqual([])
    expect((await host.call('endpoints.list', {})).items.map(({ slug }) => slug)).toEqual(['inbox'])
    await importText(host, text, { prune: true, secrets: secretValues })
    expect(await exportText(host)).toBe(text)
  })

  it('prunes only the lists that the file has', async () => {
    const host = await startConfiguredHost()
    const plan = await importText(host, 'version: hookbench.config/v1\nschemes: []\n', {
      dry_run: true,
      prune: true,
    }).catch((error: unknown) => error)
    expect(String(plan)).toContain('Shop: yes verifies with the scheme Shop')
    const text = `version: hookbench.config/v1
workspaces:
  - name: 'Büro: "main" # 1'
    provider: leadpush
    destinations:
      - name: CRM
`
    const pruned = await importText(host, text, { prune: true, dry_run: true })
    expect(changesOf(pruned).map((entry) => entry as { action: string; kind: string })).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ action: 'delete', kind: 'destination', name: 'CRM' }),
      ]),
    )
    expect(pruned.plan.some(({ kind, action }) => kind === 'subscription' && action === 'delete')).toBe(true)
    expect(pruned.plan.some(({ name, action }) => name === 'all' && action === 'delete')).toBe(false)
  })

  it('ends what waits for a deleted destination as failed; its follower keeps scheme and secret', async () => {
    const host = await startTestHost({ dispatch: false })
    const workspace = await host.call('workspaces.create', { name: 'Gone soon', provider: 'leadpush' })
    const { destinationId } = await addDestination(host, workspace.id, {
      url_template: 'http://127.0.0.1:9/',
      name: 'Gone',
    })
    await host.call('endpoints.create', { name: 'follower', destination_id: destinationId })
    const { deliveries } = await host.call('events.raise', {
      workspace_id: workspace.id,
      type: 'contact.created',
    })
    const whole = await exportText(host)
    const text = whole
      .replace(/ {2}- name: Gone soon\n[^]*?(?= {2}- name: Sample)/, '')
      .replace(/endpoints:[^]*/, '')
    expect(text).not.toContain('Gone')
    const plan = await importText(host, text, { prune: true })
    expect(plan.plan.find(({ kind, action }) => kind === 'destination' && action === 'delete')).toMatchObject(
      { name: 'Gone', waiting_deliveries: 1 },
    )
    expect(plan.counts).toMatchObject({ delete: 3, change: 1 })
    const delivery = await host.call('deliveries.get', { id: deliveries[0]?.id ?? '' })
    expect(delivery).toMatchObject({ status: 'failed', error: { code: 'destination_deleted' } })
    const follower = (await host.call('endpoints.list', {})).items.find(({ slug }) => slug === 'follower')
    expect(follower).toMatchObject({
      destination_id: null,
      provider: 'leadpush',
      secrets: [{ name: 'Gone' }],
    })
  })

  it('judges captures again when it brings the secret', async () => {
    const host = await startTestHost({ dispatch: false })
    await host.call('endpoints.create', { name: 'push', provider: 'leadpush' })
    const raw =
      'POST / HTTP/1.1\r\nX-Leadpush-Timestamp: 1\r\nX-Leadpush-Delivery: d\r\nX-Leadpush-Signature: sha256=00\r\n\r\nx'
    const { items } = await host.call('captures.import', {
      endpoint: 'push',
      requests: [{ raw_base64: Buffer.from(raw).toString('base64') }],
    })
    expect(items[0]?.verdict.status).toBe('unchecked')
    const text =
      'version: hookbench.config/v1\nendpoints: [{slug: push, secrets: [{name: s, value: "${S}"}]}]'
    await importText(host, text, { secrets: { S: 'a-secret' } })
    await host.untilEvent((event) => event.kind === 'capture' && event.capture.verdict.status === 'rejected')
  })

  it('abuse 28: what could grow without bounds or reach other things is refused, whatever it says', async () => {
    const host = await startTestHost({ dispatch: false })
    const before = await exportText(host)
    const head = 'version: hookbench.config/v1\n'
    for (const text of [
      `${head}a: &a [x]\nb: &b [*a, *a, *a]\nc: [*b, *b]`,
      `${head}x: ${'['.repeat(100_000)}`,
      `{"version": "hookbench.config/v1", "x": ${'['.repeat(100_000)}`,
      `${head}settings: {max_age_days: .nan}`,
      `${head}settings: {max_age_days: .inf}`,
      `${head}settings: {max_deliveries: 1e999}`,
      `{"version": "hookbench.config/v1", "settings": {"max_deliveries": 1e999}}`,
      `${head}settings: {max_deliveries: 99999999999999999999}`,
      `${head}__proto__: {partial: true}`,
      `{"version": "hookbench.config/v1", "__proto__": {"partial": true}}`,
      `${head}settings: {__proto__: {max_deliveries: 3}}`,
      `${head}workspaces: !!js/function "x"`,
      `${head}workspaces: [{name: ../../etc/passwd, provider: ../leadpush}]`,
      `${head}endpoints: [{slug: ../../etc}]`,
      `${head}settings: {max_age_days: 3}\nsettings: {max_age_days: 4}`,
      `${head}#${'x'.repeat(4 * 1024 * 1024)}`,
      `${head}#${'é'.repeat(3 * 1024 * 1024)}`,
      `${head}a: "${'\\q'.repeat(1_000_000)}"`,
    ]) {
      const started = performance.now()
      expect((await refusal(importText(host, text))).code, text.slice(0, 100)).toBe('invalid_input')
      expect(performance.now() - started).toBeLessThan(5000)
    }
    expect(({} as { partial?: boolean }).partial).toBeUndefined()
    expect(await exportText(host)).toBe(before)
  })
})

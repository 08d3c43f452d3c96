import { describe, expect, it } from 'vitest'
import { startTestHost } from '../../support/test-host.ts'
import {
  changesOf,
  exportText,
  importText,
  refusal,
  secretValues,
  startConfiguredHost,
} from './configured.ts'

describe('export of the configuration', () => {
  it.each(['yaml', 'json'] as const)(
    'comes out byte-identical after an import into another folder (%s)',
    async (format) => {
      const text = await exportText(await startConfiguredHost(), { format })
      const other = await startTestHost({ dispatch: false })
      const plan = await importText(other, text, { secrets: secretValues })
      expect(plan).toMatchObject({ applied: true, unresolved: [] })
      expect(await exportText(other, { format })).toBe(text)
      await other.restart()
    },
  )

  it.each(['yaml', 'json'] as const)('is the same each time, also after a restart (%s)', async (format) => {
    const host = await startConfiguredHost()
    const text = await exportText(host, { format })
    expect(await exportText(host, { format })).toBe(text)
    expect(await exportText(await host.restart(), { format })).toBe(text)
  })

  it('abuse 09/38: secrets are absent from it, and from the plan of its import', async () => {
    const host = await startConfiguredHost()
    const other = await startTestHost({ dispatch: false })
    const yaml = await exportText(host)
    const first = JSON.stringify(await importText(other, yaml, { secrets: secretValues }))
    const changed = Object.fromEntries(
      Object.entries(secretValues).map(([name, value]) => [
        name,
        // Written otherwise: another key would not belong to the certificate.
        name.includes('CLIENT_KEY')
          ? `a note\n${value}`
          : value.replace(/(secret|token|key|password)/, 'x$1'),
      ]),
    )
    changed['LEADHUB_CRM_SECRET'] = 'whsec_b3RoZXItc2VjcmV0LW9mLTMyLWJ5dGVzLTEyMzQ1Njc='
    const plan = await importText(other, yaml, { secrets: changed })
    expect(plan.counts.change).toBeGreaterThanOrEqual(4)
    const shown = [yaml, await exportText(host, { format: 'json' }), first, JSON.stringify(plan)].join('\n')
    for (const value of [...Object.values(secretValues), ...Object.values(changed)])
      for (const part of [value, value.split('\n')[1] ?? value]) expect(shown).not.toContain(part)
    for (const name of Object.keys(secretValues)) expect(yaml).toContain(`\${${name}}`)
  })

  it('holds neither ids nor times of its own', async () => {
    const text = await exportText(await startConfiguredHost())
    expect(text).not.toMatch(/[0-9a-f]{8}-[0-9a-f]{4}-7/)
    const times = text.split('\n').filter((line) => /\d{4}-\d\d-\d\dT/.test(line))
    expect(times.every((line) => line.includes('valid_until'))).toBe(true)
  })

  it('of one destination has its workspace and subscriptions, under the names of the whole', async () => {
    const host = await startConfiguredHost()
    const { items } = await host.call('destinations.list', {})
    const second = items.find(({ url_template: url }) => url.includes('second'))
    const crm = items.find(({ url_template: url }) => url.includes('crm.example'))
    if (second === undefined || crm === undefined) throw new Error('unreachable')
    const text = await exportText(host, { destination: second.id })
    expect(text).toContain('number: 2')
    expect(text).toContain('secret: ${LEADPUSH_CRM_SECRET_2}')
    expect(text).not.toMatch(/endpoints:|settings:|crm\.example/)
    expect((await importText(host, text)).counts).toEqual({ create: 0, change: 0, unchanged: 2, delete: 0 })
    const other = await startTestHost({ dispatch: false })
    expect((await refusal(importText(other, text, { secrets: secretValues }))).message).toContain(
      'there are only 0 of this name here',
    )
    const plan = await importText(other, await exportText(host, { destination: crm.id }), {
      secrets: secretValues,
    })
    expect(changesOf(plan)).toMatchObject([
      { action: 'create', kind: 'workspace' },
      { action: 'create', kind: 'destination', name: 'CRM' },
      { action: 'create', kind: 'subscription', name: 'Updates only' },
      { action: 'create', kind: 'subscription', name: 'all' },
      { action: 'create', kind: 'subscription', name: 'all' },
    ])
    expect((await refusal(importText(other, text, { prune: true }))).message).toContain('one destination')
    expect(
      (await refusal(exportText(host, { destination: other.call('workspaces.list', {}) as never }))).code,
    ).toBe('invalid_input')
  })
})

describe('secrets encrypted with a passphrase', () => {
  it('come back with it, in any other folder', async () => {
    const host = await startConfiguredHost()
    const sealed = await exportText(host, { passphrase: 'correct horse battery' })
    for (const value of Object.values(secretValues)) expect(sealed).not.toContain(value)
    const other = await startTestHost({ dispatch: false })
    await importText(other, sealed, { passphrase: 'correct horse battery' })
    expect(await exportText(other)).toBe(await exportText(host))
    const again = await importText(host, sealed, { passphrase: 'correct horse battery' })
    expect(changesOf(again)).toEqual([])
    // The secrets themselves are the same too.
    expect(changesOf(await importText(other, await exportText(host), { secrets: secretValues }))).toEqual([])
  })

  it('are refused with a wrong one, with none, and when they were changed', async () => {
    const host = await startConfiguredHost()
    const sealed = await exportText(host, { format: 'json', passphrase: 'correct horse battery' })
    const other = await startTestHost({ dispatch: false })
    const before = await exportText(other)
    expect((await refusal(importText(other, sealed, { passphrase: 'wrong horse' }))).code).toBe(
      'wrong_passphrase',
    )
    expect((await refusal(importText(other, sealed))).code).toBe('passphrase_missing')
    const costly = sealed.replaceAll('n=131072', 'n=1048576')
    expect((await refusal(importText(other, costly, { passphrase: 'correct horse battery' }))).code).toBe(
      'sealed_text_invalid',
    )
    expect((await refusal(exportText(host, { passphrase: 'short' }))).message).toContain('at least 8')
    expect(await exportText(other)).toBe(before)
  })
})

import { describe, expect, it } from 'vitest'
import { providers } from '../../../src-main/engine/providers/index.ts'
import { exampleHeader, formOf, schemeOf } from '../../../src-renderer/features/schemes/scheme-form.ts'
import { signatureSchemeSchema, type SignatureScheme } from '../../../src-shared/model/scheme.ts'

const back = (scheme: SignatureScheme, before: SignatureScheme | null): SignatureScheme =>
  signatureSchemeSchema.parse(schemeOf(formOf('x', scheme), before))

describe('the form of a scheme', () => {
  it.each(providers.map(({ id, scheme }) => [id, scheme] as const))('loses nothing of %s', (_id, scheme) => {
    expect(back(scheme, null)).toEqual(scheme)
  })

  it('keeps text that looks like a placeholder, as long as it isn’t edited', () => {
    const scheme = signatureSchemeSchema.parse({
      header: 'X-S',
      content: ['body', { literal: '{id}' }, { literal: '.' }],
    })
    expect(back(scheme, scheme)).toEqual(scheme)
    const edited = { ...formOf('x', scheme), content: 'v0:{body}' }
    expect(schemeOf(edited, scheme).content).toEqual([{ literal: 'v0:' }, 'body'])
  })

  it('shows the header that a request then carries', () => {
    const scheme = signatureSchemeSchema.parse({ header: 'X-S', format: 't={timestamp},v1={signature}' })
    expect(exampleHeader(formOf('x', scheme))).toBe('X-S: t=1700000000,v1=9f2c…  (64 hex digits)')
    const inBody = signatureSchemeSchema.parse({ kind: 'shared_secret', secret_path: 'secret' })
    expect(exampleHeader(formOf('x', inBody))).toBeNull()
  })
})

import { describe, expect, it } from 'vitest'
import { providers, requireProvider } from '../../../src-main/engine/providers/index.ts'
import { randomAlphanumerics } from '../../../src-main/engine/providers/secrets.ts'
import { repeatableRandom } from './context.ts'

const whsec = (bytes: number): string => `whsec_${Buffer.alloc(bytes, 7).toString('base64')}`

describe('signing secrets', () => {
  it.each(providers)('generates one for $id that its own check accepts', (provider) => {
    const random = repeatableRandom()
    const secret = provider.secret.generate(random)
    expect(provider.secret.check(secret)).toBeNull()
    expect(provider.secret.generate(random)).not.toBe(secret)
    expect(secret.length).toBeGreaterThanOrEqual(32)
  })

  it.each(providers)('refuses an empty, blank or broken one for $id in a sentence', (provider) => {
    for (const secret of ['', ' ', '\t\n', 'abc\ndef', 'abc\u0000', 'abc\u007f', '\u0085x']) {
      expect(provider.secret.check(secret)).toMatch(/^The secret .*\.$/)
    }
  })

  it('takes any printable text for Leadpush, as a sender that is already configured may have it', () => {
    for (const secret of ['x', 'with space inside', 'schlüssel 🔑']) {
      expect(requireProvider('leadpush').secret.check(secret)).toBeNull()
    }
  })

  it('wants whsec_ and 24 to 64 bytes of base64 for Standard Webhooks', () => {
    const { check } = requireProvider('standard-webhooks').secret
    expect(check(whsec(24))).toBeNull()
    expect(check(whsec(64))).toBeNull()
    expect(check(whsec(23))).toContain('24 to 64 bytes; this one has 23')
    expect(check(whsec(65))).toContain('this one has 65')
    expect(check(whsec(24).slice(6))).toContain('begin with whsec_')
    expect(check(`${whsec(24)}!`)).toContain('must be base64')
    expect(check(whsec(25).replace(/=+$/, ''))).toContain('with its padding')
  })

  it('draws letters and digits evenly, leaving out the bytes that would favour some', () => {
    expect(requireProvider('leadpush').secret.generate(repeatableRandom())).toMatch(/^[A-Za-z0-9]{40}$/)
    const everyByte = { bytes: () => Uint8Array.from({ length: 256 }, (_, byte) => byte), fraction: () => 0 }
    const text = randomAlphanumerics(everyByte, 248)
    const counts = new Map<string, number>()
    for (const character of text) counts.set(character, (counts.get(character) ?? 0) + 1)
    expect([...counts.values()]).toEqual(Array.from({ length: 62 }, () => 4))
  })
})

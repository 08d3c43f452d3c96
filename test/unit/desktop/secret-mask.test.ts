import { describe, expect, it } from 'vitest'
import { SecretMask } from '../../../src-main/electron/secret-mask.ts'
import { createSecretBox, newKey } from '../../../src-main/storage/key-file-secret-box.ts'
import { pem } from '../../support/pem.ts'

function knowing(...secrets: readonly string[]): SecretMask {
  const mask = new SecretMask()
  for (const secret of secrets) mask.learn(secret)
  return mask
}

describe('the mask of secrets', () => {
  it('knows what a box has sealed or opened, and the box works as before', () => {
    const box = createSecretBox(newKey())
    const sealed = box.seal('from an earlier launch')
    const mask = new SecretMask()
    const watched = mask.watch(box)
    expect(watched.available).toBe(true)
    expect(mask.mask('from an earlier launch')).toBe('from an earlier launch')
    expect(watched.open(sealed)).toBe('from an earlier launch')
    expect(box.open(watched.seal('whsec_new'))).toBe('whsec_new')
    expect(mask.mask('a from an earlier launch b whsec_new c')).toBe('a •••• b •••• c')
    expect(() => watched.open('v1:nonsense')).toThrow(
      expect.objectContaining({ code: 'secrets_unavailable' }),
    )
  })

  it.each([
    ['as it is', (secret: string) => secret],
    ['in JSON', (secret: string) => JSON.stringify({ secret })],
    ['in a URL', (secret: string) => `https://x/?key=${encodeURIComponent(secret)}`],
    ['in base64', (secret: string) => Buffer.from(secret).toString('base64')],
    ['in base64url', (secret: string) => Buffer.from(secret).toString('base64url')],
    ['as a password', (secret: string) => `Basic ${Buffer.from(`user:${secret}`).toString('base64')}`],
    ['as another password', (secret: string) => Buffer.from(`me:${secret}:`).toString('base64')],
  ])('finds a secret %s', (_how, written) => {
    const secret = 'wh"sec\\ä/+?~~~ü&=%41'
    const text = written(secret)
    const masked = knowing(secret).mask(text)
    expect(masked).toContain('••••')
    for (const part of [secret, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1)])
      expect(masked).not.toContain(part)
    for (const encoding of ['base64', 'base64url'] as const)
      for (const [word = ''] of masked.matchAll(/[\w+/=-]{8,}/g))
        expect(Buffer.from(word, encoding).toString()).not.toMatch(/wh"s|ec\\ä|~~~/)
  })

  it('finds each line of a key in PEM', () => {
    const key = pem('client-key')
    const lines = key.split('\n').filter((line) => line.length >= 16 && !line.startsWith('-----'))
    const mask = knowing(key)
    for (const line of lines) expect(mask.mask(`error: bad line ${line}!`)).toBe('error: bad line ••••!')
    expect(mask.mask('-----BEGIN PRIVATE KEY-----')).toBe('-----BEGIN PRIVATE KEY-----')
  })

  it('leaves no rest of a secret that begins with another one', () => {
    const mask = knowing('whsec_abc', 'whsec_abcdef')
    expect(mask.mask('got whsec_abcdef')).toBe('got ••••')
  })

  it('leaves words alone that are too short to be secrets', () => {
    expect(knowing('abc', '').mask('abc is no secret')).toBe('abc is no secret')
  })

  it('keeps the thousand latest, those that are used among them', () => {
    const mask = knowing('the-first-one', 'in-daily-use')
    for (let n = 0; n < 999; n += 1) {
      mask.learn(`generated-${n}-secret`)
      mask.learn('in-daily-use')
    }
    expect(mask.mask('the-first-one in-daily-use generated-0-secret generated-998-secret')).toBe(
      'the-first-one •••• •••• ••••',
    )
  })
})

import { describe, expect, it } from 'vitest'
import { knownSchemes, requireProvider } from '../../../src-main/engine/providers/index.ts'
import { signRequest } from '../../../src-main/engine/signing/sign.ts'
import type { VerifyRequest } from '../../../src-main/engine/signing/verify-request.ts'
import { verifyRequest } from '../../../src-main/engine/signing/verify.ts'
import type { Header } from '../../../src-shared/model/header.ts'
import { signatureSchemeSchema, type SignatureScheme } from '../../../src-shared/model/scheme.ts'

const nowMs = Date.UTC(2026, 3, 22, 18, 30)
const nowSeconds = nowMs / 1000
const leadpush = requireProvider('leadpush').scheme
const standard = requireProvider('standard-webhooks').scheme
const leadnest = requireProvider('leadnest').scheme
const stripe = requireProvider('stripe').scheme
const classic = requireProvider('breakcold-classic').scheme

interface Sent {
  scheme?: SignatureScheme
  secrets?: string[]
  timestampSeconds?: number
  body?: string
}

/** A signed request, ready to be verified with the secret "current" that signed it. */
function sent(options: Sent = {}): VerifyRequest {
  const {
    scheme = leadpush,
    secrets = ['current-secret'],
    timestampSeconds = nowSeconds,
    body = '{"a":1}',
  } = options
  const signed = signRequest(scheme, {
    secrets,
    timestampSeconds,
    id: 'delivery-1',
    eventType: 'contact.updated',
    body: Buffer.from(body),
  })
  return {
    scheme,
    headers: signed.headers,
    body: signed.body,
    secrets: [{ name: 'current', value: 'current-secret' }],
    nowMs,
  }
}

const withHeader = (
  request: VerifyRequest,
  name: string,
  change: (value: string) => string,
): VerifyRequest => ({
  ...request,
  headers: request.headers.map(([n, v]): Header => (n === name ? [n, change(v)] : [n, v])),
})
const withoutHeader = (request: VerifyRequest, name: string): VerifyRequest => ({
  ...request,
  headers: request.headers.filter(([n]) => n !== name),
})
const again = (request: VerifyRequest, name: string): VerifyRequest => ({
  ...request,
  headers: [...request.headers, ...request.headers.filter(([n]) => n === name)],
})

describe('which secret verifies', () => {
  const other = { name: 'CRM Intake', value: 'other-secret' }
  const current = { name: 'current', value: 'current-secret' }

  it('is the first; another one only explains, by its name', () => {
    const request = sent({ secrets: ['other-secret'] })
    const verdict = verifyRequest({ ...request, secrets: [current, other] })
    expect(verdict).toMatchObject({ ok: false, cause: 'other-secret', secretName: 'CRM Intake' })
    expect(verdict.message).toContain('"CRM Intake", not with "current"')
    expect(verifyRequest({ ...request, secrets: [other, current] })).toMatchObject({
      ok: true,
      secretName: 'CRM Intake',
    })
  })

  it('is every one when all are valid', () => {
    const request = sent({ secrets: ['other-secret'] })
    expect(verifyRequest({ ...request, secrets: [current, other], allValid: true }).ok).toBe(true)
  })

  it('is a previous one until its end, to the millisecond, and for ever without one', () => {
    const request = sent({ secrets: ['other-secret'] })
    const until = (valid_until: string | null | undefined) =>
      verifyRequest({ ...request, secrets: [current, { ...other, previous: true, valid_until }] })
    expect(until('2026-04-22T18:30:00Z')).toMatchObject({ ok: true, secretName: 'CRM Intake' })
    expect(until('2026-04-22T20:30:00+02:00').ok).toBe(true)
    expect(until(undefined).ok).toBe(true)
    expect(until(null).ok).toBe(true)
    expect(until('2026-04-22T18:29:59.999Z')).toMatchObject({
      cause: 'previous-secret',
      secretName: 'CRM Intake',
    })
    expect(until('nonsense')).toMatchObject({ ok: false, cause: 'previous-secret' })
  })

  it('is none where none is known, and never an empty one', () => {
    const request = sent()
    expect(verifyRequest({ ...request, secrets: [] })).toMatchObject({
      ok: false,
      cause: 'unknown',
      secretName: null,
    })
    expect(verifyRequest({ ...request, secrets: [{ name: 'current', value: '' }] }).message).toContain(
      'is empty',
    )
    const bare = {
      ...sent({ scheme: standard, secrets: [] }),
      secrets: [{ name: 'current', value: 'whsec_' }],
    }
    const signed = { ...bare, headers: [...bare.headers, ['webhook-signature', 'v1,AAAA'] as const] }
    expect(verifyRequest(signed)).toMatchObject({ ok: false, cause: 'unknown' })
    expect(verifyRequest(signed).message).toContain('is not base64')
  })

  it('is taken with or without its prefix where it is base64', () => {
    const key = Buffer.alloc(24, 3).toString('base64')
    const request = sent({ scheme: standard, secrets: [`whsec_${key}`] })
    expect(verifyRequest({ ...request, secrets: [{ name: 'a', value: key }] }).ok).toBe(true)
  })
})

describe('the age of the timestamp', () => {
  const aged = (ageSeconds: number, toleranceSeconds?: number): string =>
    verifyRequest({ ...sent({ timestampSeconds: nowSeconds - ageSeconds }), toleranceSeconds }).cause

  it('may reach the tolerance either way, and not pass it', () => {
    expect([0, 300, -300].map((age) => aged(age))).toEqual(['none', 'none', 'none'])
    expect(aged(301)).toBe('timestamp-stale')
    expect(aged(-301)).toBe('timestamp-future')
    expect(aged(2, 1)).toBe('timestamp-stale')
  })

  it('does not matter with tolerance 0', () => {
    expect(aged(1_000_000, 0)).toBe('none')
    expect(aged(-1_000_000, 0)).toBe('none')
  })

  it('is told with the numbers', () => {
    const { message } = verifyRequest(sent({ timestampSeconds: nowSeconds - 3900 }))
    expect(message).toContain('3900 s old and 300 s are allowed')
  })

  it('is not judged before the signature', () => {
    const request = sent({ timestampSeconds: nowSeconds - 3900, secrets: ['somebody-else'] })
    expect(verifyRequest(request).cause).toBe('unknown')
  })

  it('needs seconds', () => {
    expect(aged(nowSeconds - nowMs)).toBe('timestamp-unit')
    expect(aged(nowSeconds - nowMs, 0)).toBe('timestamp-unit')
  })

  it.each(['', ' 1', '+1', '1e9', '0x10', '-5', '1.5', '2026-04-22T18:30:00Z', '١'])(
    'is malformed as %j, even where that text was signed',
    (text) => {
      const plain = sent()
      const changed = withHeader(plain, 'X-Leadpush-Timestamp', () => text)
      expect(verifyRequest({ ...changed, toleranceSeconds: 0 }).cause).toBe('header-malformed')
      const signsLiteral = { ...leadpush, content: [{ literal: text }, ...leadpush.content.slice(1)] }
      const signed = withHeader(sent({ scheme: signsLiteral }), 'X-Leadpush-Timestamp', () => text)
      expect(verifyRequest({ ...signed, scheme: leadpush })).toMatchObject({
        ok: false,
        cause: 'header-malformed',
      })
    },
  )

  it('is read from a JSON body as ISO 8601 or seconds, and not judged where there is none', () => {
    const cause = (timestamp: string): string =>
      verifyRequest(sent({ scheme: leadnest, body: `{"timestamp":${timestamp}}` })).cause
    expect(cause('"2026-04-22T18:30:00Z"')).toBe('none')
    expect(cause('"2026-04-22T20:34:59.999+02:00"')).toBe('none')
    expect(cause('"2026-04-22T18:24:59Z"')).toBe('timestamp-stale')
    expect(cause('"2026-04-22T18:35:01Z"')).toBe('timestamp-future')
    expect(cause(String(nowSeconds))).toBe('none')
    expect(cause(String(nowMs))).toBe('timestamp-unit')
    expect(cause('"yesterday"')).toBe('header-malformed')
    expect(cause('"2026-99-99T00:00:00Z"')).toBe('header-malformed')
    for (const absent of ['null', '{}', 'true']) expect(cause(absent)).toBe('none')
    expect(verifyRequest(sent({ scheme: leadnest, body: 'no json' })).cause).toBe('none')
    expect(verifyRequest(sent({ scheme: leadnest, body: '' })).cause).toBe('none')
  })
})

describe('headers that are missing or malformed', () => {
  it.each(['X-Leadpush-Signature', 'X-Leadpush-Timestamp', 'X-Leadpush-Delivery'])(
    'names %s when it is absent',
    (name) => {
      const verdict = verifyRequest(withoutHeader(sent(), name))
      expect(verdict).toMatchObject({ ok: false, cause: 'header-missing' })
      expect(verdict.message).toContain(name)
    },
  )

  it('does not miss the event type, which is not signed, nor mind the case of names', () => {
    expect(verifyRequest(withoutHeader(sent(), 'X-Leadpush-Event')).ok).toBe(true)
    const request = sent()
    const lower = request.headers.map(([name, value]): Header => [name.toLowerCase(), value])
    expect(verifyRequest({ ...request, headers: lower }).ok).toBe(true)
  })

  it.each(['X-Leadpush-Signature', 'X-Leadpush-Timestamp', 'X-Leadpush-Delivery'])(
    'refuses %s when it stands twice',
    (name) => {
      expect(verifyRequest(again(sent(), name))).toMatchObject({ ok: false, cause: 'header-malformed' })
    },
  )

  it.each(['', 'sha256=', 'none', 'sha256=hello!', 'Bearer abc'])('calls %j no signature', (value) => {
    const request = withHeader(sent(), 'X-Leadpush-Signature', () => value)
    expect(verifyRequest(request)).toMatchObject({ ok: false, cause: 'header-malformed' })
  })

  it.each([
    [
      'in upper case',
      'signature-encoding',
      (value: string) => value.toUpperCase().replace('SHA256', 'sha256'),
    ],
    ['without its prefix', 'signature-prefix', (value: string) => value.slice(7)],
    ['with another prefix', 'signature-prefix', (value: string) => value.replace('sha256', 'SHA256')],
    ['with white space around it', 'signature-prefix', (value: string) => ` ${value}`],
    ['that was cut', 'signature-truncated', (value: string) => value.slice(0, -1)],
    ['with a character too many', 'unknown', (value: string) => `${value}0`],
    ['with a second one after a comma', 'unknown', (value: string) => `${value},${value}`],
    ['of a few digits', 'unknown', () => 'sha256=ab'],
  ])('refuses a signature %s: %s', (_, cause, change) => {
    const request = withHeader(sent(), 'X-Leadpush-Signature', change)
    expect(verifyRequest(request)).toMatchObject({ ok: false, cause })
  })

  it('recognises another provider by its signature header, only where the expected one is absent', () => {
    const leadhub = requireProvider('leadhub').scheme
    const request = { ...sent(), scheme: leadhub, otherProviders: knownSchemes }
    const verdict = verifyRequest(request)
    expect(verdict).toMatchObject({ ok: false, cause: 'other-provider' })
    expect(verdict.message).toContain('Leadpush')
    const own: Header = ['X-LeadHub-Signature', 'sha256=00112233445566778899']
    expect(verifyRequest({ ...request, headers: [...request.headers, own] }).cause).toBe('unknown')
    expect(verifyRequest({ ...request, otherProviders: [] }).cause).toBe('header-missing')
  })
})

describe('several signatures in one header', () => {
  const key = (byte: number): string => `whsec_${Buffer.alloc(24, byte).toString('base64')}`

  it('are enough with one match, in one line or in several', () => {
    const request = sent({ scheme: standard, secrets: [key(1), key(2)] })
    for (const byte of [1, 2]) {
      expect(verifyRequest({ ...request, secrets: [{ name: 'mine', value: key(byte) }] }).ok).toBe(true)
    }
    expect(verifyRequest({ ...request, secrets: [{ name: 'mine', value: key(3) }] }).cause).toBe('unknown')
    const lines = { ...again(request, 'webhook-signature'), secrets: [{ name: 'mine', value: key(2) }] }
    expect(verifyRequest(lines).ok).toBe(true)
  })

  it('may stand among signatures of other versions', () => {
    const request = withHeader(
      sent({ scheme: standard, secrets: [key(1)] }),
      'webhook-signature',
      (value) => `v1a,c2lnbmF0dXJl ${value}`,
    )
    expect(verifyRequest({ ...request, secrets: [{ name: 'mine', value: key(1) }] }).ok).toBe(true)
  })

  it('are read as Stripe writes them', () => {
    const secrets = [{ name: 'mine', value: 'b' }]
    const request = { ...sent({ scheme: stripe, secrets: ['a', 'b'] }), secrets }
    expect(verifyRequest(request).ok).toBe(true)
    const change = (to: (value: string) => string): string =>
      verifyRequest(withHeader(request, 'Stripe-Signature', to)).cause
    expect(change((value) => `${value},v0=abc`)).toBe('none')
    expect(change((value) => value.replaceAll(',', ', '))).toBe('none')
    expect(change((value) => value.replace(/^t=\d+,/, ''))).toBe('header-malformed')
    expect(change((value) => `${value},t=1`)).toBe('header-malformed')
    expect(change((value) => value.split(',')[0] ?? '')).toBe('header-malformed')
    expect(change((value) => value.replaceAll('v1=', 'v0='))).not.toBe('none')
    expect(change(() => '')).toBe('header-malformed')
  })

  it('are told apart by commas where the format has none, and not at all where the scheme allows one only', () => {
    const several = signatureSchemeSchema.parse({ header: 'X-Sig', format: 's={signature}', multiple: true })
    const request = {
      ...sent({ scheme: several, secrets: ['a', 'b'] }),
      secrets: [{ name: 'mine', value: 'b' }],
    }
    expect(request.headers[0]?.[1]).toMatch(/^s=[0-9a-f]+,s=[0-9a-f]+$/)
    expect(verifyRequest(request).ok).toBe(true)
    expect(verifyRequest({ ...request, scheme: { ...several, multiple: false } }).ok).toBe(false)
  })
})

describe('formats that carry the timestamp', () => {
  it.each([
    '{timestamp}:{signature}',
    '{signature}.{timestamp}',
    'a;t={timestamp};s={signature}',
    's={signature} t={timestamp}!',
  ])('are written and read as %s', (format) => {
    const scheme = signatureSchemeSchema.parse({ content: ['timestamp', 'body'], header: 'X-Sig', format })
    expect(verifyRequest(sent({ scheme })).cause).toBe('none')
    expect(verifyRequest(sent({ scheme, timestampSeconds: nowSeconds - 999 })).cause).toBe('timestamp-stale')
    const moved = withHeader(sent({ scheme }), 'X-Sig', (value) =>
      value.replace(String(nowSeconds), String(nowSeconds + 1)),
    )
    expect(verifyRequest(moved).ok).toBe(false)
  })
})

describe('a secret in the body', () => {
  const body = (secret: string): VerifyRequest => ({
    ...sent({ scheme: classic, secrets: [] }),
    body: Buffer.from(`{"event":"lead.create","secret":${secret},"payload":{}}`),
  })

  it('verifies when it is the same', () => {
    expect(verifyRequest(body('"current-secret"'))).toMatchObject({
      ok: true,
      cause: 'none',
      secretName: 'current',
    })
  })

  it('is refused when it is another, and named where that one is known', () => {
    expect(verifyRequest(body('"nobody-knows"')).cause).toBe('unknown')
    const secrets = [
      { name: 'current', value: 'current-secret' },
      { name: 'old', value: 'x', previous: true, valid_until: '2020-01-01T00:00:00Z' },
      { name: 'CRM', value: 'y' },
    ]
    expect(verifyRequest({ ...body('"y"'), secrets })).toMatchObject({
      cause: 'other-secret',
      secretName: 'CRM',
    })
    expect(verifyRequest({ ...body('"x"'), secrets })).toMatchObject({
      cause: 'previous-secret',
      secretName: 'old',
    })
  })

  it('is missing when it is absent, empty or not to be read, and malformed when it is no text', () => {
    for (const secret of ['""', 'null']) expect(verifyRequest(body(secret)).cause).toBe('header-missing')
    expect(verifyRequest({ ...body('1'), body: Buffer.from('no json') }).cause).toBe('header-missing')
    expect(verifyRequest({ ...body('1'), body: new Uint8Array() }).cause).toBe('header-missing')
    for (const secret of ['1', '{}', 'true'])
      expect(verifyRequest(body(secret)).cause).toBe('header-malformed')
  })

  it('never matches an empty secret', () => {
    expect(verifyRequest({ ...body('""'), secrets: [{ name: 'empty', value: '' }] }).ok).toBe(false)
  })

  it('may travel in a header instead', () => {
    const scheme = signatureSchemeSchema.parse({
      kind: 'shared_secret',
      header: 'X-Token',
      format: 'Token {signature}',
    })
    const request = sent({ scheme })
    expect(request.headers).toEqual([['X-Token', 'Token current-secret']])
    expect(verifyRequest(request).ok).toBe(true)
    expect(verifyRequest(withHeader(request, 'X-Token', () => 'Token current-secreT')).cause).toBe('unknown')
    expect(verifyRequest(withoutHeader(request, 'X-Token')).cause).toBe('header-missing')
  })
})

describe('text that is not ASCII', () => {
  it('counts as the bytes of the header, so that no two texts are taken for one another', () => {
    const request = sent()
    const id = (text: string): VerifyRequest => withHeader(request, 'X-Leadpush-Delivery', () => text)
    // U+0164 has the same low byte as "d".
    expect(verifyRequest(id('\u0164elivery-1')).ok).toBe(false)
    const signature = (text: string): VerifyRequest =>
      withHeader(request, 'X-Leadpush-Signature', (value) => value.replace('s', text))
    expect(verifyRequest(signature('\u0173')).ok).toBe(false)
  })
})

import { createHmac } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { requireProvider } from '../../../src-main/engine/providers/index.ts'
import { Effort } from '../../../src-main/engine/signing/doctor/search.ts'
import { runVerifyCase, runVerifyCases } from '../../../src-main/engine/signing/cases.ts'
import { describeRequest, signatureHeaderNames } from '../../../src-main/engine/signing/describe-request.ts'
import { signRequest } from '../../../src-main/engine/signing/sign.ts'
import { signedContent } from '../../../src-main/engine/signing/signed-content.ts'
import { headerValue } from '../../../src-shared/model/header.ts'
import { signatureSchemeSchema } from '../../../src-shared/model/scheme.ts'
import { caseHeaders, type VerifyCase } from '../../../src-shared/model/verify-case.ts'
import { vectors } from './vectors.ts'

const { document, cases } = vectors('signatures')
/** Without a look for the cause: there are thousands of them. */
const unexplained = { nowMs: 0, effort: () => new Effort(0) }
const never = { nowMs: 0 }
const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString()

function resign(vector: VerifyCase) {
  const provider = requireProvider(vector.provider ?? '')
  const headers = caseHeaders(vector.headers)
  const body = Buffer.from(vector.body_base64, 'base64')
  const { deliveryId, eventType } = describeRequest(provider.scheme, headers, body)
  return signRequest(provider.scheme, {
    secrets: [vector.secret ?? ''],
    timestampSeconds: vector.timestamp ?? 0,
    id: deliveryId ?? '',
    eventType: eventType ?? '',
    body,
    order: provider.headerOrder,
  })
}

describe('the 72 signatures of another library', () => {
  it('all verify', () => {
    const { results, differing } = runVerifyCases(document, never)
    expect(results).toHaveLength(72)
    expect(results.filter(({ ok, cause }) => !ok || cause !== 'none')).toEqual([])
    expect(differing).toEqual([])
  })

  it('all come out the same when signed here', () => {
    for (const vector of cases) {
      const signed = resign(vector)
      for (const [name, value] of caseHeaders(vector.headers)) {
        expect([name, headerValue(signed.headers, name)]).toEqual([name, value])
      }
      expect(text(signed.body)).toBe(text(Buffer.from(vector.body_base64, 'base64')))
    }
  })

  it('stop verifying when any bit of body or signature header flips', () => {
    for (const vector of cases) {
      const body = Buffer.from(vector.body_base64, 'base64')
      for (let at = 0; at < body.byteLength; at++) {
        const changed = Buffer.from(body)
        changed[at] = (changed[at] ?? 0) ^ (1 << (at % 8))
        const result = runVerifyCase({ ...vector, body_base64: changed.toString('base64') }, unexplained)
        expect(result.ok).toBe(false)
      }
      for (const [position, [name, value]] of caseHeaders(vector.headers).entries()) {
        const scheme = requireProvider(vector.provider ?? '').scheme
        const isSigned = name === scheme.header || name === scheme.timestamp_header
        if (!isSigned) continue
        for (let at = 0; at < value.length; at++) {
          const flipped = String.fromCharCode(value.charCodeAt(at) ^ 1)
          const headers = caseHeaders(vector.headers).map(([n, v], index): [string, string] =>
            index === position ? [n, v.slice(0, at) + flipped + v.slice(at + 1)] : [n, v],
          )
          const result = runVerifyCase({ ...vector, headers }, unexplained)
          expect([vector.provider, name, at, result.ok]).toEqual([vector.provider, name, at, false])
        }
      }
    }
  })

  it('stop verifying when the body is cut or grows, and with another secret', () => {
    for (const vector of cases) {
      const body = Buffer.from(vector.body_base64, 'base64')
      const changes = [
        { body_base64: Buffer.concat([body, Buffer.from(' ')]).toString('base64') },
        ...(body.byteLength > 0 ? [{ body_base64: body.subarray(0, -1).toString('base64') }] : []),
        { secret: `${vector.secret?.slice(0, -1)}${vector.secret?.endsWith('A') === true ? 'B' : 'A'}` },
      ]
      for (const change of changes)
        expect(runVerifyCase({ ...vector, ...change }, unexplained).ok).toBe(false)
    }
  })
})

describe('signing', () => {
  const leadpush = requireProvider('leadpush')
  const input = {
    timestampSeconds: 1_785_720_451,
    id: 'd-1',
    eventType: 'contact.updated',
    body: Buffer.from('{}'),
  }

  it('writes the headers of Leadpush in the documented order', () => {
    const { headers } = signRequest(leadpush.scheme, { ...input, secrets: ['s'] })
    expect(headers.map(([name]) => name)).toEqual([
      'X-Leadpush-Delivery',
      'X-Leadpush-Event',
      'X-Leadpush-Timestamp',
      'X-Leadpush-Signature',
    ])
    const wanted = createHmac('sha256', 's').update('1785720451.d-1.{}').digest('hex')
    expect(headers[3]?.[1]).toBe(`sha256=${wanted}`)
  })

  it('follows another order when the provider documents one', () => {
    const { scheme, headerOrder } = requireProvider('breakcold')
    const { headers } = signRequest(scheme, { ...input, secrets: ['s'], order: headerOrder })
    expect(headers.map(([name]) => name)).toEqual([
      'X-Webhook-Signature',
      'X-Webhook-Event',
      'X-Webhook-Delivery-Id',
      'X-Webhook-Timestamp',
    ])
  })

  it('keeps the second period where there is no body', () => {
    const values = { timestamp: '1', id: 'd-1', body: new Uint8Array() }
    expect(text(signedContent(leadpush.scheme, values))).toBe('1.d-1.')
  })

  it('leaves out only the signature when there is no secret', () => {
    const { headers } = signRequest(leadpush.scheme, { ...input, secrets: [] })
    expect(headers.map(([name]) => name)).toEqual([
      'X-Leadpush-Delivery',
      'X-Leadpush-Event',
      'X-Leadpush-Timestamp',
    ])
    expect(signRequest(requireProvider('leadhub').scheme, { ...input, secrets: [] }).headers).toEqual([])
  })

  it('takes the UTF-8 bytes of the secret for the key, whatever they are and however many', () => {
    for (const secret of ['schlüssel 🔑', 'é', 'x'.repeat(200)]) {
      const { headers } = signRequest(leadpush.scheme, { ...input, secrets: [secret] })
      const wanted = createHmac('sha256', Buffer.from(secret, 'utf8'))
        .update('1785720451.d-1.{}')
        .digest('hex')
      expect(headers[3]?.[1]).toBe(`sha256=${wanted}`)
    }
  })

  it('does not copy the body', () => {
    expect(signRequest(leadpush.scheme, { ...input, secrets: ['s'] }).body).toBe(input.body)
  })

  it('sends both signatures while a secret is rotated, where the scheme allows it', () => {
    const { scheme, secret } = requireProvider('standard-webhooks')
    const secrets = [1, 2].map((byte) => `whsec_${Buffer.alloc(24, byte).toString('base64')}`)
    expect(secrets.map((value) => secret.check(value))).toEqual([null, null])
    const both = headerValue(signRequest(scheme, { ...input, secrets }).headers, 'webhook-signature')
    const single = secrets.map((value) =>
      headerValue(signRequest(scheme, { ...input, secrets: [value] }).headers, 'webhook-signature'),
    )
    expect(both).toBe(single.join(' '))
    const stripe = headerValue(
      signRequest(requireProvider('stripe').scheme, { ...input, secrets: ['a', 'b'] }).headers,
      'stripe-signature',
    )
    expect(stripe).toMatch(/^t=1785720451,v1=[0-9a-f]{64},v1=[0-9a-f]{64}$/)
    const leadpushHeaders = signRequest(leadpush.scheme, { ...input, secrets: ['a', 'b'] }).headers
    expect(leadpushHeaders).toEqual(signRequest(leadpush.scheme, { ...input, secrets: ['a'] }).headers)
  })

  it('refuses a secret that is not base64 where the scheme wants that, and an empty one', () => {
    const { scheme } = requireProvider('standard-webhooks')
    expect(() => signRequest(scheme, { ...input, secrets: ['whsec_!!'] })).toThrow(
      'must be base64 after whsec_',
    )
    expect(() => signRequest(leadpush.scheme, { ...input, secrets: [''] })).toThrow('empty')
  })

  it('signs in any layout, algorithm, encoding and format that a scheme describes', () => {
    const scheme = signatureSchemeSchema.parse({
      algorithm: 'sha512',
      content: [{ literal: 'é:' }, 'body', 'timestamp'],
      header: 'X-Sig',
      format: '{timestamp}:{signature}',
      encoding: 'base64',
    })
    const wanted = createHmac('sha512', 's').update('é:{}1785720451').digest('base64')
    expect(signRequest(scheme, { ...input, secrets: ['s'] }).headers).toEqual([
      ['X-Sig', `1785720451:${wanted}`],
    ])
  })

  it('takes signed parts from the body where only the body carries them', () => {
    const scheme = signatureSchemeSchema.parse({
      content: ['id', 'timestamp'],
      header: 'X-Sig',
      id_path: 'meta.id',
      timestamp_path: 'at',
    })
    const body = Buffer.from('{"at":"2026-01-01T00:00:00Z","meta":{"id":7}}')
    const wanted = createHmac('sha256', 's').update('72026-01-01T00:00:00Z').digest('hex')
    expect(signRequest(scheme, { ...input, body, secrets: ['s'] }).headers).toEqual([['X-Sig', wanted]])
  })
})

describe('a secret that travels in the body', () => {
  const { scheme } = requireProvider('breakcold-classic')
  const sign = (body: string | Uint8Array, secret = 'wh_1'): string =>
    text(
      signRequest(scheme, {
        secrets: [secret],
        timestampSeconds: 0,
        id: '',
        eventType: '',
        body: Buffer.from(body),
      }).body,
    )

  it('takes the place of what stands there, and no other byte changes', () => {
    expect(sign('{ "2": 1.0, "secret" : "",\n "1": 12345678901234567890 }')).toBe(
      '{ "2": 1.0, "secret" : "wh_1",\n "1": 12345678901234567890 }',
    )
    expect(sign('{"secret":{"a":["}",{"b":"\\""}]},"x":1}')).toBe('{"secret":"wh_1","x":1}')
    expect(sign('{"sec\\u0072et":null}')).toBe('{"sec\\u0072et":"wh_1"}')
    expect(sign('{"a":{"secret":"mine"},"secret":1,"secret":2}')).toBe(
      '{"a":{"secret":"mine"},"secret":1,"secret":"wh_1"}',
    )
  })

  it('is added at the end where there is no place for it', () => {
    expect(sign('{}')).toBe('{"secret":"wh_1"}')
    expect(sign('{ "a": 1 }')).toBe('{ "a": 1,"secret":"wh_1" }')
  })

  it('is escaped as JSON wants it', () => {
    expect(sign('{"secret":""}', 'a"b\\c$&')).toBe(String.raw`{"secret":"a\"b\\c$&"}`)
  })

  it('can stand deeper, if the way there is one of objects', () => {
    const deep = { ...scheme, secret_path: 'meta.key' }
    const signDeep = (body: string): string =>
      text(
        signRequest(deep, {
          secrets: ['k'],
          timestampSeconds: 0,
          id: '',
          eventType: '',
          body: Buffer.from(body),
        }).body,
      )
    expect(signDeep('{"meta":{"a":1}}')).toBe('{"meta":{"a":1,"key":"k"}}')
    expect(() => signDeep('{"meta":[]}')).toThrow('JSON object')
    expect(() => signDeep('{}')).toThrow('JSON object')
  })

  it.each(['', '[]', 'null', '"secret"', '{"secret":', 'a=b'])('refuses the body %j', (body) => {
    expect(() => sign(body)).toThrow('the body must be a JSON object')
  })

  it('refuses bytes that are not UTF-8 instead of changing them', () => {
    expect(() => sign(Buffer.from([0x7b, 0xff, 0x7d]))).toThrow('JSON object')
  })

  it('copes with deep nesting', () => {
    const deep = `{"a":${'['.repeat(100_000)}${']'.repeat(100_000)},"secret":""}`
    expect(sign(deep).endsWith(',"secret":"wh_1"}')).toBe(true)
  })
})

describe('what a request says about itself', () => {
  const body = Buffer.from('{"event":"email.opened","timestamp":"2026-01-01T00:00:00Z","type":"x"}')

  it('stands in headers of any case, or in the body', () => {
    expect(
      describeRequest(
        requireProvider('leadpush').scheme,
        [
          ['x-leadpush-delivery', 'd'],
          ['X-LEADPUSH-EVENT', 'e'],
        ],
        body,
      ),
    ).toEqual({ eventType: 'e', deliveryId: 'd' })
    expect(describeRequest(requireProvider('leadnest').scheme, [], body)).toEqual({
      eventType: 'email.opened',
      deliveryId: null,
    })
  })

  it('is nothing for a body that is no JSON, or has no such path', () => {
    const nothing = { eventType: null, deliveryId: null }
    const { scheme } = requireProvider('leadnest')
    for (const other of ['', '{', '[1]', 'null', '{"event":{"a":1}}', '{"__proto__":{"event":"x"}}']) {
      expect(describeRequest(scheme, [], Buffer.from(other))).toEqual(nothing)
    }
  })

  it('names the headers of a scheme', () => {
    expect(signatureHeaderNames(requireProvider('breakcold-classic').scheme)).toEqual([])
    expect(signatureHeaderNames(requireProvider('slack').scheme)).toEqual([
      'x-slack-signature',
      'x-slack-request-timestamp',
    ])
  })
})

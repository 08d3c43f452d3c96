import { createHash, createHmac } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { requireProvider } from '../../../src-main/engine/providers/index.ts'
import { Effort, effortFor } from '../../../src-main/engine/signing/doctor/search.ts'
import type { Verdict, VerifyRequest, VerifySecret } from '../../../src-main/engine/signing/verify-request.ts'
import { verifyRequest } from '../../../src-main/engine/signing/verify.ts'
import type { Header } from '../../../src-shared/model/header.ts'
import { signatureSchemeSchema, type Cause, type SignatureScheme } from '../../../src-shared/model/scheme.ts'

const nowSeconds = 1_793_682_032
const secret = 'W8pKgaOeQ0iChpesQ0K9jQt2LDvG5dNo'
const body = '{"event":"contact.updated","name":"Zoë","site":"https://example.com/a"}'
const leadpush = requireProvider('leadpush').scheme
const leadhub = requireProvider('leadhub').scheme
const standard = requireProvider('standard-webhooks').scheme
const leadnest = requireProvider('leadnest').scheme
const stripe = requireProvider('stripe').scheme
const classic = requireProvider('breakcold-classic').scheme

type Bytes = string | Buffer
const join2 = (...parts: readonly Bytes[]): Buffer =>
  Buffer.concat(parts.map((part) => Buffer.from(part as string)))
const hmac = (content: Bytes, key: Bytes = secret, algorithm = 'sha256') =>
  createHmac(algorithm, key).update(content)
const hex = (content: Bytes, key?: Bytes, algorithm?: string): string =>
  hmac(content, key, algorithm).digest('hex')

/** What Leadpush signs, for this body. */
const leadpushContent = (signed: Bytes): Buffer => join2(`${nowSeconds}.delivery-1.`, signed)
const leadpushHeaders = (signature: string): Header[] => [
  ['X-Leadpush-Timestamp', String(nowSeconds)],
  ['X-Leadpush-Delivery', 'delivery-1'],
  ['X-Leadpush-Signature', signature],
]

interface Arrived {
  readonly scheme?: SignatureScheme
  readonly headers: readonly Header[]
  readonly body?: Bytes
  readonly secrets?: readonly VerifySecret[]
  readonly effort?: Effort
}

const requestOf = (arrived: Arrived): VerifyRequest => ({
  scheme: arrived.scheme ?? leadpush,
  headers: arrived.headers,
  body: Buffer.from((arrived.body ?? body) as string),
  secrets: arrived.secrets ?? [{ name: 'current', value: secret }],
  nowMs: nowSeconds * 1000,
  effort: arrived.effort,
})

const diagnose = (arrived: Arrived): Verdict => verifyRequest(requestOf(arrived))
/** A leadpush request with this signature, which arrived with the usual body. */
const withSignature = (signature: string, more: Partial<Arrived> = {}): Verdict =>
  diagnose({ headers: leadpushHeaders(signature), ...more })
const signedAs = (content: Bytes, key?: Bytes, algorithm?: string): string =>
  `sha256=${hex(content, key, algorithm)}`
const overBody = (signed: Bytes, arrived: Bytes): Verdict =>
  withSignature(signedAs(leadpushContent(signed)), { body: arrived })

describe('the signature’s text', () => {
  const right = hex(leadpushContent(body))
  const digest = Buffer.from(right, 'hex')
  it.each<[string, Cause]>([
    [right, 'signature-prefix'],
    [`SHA256=${right}`, 'signature-prefix'],
    [`v1,${right}`, 'signature-prefix'],
    [`sha256:${right}`, 'signature-prefix'],
    [`"sha256=${right}"`, 'signature-prefix'],
    [`HMAC ${right}`, 'signature-prefix'],
    [`sha256=${right.toUpperCase()}`, 'signature-encoding'],
    [`sha256=0x${right}`, 'signature-encoding'],
    [`sha256=${digest.toString('base64')}`, 'signature-encoding'],
    [`sha256=${digest.toString('base64url')}`, 'signature-encoding'],
    [`sha256=${digest.toString('base64').replace('=', '')}`, 'signature-encoding'],
    [`sha256=${Buffer.from(right).toString('base64')}`, 'signature-encoding'],
    [`sha256=${right.slice(0, 40)}`, 'signature-truncated'],
    [`sha256=${right.slice(0, 16)}`, 'signature-truncated'],
    [digest.toString('base64'), 'signature-prefix'],
  ])('%s is %s', (text, cause) => {
    expect(withSignature(text)).toMatchObject({ ok: false, cause, secretName: 'current', difference: null })
  })

  it('says both where two things are wrong', () => {
    expect(withSignature(digest.toString('base64')).message).toBe(
      'The signature is right, but "sha256=" is missing before the signature and the signature is written as base64. ' +
        'Write "sha256=" before it. Write it as lower-case hex.',
    )
  })

  it('quotes nothing that may be a secret', () => {
    for (const text of [`${secret} ${right}`, `${secret}=${right}`, secret])
      expect(withSignature(text).message).not.toContain(secret.slice(0, 6))
    const headers: Header[] = [
      ['X-Leadpush-Timestamp', secret],
      ['X-Leadpush-Delivery', 'd'],
      ['X-Leadpush-Signature', right],
    ]
    const verdict = diagnose({ headers })
    expect(verdict.cause).toBe('header-malformed')
    expect(verdict.message).not.toContain(secret.slice(0, 6))
  })

  it('claims nothing for less than 16 digits, or for a digit that is another', () => {
    expect(withSignature(`sha256=${right.slice(0, 15)}`).cause).toBe('unknown')
    expect(withSignature(`sha256=${right.slice(0, -1)}${right.endsWith('0') ? '1' : '0'}`).cause).toBe(
      'unknown',
    )
    expect(withSignature(`sha256=${right}00`).cause).toBe('unknown')
  })

  it('is read where the timestamp stands beside it, and where a scheme wants base64', () => {
    const signature = hex(`${nowSeconds}.${body}`)
    const fields = (text: string): Header[] => [['Stripe-Signature', text]]
    const upper = `t=${nowSeconds},v1=${signature.toUpperCase()}`
    expect(diagnose({ scheme: stripe, headers: fields(upper) }).cause).toBe('signature-encoding')
    const key = Buffer.alloc(24, 7)
    const secrets = [{ name: 'current', value: `whsec_${key.toString('base64')}` }]
    const made = hmac(`msg_1.${nowSeconds}.${body}`, key)
    const headers: Header[] = [
      ['webhook-id', 'msg_1'],
      ['webhook-timestamp', String(nowSeconds)],
      ['webhook-signature', `v1,${made.digest('hex')}`],
    ]
    expect(diagnose({ scheme: standard, headers, secrets }).cause).toBe('signature-encoding')
  })
})

describe('the body', () => {
  const text = 'one\ntwo\n'
  const bom = '\ufeff'
  it.each<[Cause, Bytes, Bytes]>([
    ['body-trailing-newline', `${body}\n`, body],
    ['body-trailing-newline', `${body}\r\n`, body],
    ['body-trailing-newline', body, `${body}\n`],
    ['body-trailing-newline', body, `${body}\r\n`],
    ['body-trailing-newline', body, `${body}\n\n`],
    ['body-line-endings', 'one\r\ntwo\r\n', text],
    ['body-line-endings', text, 'one\r\ntwo\r\n'],
    ['body-line-endings', text, 'one\rtwo\r'],
    ['body-byte-order-mark', bom + body, body],
    ['body-byte-order-mark', body, bom + body],
    ['body-empty', '', body],
    ['body-charset', Buffer.from(body, 'latin1'), body],
    ['body-charset', Buffer.from(Buffer.from(body).toString('latin1')), body],
    ['body-charset', body, Buffer.from(body, 'latin1')],
    ['body-charset', body, Buffer.from(Buffer.from(body).toString('latin1'))],
    ['body-charset', Buffer.from(body, 'utf16le'), body],
    ['body-charset', Buffer.from(body.replace('ë', '?')), body],
    ['body-charset', body.normalize('NFD'), body],
    ['body-charset', body, body.normalize('NFD')],
    ['body-charset', Buffer.from([0x80, 0x20, 0x93]), '€ “'],
  ])('%s: signed %j, arrived %j', (cause, signed, arrived) => {
    const verdict = overBody(signed, arrived)
    expect(verdict).toMatchObject({ ok: false, cause })
    const [a, b] = [Buffer.from(signed as string), Buffer.from(arrived as string)]
    const difference = verdict.difference
    expect(difference).not.toBeNull()
    if (difference === null) return
    expect(a.subarray(0, difference.offset)).toEqual(b.subarray(0, difference.offset))
    expect(a[difference.offset]).not.toBe(b[difference.offset])
    expect(difference.signed).toEqual({
      bytes: Uint8Array.from(a.subarray(difference.from, difference.from + 72)),
      totalBytes: a.length,
    })
    expect(difference.arrived.totalBytes).toBe(b.length)
  })

  it.each([
    ['gzip', gzipSync],
    ['deflate', deflateSync],
    ['br', brotliCompressSync],
  ])('was signed before it was compressed with %s', (coding, compress) => {
    const headers: Header[] = [
      ['Content-Encoding', coding],
      ...leadpushHeaders(signedAs(leadpushContent(body))),
    ]
    expect(diagnose({ headers, body: compress(Buffer.from(body)) }).cause).toBe('body-content-encoding')
    // What claims to be compressed and is not, is not looked at twice.
    expect(diagnose({ headers, body: 'no gzip' }).cause).toBe('unknown')
  })

  it('was signed before it was compressed, and the header that says so is lost', () => {
    const headers = leadpushHeaders(signedAs(leadpushContent(body)))
    expect(diagnose({ headers, body: gzipSync(body) }).message).toContain('which no Content-Encoding says')
  })

  it('is not unpacked without end', () => {
    const bomb = gzipSync(Buffer.alloc(64 * 1024 * 1024))
    const headers: Header[] = [['Content-Encoding', 'gzip'], ...leadpushHeaders(signedAs('x'))]
    expect(diagnose({ headers, body: bomb }).cause).toBe('unknown')
  })
})

interface Written {
  readonly document: string
  readonly written: Readonly<Record<string, string>>
}
const { document, written } = JSON.parse(
  readFileSync(join(import.meta.dirname, '..', '..', 'fixtures', 'written-json.json'), 'utf8'),
) as Written

describe('JSON written again', () => {
  it.each(Object.entries(written))('by %s is told from the original, and the other way round', (_, text) => {
    if (text.trim() === document.trim()) return
    const [signed, arrived] = [overBody(text, document), overBody(document.trim(), text)]
    expect(signed).toMatchObject({ ok: false, cause: 'body-reserialized' })
    // What was lost in writing can't be guessed: then nothing is claimed.
    expect(['body-reserialized', 'unknown']).toContain(arrived.cause)
  })

  it('keeps long numbers where the library does, and rounds them as JavaScript does', () => {
    const numbers = '{ "id": 12345678901234567890, "price": 1.0, "e": 1e3 }'
    expect(overBody('{"id":12345678901234567890,"price":1.0,"e":1e3}', numbers).cause).toBe(
      'body-reserialized',
    )
    expect(overBody(JSON.stringify(JSON.parse(numbers)), numbers).cause).toBe('body-reserialized')
    // As Python 3.11 writes them.
    const floats = '{"price":1.50,"a":1e5,"b":0.0000001,"c":1e16,"d":-2.0,"e":12345678901234567890,"f":0.0}'
    const python =
      '{"price": 1.5, "a": 100000.0, "b": 1e-07, "c": 1e+16, "d": -2.0, "e": 12345678901234567890, "f": 0.0}'
    expect(overBody(python, floats).message).toContain("Python's json.dumps")
    // Repeated keys go, and those that are numbers move to the front.
    const keys = '{"b":1,"2":1,"a":1,"1":1,"b":2}'
    expect(overBody(JSON.stringify(JSON.parse(keys), null, 2), keys).cause).toBe('body-reserialized')
  })

  it('says whose way it is', () => {
    expect(overBody(written['python json.dumps'] ?? '', document).message).toBe(
      "The request was signed over the JSON written again, as Python's json.dumps does. " +
        'Sign and verify the bytes as they are on the wire, not JSON that was parsed and written again.',
    )
  })

  it('is left alone where it is nested without end, or is none', () => {
    const deep = '['.repeat(5000) + ']'.repeat(5000)
    expect(overBody('x', deep).cause).toBe('unknown')
    expect(overBody('x', '{"a":').cause).toBe('unknown')
  })
})

describe('what is signed', () => {
  const t = nowSeconds
  it.each<[Cause, Bytes]>([
    ['content-layout', body],
    ['content-layout', `${t}.${body}`],
    ['content-layout', `delivery-1.${body}`],
    ['content-layout', `delivery-1.${t}.${body}`],
    ['content-layout', `${t}delivery-1${body}`],
    ['content-layout', `${t}:delivery-1:${body}`],
    ['content-layout', `${t}\n${body}`],
    ['content-layout', `${body}.${t}`],
    ['content-layout', `v0:${t}:${body}`],
    ['content-layout', `.delivery-1.${body}`],
    ['content-layout', `${t}..${body}`],
    ['timestamp-unit', `${t}000.delivery-1.${body}`],
    ['timestamp-unit', `${new Date(t * 1000).toISOString()}.delivery-1.${body}`],
  ])('%s: %s', (cause, content) => {
    expect(withSignature(signedAs(content))).toMatchObject({ ok: false, cause })
  })

  it.each([
    ['milliseconds', '123'],
    ['microseconds', '123456'],
    ['nanoseconds', '123456789'],
  ])('was signed and sent in %s', (unit, digits) => {
    const time = `${nowSeconds}${digits}`
    const headers: Header[] = [
      ['X-Leadpush-Timestamp', time],
      ['X-Leadpush-Delivery', 'd'],
      ['X-Leadpush-Signature', signedAs(`${time}.d.${body}`)],
    ]
    const { cause, message } = diagnose({ headers })
    expect([cause, message]).toEqual(['timestamp-unit', expect.stringContaining(unit)])
  })

  it('is shown in full in the sentence', () => {
    expect(withSignature(signedAs(`delivery-1.${t}.${body}`)).message).toBe(
      'The request was signed over {delivery id}.{timestamp}.{body}. Sign {timestamp}.{delivery id}.{body}.',
    )
  })
})

describe('the algorithm', () => {
  const content = leadpushContent(body)
  const hash = (algorithm: string, ...parts: Bytes[]): string =>
    createHash(algorithm)
      .update(join2(...parts))
      .digest('hex')
  it.each([
    hex(content, secret, 'sha1'),
    hex(content, secret, 'sha512'),
    hex(content, secret, 'md5'),
    hash('sha256', secret, content),
    hash('sha256', content, secret),
    hash('sha1', secret, content),
    hash('sha256', content),
    createHmac('sha256', content).update(secret).digest('hex'),
  ])('that made %s is named', (signature) => {
    expect(withSignature(`sha256=${signature}`).cause).toBe('algorithm')
  })
})

describe('the secret', () => {
  const content = leadpushContent(body)
  it.each<[Cause, Bytes]>([
    ...[`${secret}\n`, `${secret} `, ` ${secret}`, `${secret}\r\n`, `\t${secret}`].map(
      (key): [Cause, Bytes] => ['secret-whitespace', key],
    ),
    ['secret-decoding', Buffer.from(secret, 'base64')],
    ['secret-decoding', Buffer.from(secret).toString('base64')],
    ['secret-decoding', Buffer.from(secret).toString('hex')],
    ['secret-decoding', `"${secret}"`],
  ])('%s: %j as the key', (cause, key) => {
    expect(withSignature(signedAs(content, key))).toMatchObject({ ok: false, cause, secretName: 'current' })
  })

  it('is known with white space and was used without', () => {
    const secrets = [{ name: 'current', value: ` ${secret}\n` }]
    expect(withSignature(signedAs(content), { secrets }).cause).toBe('secret-whitespace')
  })

  it('may be no Unicode at all', () => {
    const secrets = [{ name: 'current', value: 'abc\ud800' }]
    expect(withSignature(signedAs('x'), { secrets }).cause).toBe('unknown')
  })

  it('is not told in the sentence, nor a part of it', () => {
    const known = 'my_very_secret_value'
    const secrets = [{ name: 'current', value: known }]
    for (const key of ['value', `${known}\n`, `'${known}'`, Buffer.from(known).toString('hex')]) {
      const { message, cause } = withSignature(signedAs(content, key), { secrets })
      expect(cause).not.toBe('unknown')
      expect(message).not.toMatch(/my_|very|value/)
    }
  })

  it('of base64 was used as text, with its prefix or without', () => {
    const text = Buffer.alloc(24, 5).toString('base64')
    const secrets = [{ name: 'current', value: `whsec_${text}` }]
    for (const key of [`whsec_${text}`, text]) {
      const headers: Header[] = [
        ['webhook-id', 'm'],
        ['webhook-timestamp', String(nowSeconds)],
        ['webhook-signature', `v1,${hmac(`m.${nowSeconds}.${body}`, key).digest('base64')}`],
      ]
      expect(diagnose({ scheme: standard, headers, secrets }).cause).toBe('secret-decoding')
    }
  })

  it('that fits is another that is known, however many there are', () => {
    const secrets = [
      { name: 'current', value: 'x' },
      { name: 'old', value: 'y', previous: true, valid_until: '2020-01-01T00:00:00Z' },
      { name: 'CRM', value: secret },
    ]
    expect(withSignature(signedAs(content), { secrets })).toMatchObject({
      cause: 'other-secret',
      secretName: 'CRM',
    })
    expect(withSignature(signedAs(content, 'y'), { secrets })).toMatchObject({
      cause: 'previous-secret',
      secretName: 'old',
    })
  })

  it('that travels in the body was another, or was written otherwise', () => {
    const given = (value: unknown): Arrived => ({
      scheme: classic,
      headers: [],
      body: JSON.stringify({ secret: value }),
      secrets: [
        { name: 'current', value: secret },
        { name: 'CRM', value: 'another' },
      ],
    })
    expect(diagnose(given(secret)).ok).toBe(true)
    expect(diagnose(given('another'))).toMatchObject({ cause: 'other-secret', secretName: 'CRM' })
    expect(diagnose(given(`${secret}\n`)).cause).toBe('secret-whitespace')
    expect(diagnose(given(Buffer.from(secret).toString('base64'))).cause).toBe('secret-decoding')
    expect(diagnose(given('nobody’s')).cause).toBe('unknown')
  })
})

describe('two things at once', () => {
  const compact = JSON.stringify(JSON.parse(body))
  const pretty = JSON.stringify(JSON.parse(body), null, 2)
  it.each<[string, Bytes, Bytes | undefined, Bytes]>([
    ['the JSON written again, and signed alone', compact, undefined, pretty],
    [
      'the JSON written again, with a secret that has a line break',
      leadpushContent(compact),
      `${secret}\n`,
      pretty,
    ],
    ['a line break at the end, and the timestamp alone before', `${nowSeconds}.${body}\n`, undefined, body],
    ['the secret decoded, and the body alone', body, Buffer.from(secret, 'base64'), body],
  ])('%s', (_, content, key, arrived) => {
    const { ok, cause, message } = withSignature(signedAs(content, key), { body: arrived })
    expect({ ok, claimed: cause !== 'unknown' }).toEqual({ ok: false, claimed: true })
    expect(message).toMatch(/^The request was signed .+ and (over|with) .+\. \S.+\. \S.+\.$/)
  })

  const newline = (text: string): string => `${text}\n`
  it.each<[string, Cause, Bytes, Bytes]>([
    ['Go’s json.Encoder, which ends with a line break', 'body-trailing-newline', newline(compact), pretty],
    ['Python, and echo', 'body-trailing-newline', newline('{"a": "x", "b": 2}'), '{"a":"x","b":2}'],
    ['Unix line ends, and one at the end', 'body-trailing-newline', '{\n"a":1}\n', '{\r\n"a":1}'],
    ['a byte order mark, and a line break', 'body-trailing-newline', newline(`\ufeff${body}`), body],
    ['an indent, with Windows line ends', 'body-line-endings', pretty.replaceAll('\n', '\r\n'), compact],
    ['written again, and compressed', 'body-trailing-newline', newline(body), gzipSync(body)],
  ])('in the body: %s', (_, cause, signed, arrived) => {
    const headers = leadpushHeaders(signedAs(leadpushContent(signed)))
    const coded: Header[] = typeof arrived === 'string' ? headers : [['Content-Encoding', 'gzip'], ...headers]
    expect(diagnose({ headers: coded, body: arrived })).toMatchObject({ ok: false, cause })
  })

  it.each<[string, Bytes, Bytes?, string?]>([
    ['a line break at the end', `${nowSeconds}000.delivery-1.${body}\n`],
    ['an empty body', `${nowSeconds}000.delivery-1.`],
    ['another algorithm', `${nowSeconds}000.delivery-1.${body}`, secret, 'sha1'],
    ['a line break in the secret', `${nowSeconds}000.delivery-1.${body}`, `${secret}\n`],
  ])('the timestamp in milliseconds, and %s', (_, content, key, algorithm) => {
    const { cause, message } = withSignature(signedAs(content, key, algorithm))
    expect(cause).not.toBe('unknown')
    expect(message).toContain('in milliseconds')
  })

  it('with another algorithm too', () => {
    expect(withSignature(signedAs(body, secret, 'sha1')).message).toContain('HMAC-SHA1')
  })

  it('but not three', () => {
    const content = signedAs(compact, `${secret}\n`, 'sha1')
    expect(withSignature(content, { body: pretty }).cause).toBe('unknown')
  })
})

describe('the doctor', () => {
  it('claims nothing for signatures that nobody here made', () => {
    for (const scheme of [leadpush, leadhub, leadnest])
      for (let at = 0; at < 5; at += 1) {
        const noise = createHash('sha256').update(`${at}`).digest('hex')
        const headers: Header[] = [
          ...leadpushHeaders(`sha256=${noise}`),
          ['X-LeadHub-Signature', `sha256=${noise}`],
          ['X-LeadNest-Signature', noise],
        ]
        expect(diagnose({ scheme, headers })).toMatchObject({ ok: false, cause: 'unknown', difference: null })
      }
  })

  it('stops where it may not go on, and says so', () => {
    const headers = leadpushHeaders(signedAs(body))
    const effort = new Effort(20_000)
    const { cause, message } = diagnose({ headers, effort })
    expect(cause).toBe('unknown')
    expect(message).toMatch(/^Not everything was tried/)
    expect(effort.isOver).toBe(true)
    expect(effort.spent).toBeLessThanOrEqual(20_000)
    expect(diagnose({ headers }).cause).toBe('content-layout')
  })

  it('tries a body of 64 KiB in full, and at least the bytes of a large one', () => {
    const large = (size: number): string => JSON.stringify({ text: 'x'.repeat(size) })
    for (const size of [64 * 1024, 1024 * 1024, 8 * 1024 * 1024]) {
      expect(effortFor(Buffer.alloc(size))).toBeGreaterThan(size * 8)
      expect(overBody(`${large(size)}\n`, large(size)).cause).toBe('body-trailing-newline')
    }
    expect(overBody(large(64 * 1024).replace(':', ': '), large(64 * 1024)).cause).toBe('body-reserialized')
  })

  it('leaves something for every kind of cause with a body of 1 MiB', () => {
    const item = { name: 'Zoë', text: 'a longer text, to fill it up' }
    const json = JSON.stringify({ list: Array.from({ length: 12_000 }, (_, id) => ({ id, ...item })) })
    expect(json.length).toBeGreaterThan(700_000)
    const causeOf = (signature: string) => withSignature(`sha256=${signature}`, { body: json }).cause
    expect(causeOf(hex(json))).toBe('content-layout')
    expect(causeOf(hex(leadpushContent(json), secret, 'sha1'))).toBe('algorithm')
    expect(causeOf(hex(leadpushContent(json), `${secret}\n`))).toBe('secret-whitespace')
    const indented = JSON.stringify(JSON.parse(json), null, 2)
    expect(causeOf(hex(leadpushContent(indented)))).toBe('body-reserialized')
    expect(withSignature(signedAs('x'), { body: json }).message).toMatch(/^Not everything was tried/)
  })

  it.each<[string, string, Header[]]>([
    ['line breaks', `${'\n'.repeat(2_000_000)}x`, []],
    ['carriage returns', `${'\r'.repeat(2_000_000)}x`, []],
    ['spaces', ' '.repeat(2_000_000), []],
    ['quotes', '"'.repeat(1_000_000), []],
    ['brackets', '['.repeat(1_000_000), []],
    ['digits', `[${'1'.repeat(1_000_000)}]`, []],
    ['codings', 'x', [['Content-Encoding', 'gzip, '.repeat(2000)]]],
  ])('isn’t held up by a body or header of nothing but %s', (_, arrived, more) => {
    const headers = [...more, ...leadpushHeaders(`sha256=${'ab'.repeat(32)}`)]
    expect(diagnose({ headers, body: arrived }).cause).toBe('unknown')
  })

  it('isn’t held up by thousands of signatures in one header', () => {
    const noise = (at: number): string => createHash('sha256').update(`${at}`).digest('base64')
    const many = Array.from({ length: 3000 }, (_, at) => `v1,${noise(at)}`).join(' ')
    const headers: Header[] = [
      ['webhook-id', 'm'],
      ['webhook-timestamp', String(nowSeconds)],
      ['webhook-signature', many],
    ]
    const secrets = [{ name: 'current', value: `whsec_${Buffer.alloc(24, 7).toString('base64')}` }]
    expect(diagnose({ scheme: standard, headers, secrets }).cause).toBe('unknown')
  })

  it('works for schemes of one’s own', () => {
    const scheme = signatureSchemeSchema.parse({ header: 'X-Own', algorithm: 'sha1', encoding: 'base64' })
    const headers = (signature: string): Header[] => [['X-Own', signature]]
    expect(diagnose({ scheme, headers: headers(hmac(body, secret, 'sha1').digest('hex')) }).cause).toBe(
      'signature-encoding',
    )
    expect(diagnose({ scheme, headers: headers(hmac(body, secret).digest('base64')) }).cause).toBe(
      'algorithm',
    )
  })
})

import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import type { RequestFormat } from '../../../src-shared/api/contract/transfer.ts'
import { startTestHost, type TestHost } from '../../support/test-host.ts'
import { refusal } from './configured.ts'

/** A capture of this request; `{length}` in it is its body's. */
async function captured(host: TestHost, head: string, body: string | Buffer = ''): Promise<string> {
  const bytes = Buffer.from(body as string)
  const raw = Buffer.concat([
    Buffer.from(`${head}\r\nHost: 127.0.0.1:4848\r\nContent-Length: ${bytes.length}\r\n\r\n`, 'latin1'),
    bytes,
  ])
  const requests = [{ raw_base64: raw.toString('base64') }]
  const { items } = await host.call('captures.import', { endpoint: 'inbox', requests })
  return items[0]?.id ?? ''
}

async function exported(host: TestHost, id: string, format: RequestFormat): Promise<string> {
  const { bytes } = await host.call('captures.export', { id, format, include_secrets: true })
  return Buffer.from(bytes).toString('utf8')
}

const url = 'http://127.0.0.1:4848/in/x?a=1&a=%20b&c'
const head = [
  'POST /in/x?a=1&a=%20b&c HTTP/1.1',
  'Content-Type: application/json',
  'X-Twice: 1',
  'X-Twice: 2',
  'X-Empty:',
  'Connection: close, X-Gone',
  'X-Gone: with the connection',
].join('\r\n')

describe('a capture as .http file', () => {
  it('has what was sent, without what the editor makes itself', async () => {
    const host = await startTestHost({ dispatch: false })
    const id = await captured(host, head, '{"name":"é😀",\n  "list": [\n\n-1]}')
    expect(await exported(host, id, 'http-file')).toBe(
      `### POST ${url}\n` +
        `POST ${url} HTTP/1.1\n` +
        'Content-Type: application/json\nX-Twice: 1\nX-Twice: 2\nX-Empty:\n' +
        '\n{"name":"é😀",\n  "list": [\n\n-1]}\n',
    )
  })

  it('has no body where there was none', async () => {
    const host = await startTestHost({ dispatch: false })
    const id = await captured(host, 'DELETE /in/x HTTP/1.1\r\nX-A: b')
    expect(await exported(host, id, 'http-file')).toMatch(/HTTP\/1\.1\nX-A: b\n$/)
  })

  it.each(['{"a":1}\n', '\n{"a":1}', '{\r\n"a":1}', '{"a":1}  '])(
    'says that %j may be changed on its way',
    async (body) => {
      const host = await startTestHost({ dispatch: false })
      expect(await exported(host, await captured(host, head, body), 'http-file')).toMatch(
        /^# Line breaks .* may change/m,
      )
    },
  )

  it.each([
    ['###\nGET http://other.example/', 'instruction'],
    ['< /etc/passwd', 'instruction'],
    ['<@latin1 ./file', 'instruction'],
    ['a\n> {% client.log(1) %}', 'instruction'],
    ['a\n>>! ./file', 'instruction'],
    ['a\n  ?? js require("fs")', 'instruction'],
    ['# @loop while true', 'instruction'],
    ['// @no-log', 'instruction'],
    ['@host = other.example', 'instruction'],
    ['HTTP/1.1 200 OK', 'instruction'],
    ['Dear all,\nPOST http://127.0.0.1:9/evil\nbye', 'line 2'],
    ['  DELETE /x', 'instruction'],
    ['{"a":1,\nGET http://127.0.0.1:9/\n}', 'line 2'],
    ['WS ws://127.0.0.1:9', 'instruction'],
    ['GRPC 127.0.0.1/x', 'instruction'],
    ['MQTT mqtt://127.0.0.1:9', 'instruction'],
    ['a\nPUT the kettle on', '("PUT the kettle on")'],
    ['&a=b', 'instruction'],
    ['...variable', 'instruction'],
    ['query { everything }', 'instruction'],
    ['a\r> {% 1 %}', 'instruction'],
    ['{"a":"{{ process.exit() }}"}', '{{'],
    [Buffer.from([0xff, 0]), 'no UTF-8 text'],
  ])('lets no body run or read anything: %j is refused', async (body, reason) => {
    const host = await startTestHost({ dispatch: false })
    const id = await captured(host, head, body)
    const { message } = await refusal(exported(host, id, 'http-file'))
    expect(message).toContain(reason)
    expect(message).toContain('Export it as cURL or raw HTTP.')
  })

  it.each([
    '(see below)',
    '* item 1',
    '$100 due',
    'Ünïcode first line',
    'Getting better',
    '-1.5',
    '<a>b</a>',
    'GET',
  ])('takes harmless text as it is: %s', async (body) => {
    const host = await startTestHost({ dispatch: false })
    expect(await exported(host, await captured(host, head, body), 'http-file')).toContain(`\n\n${body}\n`)
  })

  it.each([
    'AWS a b token:c region:us-east-1 service:x',
    'Basic user pass',
    'Digest user pass',
    'openid client x',
  ])('lets no Authorization be computed: %s', async (value) => {
    const host = await startTestHost({ dispatch: false })
    const id = await captured(host, `${head}\r\nAuthorization: ${value}`, '{}')
    expect((await refusal(exported(host, id, 'http-file'))).message).toContain('Authorization')
  })

  it('keeps an Authorization that is whole, and says what becomes of cookies', async () => {
    const host = await startTestHost({ dispatch: false })
    const lines = 'Authorization: Basic dXNlcjpwYXNz\r\nCookie: a=b; c=d'
    const text = await exported(host, await captured(host, `${head}\r\n${lines}`, '{}'), 'http-file')
    expect(text).toContain('Authorization: Basic dXNlcjpwYXNz\nCookie: a=b; c=d\n')
    expect(text).toContain('# Some editors send the first cookie only.')
  })

  it.each(['OPTIONS *', 'GET /b\\c'])('refuses a target that nobody would send so: %s', async (line) => {
    const host = await startTestHost({ dispatch: false })
    const id = await captured(host, `${line} HTTP/1.1`)
    for (const format of ['http-file', 'postman'] as const)
      expect((await refusal(exported(host, id, format))).message).toContain('unusual')
  })

  it.each(['/a/../b', '/100%/q', "/a?x='", '/a"b', '/a?{x}"', '/./'])(
    'refuses a target that editors would change: %s',
    async (target) => {
      const host = await startTestHost({ dispatch: false })
      const id = await captured(host, `GET ${target} HTTP/1.1`)
      expect((await refusal(exported(host, id, 'http-file'))).message).toContain('change its URL')
      expect(JSON.parse(await exported(host, id, 'postman'))).toMatchObject({
        item: [{ request: { method: 'GET' } }],
      })
    },
  )

  it.each(['PURGE', 'LINK'])('refuses a method that editors don’t know: %s', async (method) => {
    const host = await startTestHost({ dispatch: false })
    const id = await captured(host, `${method} /x HTTP/1.1`)
    expect((await refusal(exported(host, id, 'http-file'))).message).toContain(method)
  })

  it.each(['#', '###', '...`x`', '!x', '&x'])('nor a header called %s', async (name) => {
    const host = await startTestHost({ dispatch: false })
    const id = await captured(host, `${head}\r\n${name}: y`, '{}')
    expect((await refusal(exported(host, id, 'http-file'))).message).toContain('unusual name')
  })

  it('nor a header’s value or an address with {{ in it', async () => {
    const host = await startTestHost({ dispatch: false })
    for (const first of [
      `${head}\r\nX-V: {{1}}`,
      head.replace('/in/x', '/in/{{x}}'),
      head.replace('c HTTP', '{{c HTTP'),
    ])
      for (const format of ['http-file', 'postman'] as const)
        expect((await refusal(exported(host, await captured(host, first), format))).message).toContain('{{')
  })
})

const pair = z.strictObject({ key: z.string(), value: z.string() })
const requestSchema = z.strictObject({
  method: z.string(),
  header: z.array(pair),
  url: z.strictObject({
    raw: z.url(),
    protocol: z.string(),
    host: z.array(z.string()),
    port: z.string().optional(),
    path: z.array(z.string()),
    query: z.array(z.strictObject({ key: z.string(), value: z.string().nullable() })).optional(),
  }),
  body: z
    .strictObject({
      mode: z.literal('raw'),
      raw: z.string(),
      options: z.strictObject({ raw: z.strictObject({ language: z.string() }) }).optional(),
    })
    .optional(),
})

/** Collection v2.1.0, the parts that are used, strictly. */
const collectionSchema = z.strictObject({
  info: z.strictObject({
    name: z.string(),
    description: z.string().optional(),
    schema: z.literal('https://schema.getpostman.com/json/collection/v2.1.0/collection.json'),
  }),
  item: z
    .array(
      z.strictObject({
        name: z.string(),
        request: requestSchema,
        protocolProfileBehavior: z.record(z.string(), z.boolean()),
        response: z.array(
          z.strictObject({
            name: z.string(),
            originalRequest: requestSchema,
            code: z.number().int(),
            responseTime: z.number(),
            header: z.array(pair),
            cookie: z.array(z.never()),
            _postman_previewlanguage: z.string(),
            body: z.string().optional(),
          }),
        ),
      }),
    )
    .length(1),
})

async function collection(host: TestHost, id: string) {
  const [item] = collectionSchema.parse(JSON.parse(await exported(host, id, 'postman'))).item
  if (item === undefined) throw new Error('unreachable')
  return item
}

describe('a capture as Postman collection', () => {
  it('has the request as it was, and its answer', async () => {
    const host = await startTestHost({ dispatch: false })
    const { request, response } = await collection(host, await captured(host, head, '{"a":1}\r\n'))
    expect(request).toEqual({
      method: 'POST',
      header: [
        { key: 'Content-Type', value: 'application/json' },
        { key: 'X-Twice', value: '1' },
        { key: 'X-Twice', value: '2' },
        { key: 'X-Empty', value: '' },
      ],
      url: {
        raw: url,
        protocol: 'http',
        host: ['127', '0', '0', '1'],
        port: '4848',
        path: ['in', 'x'],
        query: [
          { key: 'a', value: '1' },
          { key: 'a', value: '%20b' },
          { key: 'c', value: null },
        ],
      },
      body: { mode: 'raw', raw: '{"a":1}\r\n', options: { raw: { language: 'json' } } },
    })
    expect(response).toMatchObject([{ originalRequest: request }])
  })

  it('keeps an IPv6 address whole, and has no body where there was none', async () => {
    const host = await startTestHost({ dispatch: false })
    const raw = 'GET /a//b/ HTTP/1.1\r\nHost: [::1]:8080\r\n\r\n'
    const requests = [{ raw_base64: Buffer.from(raw).toString('base64') }]
    const { items } = await host.call('captures.import', { endpoint: 'inbox', requests })
    const { request } = await collection(host, items[0]?.id ?? '')
    expect(request.url).toMatchObject({ host: ['[::1]'], port: '8080', path: ['a', '', 'b', ''] })
    expect(request).not.toHaveProperty('body')
  })

  it('names no language for a body without a type: Postman would send one', async () => {
    const host = await startTestHost({ dispatch: false })
    const { request } = await collection(host, await captured(host, 'POST /x HTTP/1.1', '{"x":1}'))
    expect(request.body).toEqual({ mode: 'raw', raw: '{"x":1}' })
  })

  it('refuses a body that is no text', async () => {
    const host = await startTestHost({ dispatch: false })
    const id = await captured(host, head, Buffer.from([0xff]))
    expect((await refusal(exported(host, id, 'postman'))).message).toContain('no UTF-8 text')
  })
})

import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { requestsOfHar } from '../../../src-main/engine/transfer/har-requests.ts'
import { requestFormats } from '../../../src-shared/api/contract/transfer.ts'
import type { OperationInput } from '../../../src-shared/api/contract.ts'
import type { CaptureView } from '../../../src-shared/model/capture.ts'
import { raiseOne, setUp } from '../../support/builders.ts'
import { startTestHost, type TestHost } from '../../support/test-host.ts'
import { startTestReceiver } from '../../support/test-receiver.ts'
import { refusal } from './configured.ts'

type CaptureInput = Partial<OperationInput<'captures.export'>>

async function capture(host: TestHost, raw: string | Buffer, endpoint = 'inbox'): Promise<string> {
  const raw_base64 = Buffer.from(raw as string, 'latin1').toString('base64')
  const { items } = await host.call('captures.import', { endpoint, requests: [{ raw_base64 }] })
  return items[0]?.id ?? ''
}

async function exportCapture({ call }: TestHost, id: string, input: CaptureInput): Promise<Buffer> {
  return Buffer.from((await call('captures.export', { ...input, id })).bytes)
}

async function exportDelivery({ call }: TestHost, id: string, input: CaptureInput): Promise<Buffer> {
  return Buffer.from((await call('deliveries.export', { ...input, id })).bytes)
}

/** HAR 1.2, the parts that the specification wants, strictly. */
const text = z.string()
const size = z.number().int().min(-1)
const named = z.array(z.strictObject({ name: text, value: text }))
const comment = { comment: text.optional() }
const harSchema = z.strictObject({
  log: z.strictObject({
    version: z.literal('1.2'),
    creator: z.strictObject({ name: text, version: text }),
    ...comment,
    entries: z
      .array(
        z.strictObject({
          startedDateTime: z.iso.datetime(),
          time: z.number().min(0),
          request: z.strictObject({
            method: text,
            url: z.url(),
            httpVersion: text,
            cookies: z.array(z.never()),
            headers: named,
            queryString: named,
            postData: z
              .strictObject({
                mimeType: text,
                params: z.array(z.never()),
                text,
                encoding: z.literal('base64').optional(),
                ...comment,
              })
              .optional(),
            headersSize: size,
            bodySize: size,
          }),
          response: z.strictObject({
            status: z.number().int(),
            statusText: text,
            httpVersion: text,
            cookies: z.array(z.never()),
            headers: named,
            content: z.strictObject({
              size,
              mimeType: text,
              text: text.optional(),
              encoding: text.optional(),
              ...comment,
            }),
            redirectURL: text,
            headersSize: size,
            bodySize: size,
            ...comment,
          }),
          cache: z.strictObject({}),
          timings: z.strictObject({ send: z.number(), wait: z.number(), receive: z.number() }),
          ...comment,
        }),
      )
      .length(1),
  }),
})

function harOf(bytes: Buffer) {
  const har = harSchema.parse(JSON.parse(bytes.toString('utf8')))
  const entry = har.log.entries[0]
  if (entry === undefined) throw new Error('unreachable')
  return entry
}

const secretHeaders = [
  'X-Leadpush-Signature: sha256=5f5f5f5f5f',
  'Authorization: Bearer auth-token-1',
  'Proxy-Authorization: Basic cHJveHk=',
  'Cookie: sid=cookie-value-2',
  'X-Api-Key: api-key-3',
  'Stripe-Signature: t=1,v1=stripe-sign-4',
]
const signed = `POST /in/x?token=query-token-5&page=2 HTTP/1.1\r\nHost: h.example\r\n${secretHeaders.join('\r\n')}\r\nX-Plain: plain\r\nContent-Length: 2\r\n\r\n{}`
const secrets = [
  '5f5f5f5f5f',
  'auth-token-1',
  'cHJveHk',
  'cookie-value-2',
  'api-key-3',
  'stripe-sign-4',
  'query-token-5',
]

describe('export of a capture', () => {
  it.each(requestFormats)('abuse 38: masks signatures and credentials as %s, and says so', async (format) => {
    const host = await startTestHost({ dispatch: false })
    const id = await capture(host, signed)
    const masked = (await exportCapture(host, id, { format })).toString('latin1')
    for (const secret of secrets) expect(masked).not.toContain(secret)
    expect(masked).toMatch(/Masked by Hookbench.*not the bytes that were sent/)
    expect(masked).toContain('plain')
    const whole = (await exportCapture(host, id, { format, include_secrets: true })).toString('latin1')
    for (const secret of secrets) expect(whole).toContain(secret)
    expect(whole).not.toContain('Masked')
  })

  it('says nothing of masking where nothing is masked', async () => {
    const host = await startTestHost({ dispatch: false })
    const raw = 'GET /a HTTP/1.1\r\nHost: x\r\nX-A: b\r\n\r\n'
    const id = await capture(host, raw)
    expect((await exportCapture(host, id, { format: 'http' })).toString('latin1')).toBe(raw)
    expect((await exportCapture(host, id, {})).toString('utf8')).toMatch(/^curl /)
  })

  it.each([
    ['plain', signed],
    [
      'binary',
      Buffer.concat([
        Buffer.from('PUT /\xe9?\xff HTTP/1.0\r\nx-B: \xe9\r\nX-b:\r\nContent-Length: 4\r\n\r\n', 'latin1'),
        Buffer.from([0, 255, 13, 10]),
      ]),
    ],
    [
      'chunked with trailers',
      'POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\nX-T: 1\r\n\r\n',
    ],
    ['with a method that looks like a remark', '# /x HTTP/1.1\r\nHost: x\r\n\r\n'],
  ])('as raw HTTP comes back as an equal capture: %s', async (_what, raw) => {
    const host = await startTestHost({ dispatch: false })
    const id = await capture(host, typeof raw === 'string' ? raw : raw.toString('latin1'))
    const bytes = await exportCapture(host, id, { format: 'http', include_secrets: true })
    const again = await capture(host, bytes.toString('latin1'))
    const comparable = async (which: string): Promise<Partial<CaptureView>> => {
      const {
        id: _id,
        received_at: _at,
        duplicate_of: _duplicate,
        same_delivery: _same,
        ...rest
      } = await host.call('captures.get', { id: which })
      return rest
    }
    expect(await comparable(again)).toEqual(await comparable(id))
    // A masked one is read too: its remark is no part of the request.
    await capture(host, (await exportCapture(host, id, { format: 'http' })).toString('latin1'))
  })

  it('as HAR 1.2 has text as text and other bytes as base64', async () => {
    const host = await startTestHost({ dispatch: false })
    const id = await capture(host, signed)
    const entry = harOf(await exportCapture(host, id, { format: 'har', include_secrets: true }))
    expect(entry.request).toMatchObject({
      method: 'POST',
      url: 'http://h.example/in/x?token=query-token-5&page=2',
      queryString: [
        { name: 'token', value: 'query-token-5' },
        { name: 'page', value: '2' },
      ],
      postData: { text: '{}' },
      bodySize: 2,
    })
    expect(entry.response.status).toBe(200)
    const binary = await capture(host, 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n\xff\x00')
    const { postData } = harOf(await exportCapture(host, binary, { format: 'har' })).request
    expect(postData).toMatchObject({ text: '/wA=', encoding: 'base64' })
    expect(postData?.comment).toContain('base64')
    expect(harOf(await exportCapture(host, id, { format: 'har' })).comment).toContain('Masked by Hookbench')
  })

  it('as HAR comes back as an equal request', async () => {
    const host = await startTestHost({ dispatch: false })
    const raw = signed.replace('\r\n\r\n{}', '\r\n\r\nhi')
    const id = await capture(host, raw)
    const [again] = requestsOfHar(await exportCapture(host, id, { format: 'har', include_secrets: true }))
    expect(again?.toString('latin1')).toBe(raw)
  })

  it("masks a secret that travels in the body, as breakcold-classic's does", async () => {
    const host = await startTestHost({ dispatch: false })
    await host.call('endpoints.create', {
      name: 'classic',
      provider: 'breakcold-classic',
      secrets: [{ name: 's', value: 'wh_body-secret' }],
    })
    const body = '{"event":"lead.create","secret":"wh_body-secret"}'
    const id = await capture(
      host,
      `POST / HTTP/1.1\r\nHost: x\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
      'classic',
    )
    for (const format of requestFormats) {
      const shown = (await exportCapture(host, id, { format })).toString('utf8')
      expect(shown).not.toContain('body-secret')
      expect(shown).toContain('Masked by Hookbench')
      expect((await exportCapture(host, id, { format, include_secrets: true })).toString('utf8')).toContain(
        'body-secret',
      )
    }
  })

  it('is refused for one that is not there', async () => {
    const host = await startTestHost({ dispatch: false })
    const id = '01890000-0000-7000-8000-000000000001'
    expect((await refusal(exportCapture(host, id, {}))).code).toBe('capture_not_found')
    expect((await refusal(exportDelivery(host, id, {}))).code).toBe('delivery_not_found')
  })
})

describe('export of a delivery', () => {
  it('has the last request as it was sent, and the answer', async () => {
    await using receiver = await startTestReceiver()
    const host = await startTestHost()
    const { workspaceId } = await setUp(host, 'leadpush', { url_template: `${receiver.url}/a/../b?x=[1]#f` })
    const id = await raiseOne(host, { workspace_id: workspaceId, type: 'contact.created' })
    await host.until(id, 'succeeded')
    const http = (await exportDelivery(host, id, { format: 'http', include_secrets: true })).toString(
      'latin1',
    )
    const { request } = await host.call('deliveries.get', { id })
    expect(http).toMatch(/^POST \/a\/..\/b\?x=\[1\] HTTP\/1\.1\r\nhost: 127\.0\.0\.1:\d+\r\n/)
    for (const [name, value] of request.headers) expect(http).toContain(`${name}: ${value}\r\n`)
    expect(http.endsWith(Buffer.from(request.body_base64, 'base64').toString('latin1'))).toBe(true)
    const entry = harOf(await exportDelivery(host, id, { format: 'har' }))
    expect(entry.response.status).toBe(200)
    expect(JSON.stringify(entry)).not.toMatch(/sha256=[0-9a-f]/)
    expect((await exportDelivery(host, id, { format: 'curl' })).toString('utf8')).toMatch(
      /^# Masked by Hookbench/,
    )
  })

  it('that was never sent is what would be sent, unsigned, and says so', async () => {
    const host = await startTestHost({ dispatch: false })
    const { workspaceId } = await setUp(host, 'leadpush', { url_template: 'http://127.0.0.1:9/x' })
    const id = await raiseOne(host, { workspace_id: workspaceId, type: 'contact.created' })
    for (const format of requestFormats) {
      const shown = (await exportDelivery(host, id, { format, include_secrets: true })).toString('utf8')
      expect(shown).toContain('not sent yet')
      expect(shown).not.toContain('Leadpush-Signature')
    }
    const http = (await exportDelivery(host, id, { format: 'http' })).toString('utf8')
    await capture(host, http)
  })

  it('of breakcold-classic has the secret in the body only when asked to', async () => {
    await using receiver = await startTestReceiver()
    const host = await startTestHost()
    const { workspaceId, secret } = await setUp(host, 'breakcold-classic', { url_template: receiver.url })
    const id = await raiseOne(host, { workspace_id: workspaceId, type: 'lead.create' })
    await host.until(id, 'succeeded')
    const whole = (await exportDelivery(host, id, { format: 'http', include_secrets: true })).toString('utf8')
    expect(whole.slice(whole.indexOf('\r\n\r\n') + 4)).toBe(receiver.requests[0]?.body.toString('utf8'))
    expect(whole).not.toMatch(/^#/)
    const masked = (await exportDelivery(host, id, { format: 'http' })).toString('utf8')
    expect(masked).not.toContain(secret)
    expect(masked).toContain('Masked by Hookbench')
    await capture(host, masked)
  })
})

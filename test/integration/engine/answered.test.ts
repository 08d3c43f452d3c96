import { describe, expect, it } from 'vitest'
import type { CaptureView } from '../../../src-shared/model/capture.ts'
import type { EndpointView } from '../../../src-shared/model/endpoint.ts'
import { connectRaw, exchangeRaw } from '../../support/raw-client.ts'
import { startTestHost, type TestHost } from '../../support/test-host.ts'
import { capture } from '../storage/records.ts'

const received = () => startTestHost({ capture: { host: '127.0.0.1', port: 0 } })
const portOf = (test: TestHost): number => Number(new URL(test.host.receiver.url ?? '').port)

async function answers(test: TestHost, answer: Partial<EndpointView['answer']>): Promise<void> {
  const { items } = await test.call('endpoints.list', {})
  const inbox = items.find(({ slug }) => slug === 'inbox')
  if (inbox === undefined) throw new Error('there is no inbox')
  await test.call('endpoints.change', { id: inbox.id, answer: { ...inbox.answer, ...answer } })
}

async function answered(test: TestHost): Promise<CaptureView['answered']> {
  const [newest] = (await test.call('captures.list', {})).items
  if (newest === undefined) throw new Error('nothing was captured')
  return (await test.call('captures.get', { id: newest.id })).answered
}

const tooLarge = `POST / HTTP/1.1\r\nContent-Length: 99999999\r\n\r\n${'x'.repeat(70_000)}`
const lengthZero = ['Content-Length', '0']

describe('the answer that a capture keeps', () => {
  it('is the one that was sent, also after a power cut and when the endpoint answers otherwise by then', async () => {
    const test = await received()
    await answers(test, { status: 418, headers: [['X-Tea', 'é']], body: '{"short":"and stöut"}' })
    const response = await exchangeRaw(portOf(test), 'POST / HTTP/1.1\r\nContent-Length: 0\r\n\r\n', /ut"\}$/)
    expect(response).toMatch(/^HTTP\/1.1 418[^]*X-Tea: \xe9\r\nContent-Length: 22\r\n/)
    await answers(test, { status: 200, headers: [], body: '' })
    const expected = {
      status: 418,
      sent: true,
      headers: [
        ['X-Tea', 'é'],
        ['Content-Length', '22'],
      ],
      body: '{"short":"and stöut"}',
      body_bytes: 22,
    }
    expect(await answered(test)).toEqual(expected)
    expect(await answered(await test.afterPowerCut())).toEqual(expected)
  })

  it('is exported with it as HAR, its credentials masked unless asked for', async () => {
    const test = await received()
    const headers: [string, string][] = [
      ['Content-Type', 'text/plain'],
      ['Set-Cookie', 'sid=secret-of-the-answer'],
    ]
    await answers(test, { status: 202, headers, body: 'stöut' })
    await exchangeRaw(portOf(test), 'POST / HTTP/1.1\r\nContent-Length: 0\r\n\r\n', /ut$/)
    const [newest] = (await test.call('captures.list', {})).items
    const responseOf = async (include_secrets: boolean) => {
      const input = { id: newest?.id ?? '', format: 'har' as const, include_secrets }
      const { bytes } = await test.call('captures.export', input)
      return (
        JSON.parse(Buffer.from(bytes).toString('utf8')) as { log: { entries: { response: unknown }[] } }
      ).log.entries[0]?.response
    }
    expect(await responseOf(true)).toMatchObject({
      status: 202,
      headers: [
        { name: 'Content-Type', value: 'text/plain' },
        { name: 'Set-Cookie', value: 'sid=secret-of-the-answer' },
        { name: 'Content-Length', value: '6' },
      ],
      content: { size: 6, mimeType: 'text/plain', text: 'stöut' },
      bodySize: 6,
    })
    expect(JSON.stringify(await responseOf(false))).not.toContain('secret-of-the-answer')
  })

  it('takes next to no room when it is the usual one', async () => {
    const test = await received()
    await exchangeRaw(portOf(test), 'GET / HTTP/1.1\r\n\r\n', /\r\n\r\n$/)
    expect(await answered(test)).toEqual({
      status: 200,
      sent: true,
      headers: [lengthZero],
      body: '',
      body_bytes: 0,
    })
    const [kept] = (await test.host.store.captures({}, { cursor: null, limit: 1 })).items
    expect(kept?.answer).toEqual({})
  })

  it('is in no list, so that lists stay small', async () => {
    const test = await received()
    await answers(test, { body: 'long' })
    await exchangeRaw(portOf(test), 'GET / HTTP/1.1\r\n\r\n', /long$/)
    const [summary] = (await test.call('captures.list', {})).items
    expect(summary?.answered).toEqual({ status: 200 })
  })

  it('has the beginning of a long body, and says how long it was', async () => {
    const test = await received()
    await answers(test, { body: 'ü'.repeat(5000) })
    await exchangeRaw(portOf(test), 'GET / HTTP/1.1\r\n\r\n', /(?:\xc3\xbc){5000}$/)
    expect(await answered(test)).toMatchObject({ body: 'ü'.repeat(2048), body_bytes: 10_000 })
  })

  it.each([
    ['HEAD', 200, [['Content-Length', '4']]],
    ['GET', 204, []],
    ['GET', 304, []],
  ] as const)('has no body where none is sent: %s, %i', async (method, status, headers) => {
    const test = await received()
    await answers(test, { status, body: 'body' })
    await exchangeRaw(portOf(test), `${method} / HTTP/1.1\r\n\r\n`, /\r\n\r\n$/)
    expect(await answered(test)).toEqual({ status, sent: true, headers, body: '', body_bytes: 0 })
  })

  it.each([
    ['a body beyond the limit', tooLarge, 413, /is larger than/],
    ['headers beyond the limit', `GET / HTTP/1.1\r\nX: ${'x'.repeat(70_000)}\r\n\r\n`, 431, /64 KiB/],
    ['no HTTP at all', 'nonsense\r\n\r\n', 400, /known HTTP method/],
  ])("is the receiver's own for %s", async (_name, request, status, sentence) => {
    const test = await received()
    await answers(test, { status: 201, body: 'never this' })
    const client = await connectRaw(portOf(test))
    await client.send(request)
    const response = await client.closed()
    const shown = await answered(test)
    expect(shown).toMatchObject({ status, sent: true, body: expect.stringMatching(sentence) as string })
    expect(response).toContain(`HTTP/1.1 ${status} `)
    for (const [name, value] of shown.headers ?? []) expect(response).toContain(`${name}: ${value}\r\n`)
    expect(response.endsWith(`\r\n\r\n${shown.body}`)).toBe(true)
  })

  it('is none when the sender went away, or the request was imported', async () => {
    const test = await received()
    const client = await connectRaw(portOf(test))
    await client.send('POST / HTTP/1.1\r\nContent-Length: 9\r\n\r\nab')
    client.socket.resetAndDestroy()
    await test.untilEvent((event) => event.kind === 'capture')
    expect(await answered(test)).toEqual({ status: 408, sent: false })
    const raw = Buffer.from('GET / HTTP/1.1\r\nHost: x\r\n\r\n').toString('base64')
    await test.call('captures.import', { requests: [{ raw_base64: raw }] })
    expect(await answered(test)).toEqual({ status: 200, sent: false })
  })

  it('is only a status in a capture of an earlier version', async () => {
    const test = await received()
    await test.host.store.commit([{ kind: 'capture.insert', capture: capture(1, new Uint8Array()) }])
    expect(await answered(test)).toEqual({ status: 200 })
  })
})

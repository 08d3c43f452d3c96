import { METHODS } from 'node:http'
import { describe, expect, it } from 'vitest'
import { endpointSlug } from '../../../src-main/capture/endpoint-path.ts'
import { connectRaw, exchangeRaw, settle } from '../../support/raw-client.ts'
import { gate, ok, startReceiver, text } from './start-receiver.ts'

describe('a request reaches the handler exactly as it was sent', () => {
  it.each(METHODS)('with method %s', async (method) => {
    const { port, first, captures } = await startReceiver()
    const answer = await exchangeRaw(
      port,
      `${method} a:1 HTTP/1.1\r\n\r\n`.replace('a:1', method === 'CONNECT' ? 'a:1' : '/x'),
    )
    expect(answer).toMatch(/^HTTP\/1.1 200 OK\r\n/)
    expect(await first()).toMatchObject({ method, malformed: null, truncated: false, aborted: false })
    expect(captures).toHaveLength(1)
  })

  it.each([
    '/a%zz',
    '*',
    '/',
    '//x//..%2f',
    'http://example.test/x?y#z',
    `/${'t'.repeat(30_000)}`,
    '/?a[]={}|"\\^`',
  ])('with target %.40s', async (target) => {
    const { port, first } = await startReceiver()
    expect(await exchangeRaw(port, `GET ${target} HTTP/1.1\r\nHost: x\r\n\r\n`)).toMatch(/^HTTP\/1.1 200/)
    expect((await first()).target).toBe(target)
  })

  it.each([
    ['no Host', ''],
    ['two Hosts', 'Host: a\r\nHost: b\r\n'],
    ['an unknown Expect', 'Expect: magic\r\n'],
    ['a broken content type', 'Content-Type: ;;;/\r\n'],
    ['a content coding', 'Content-Encoding: gzip, br\r\n'],
    ['an upgrade', 'Connection: Upgrade\r\nUpgrade: websocket\r\n'],
    ['an h2c upgrade', 'Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AA\r\n'],
    ['3000 headers', 'a: b\r\n'.repeat(3000)],
  ])('with %s', async (_name, headers) => {
    const { port, first } = await startReceiver()
    const answer = await exchangeRaw(port, `POST / HTTP/1.1\r\n${headers}Content-Length: 2\r\n\r\nhi`)
    expect(answer).toMatch(/^HTTP\/1.1 200/)
    const capture = await first()
    expect(capture.headers.map(([n, v]) => `${n}: ${v}\r\n`).join('')).toBe(`${headers}Content-Length: 2\r\n`)
    expect(text(capture.body)).toBe('hi')
  })

  it('keeps headers in order, with case, duplicates and latin-1 bytes', async () => {
    const { port, first } = await startReceiver()
    await exchangeRaw(
      port,
      'GET / HTTP/1.1\r\nx-B: 1\r\nX-a:\xe9\xff\r\nX-b:  2 \r\nEmpty:\r\nCookie: a=b\r\n\r\n',
    )
    expect((await first()).headers).toEqual([
      ['x-B', '1'],
      ['X-a', '\xe9\xff'],
      ['X-b', '2'],
      ['Empty', ''],
      ['Cookie', 'a=b'],
    ])
  })

  it('says when and from where', async () => {
    const clock = { now: () => 1234, monotonicMs: () => 0, after: () => ({ cancel: () => undefined }) }
    const { port, first } = await startReceiver({ clock })
    const client = await connectRaw(port)
    await client.send('GET / HTTP/1.0\r\n\r\n')
    expect(await first()).toMatchObject({
      receivedAtMs: 1234,
      remoteAddress: `127.0.0.1:${client.socket.localPort}`,
      httpVersion: '1.0',
    })
    expect(await client.closed()).toMatch(/^HTTP\/1.1 200/)
  })

  it('joins chunks, drops their extensions and keeps the trailers', async () => {
    const { port, first } = await startReceiver()
    const client = await connectRaw(port)
    await client.send('POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\nTrailer: T\r\n\r\n3;x="y"\r\na\0')
    await client.send('b\r\n2\r\n\r\n\r\n0\r\nT: 1\r\nt: \xe9\r\n\r\n')
    const capture = await first()
    expect(text(capture.body)).toBe('a\0b\r\n')
    expect(capture).toMatchObject({ bodyBytes: 5, truncated: false })
    expect(capture.trailers).toEqual([
      ['T', '1'],
      ['t', '\xe9'],
    ])
  })

  it('answers Expect: 100-continue and reads on', async () => {
    const { port, first } = await startReceiver()
    const client = await connectRaw(port)
    await client.send('POST / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n')
    await client.until(/^HTTP\/1.1 100 Continue\r\n\r\n$/)
    await client.send('hi')
    await client.until(/HTTP\/1.1 200 OK\r\n/)
    expect(text((await first()).body)).toBe('hi')
  })

  it('gathers the declared body of a CONNECT request', async () => {
    const { port, first } = await startReceiver()
    const client = await connectRaw(port)
    await client.send('CONNECT a:443 HTTP/1.1\r\nContent-Length: 5\r\n\r\nab')
    await client.send('cde')
    expect(await client.closed()).toMatch(/^HTTP\/1.1 200 OK\r\n[^]*Connection: close[^]*kept$/)
    expect(await first()).toMatchObject({ target: 'a:443', bodyBytes: 5, truncated: false })
    expect(text((await first()).body)).toBe('abcde')
  })

  it('answers a CONNECT request behind others in its turn', async () => {
    const { port, captured } = await startReceiver()
    const client = await connectRaw(port)
    await client.send('GET / HTTP/1.1\r\n\r\nCONNECT a:443 HTTP/1.1\r\n\r\n')
    expect(await client.closed()).toMatch(/^HTTP\/1.1 200[^]*keptHTTP\/1.1 200[^]*Connection: close[^]*kept$/)
    expect((await captured(2)).map((c) => c.method)).toEqual(['GET', 'CONNECT'])
  })

  it('masks the login cookie of the web UI', async () => {
    const { port, first } = await startReceiver({ maskCookie: /^hookbench_\d+$/ })
    await exchangeRaw(port, 'GET / HTTP/1.1\r\ncookie: a=1; hookbench_4747=secret; b=2\r\n\r\n')
    expect((await first()).headers).toEqual([['cookie', 'a=1; hookbench_4747=***; b=2']])
  })
})

describe('fault 36: bodies are bytes', () => {
  const everyByte = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte))
  it.each([
    ['binary', everyByte, 'application/octet-stream'],
    ['invalid UTF-8', Buffer.from([0xc3, 0x28, 0xff, 0xfe]), 'application/json; charset=utf-8'],
    ['the wrong charset', Buffer.from('é', 'utf16le'), 'text/plain; charset=us-ascii'],
    ['empty', Buffer.alloc(0), 'application/json'],
  ])('%s', async (_name, body, type) => {
    const { port, first } = await startReceiver()
    const head = `POST / HTTP/1.1\r\nContent-Type: ${type}\r\nContent-Length: ${body.length}\r\n\r\n`
    await exchangeRaw(port, Buffer.concat([Buffer.from(head), body]))
    expect(Buffer.from((await first()).body).equals(body)).toBe(true)
  })
})

describe('several requests on a connection', () => {
  it('keeps it alive', async () => {
    const { port, captured } = await startReceiver()
    const client = await connectRaw(port)
    await client.send('GET /1 HTTP/1.1\r\n\r\n')
    await client.until(/kept$/)
    await client.send('GET /2 HTTP/1.1\r\n\r\n')
    await client.until(/kept[^]*kept$/)
    expect((await captured(2)).map((c) => c.target)).toEqual(['/1', '/2'])
  })

  it('answers pipelined ones in order, whichever is handled first', async () => {
    const later = gate()
    const { port, captured } = await startReceiver({}, async ({ target }) => {
      if (target === '/1') await later.opened
      return { ...ok, body: Buffer.from(target) }
    })
    const client = await connectRaw(port)
    await client.send(
      'GET /1 HTTP/1.1\r\n\r\nPOST /2 HTTP/1.1\r\nContent-Length: 1\r\n\r\nxGET /3 HTTP/1.1\r\n\r\n',
    )
    await captured(3)
    expect(client.received).toBe('')
    later.open()
    expect((await client.until(/\/3$/)).match(/\r\n\r\n\/\d/g)).toEqual([
      '\r\n\r\n/1',
      '\r\n\r\n/2',
      '\r\n\r\n/3',
    ])
  })

  it('takes 5000 pipelined ones', async () => {
    const { port, captured } = await startReceiver()
    const client = await connectRaw(port)
    await client.send(`${'GET /1 HTTP/1.1\r\n\r\n'.repeat(4999)}GET /1 HTTP/1.0\r\n\r\n`)
    await captured(5000)
    expect((await client.closed()).match(/kept/g)).toHaveLength(5000)
  })

  it('answers a sender that has closed its side already', async () => {
    const kept = gate()
    const { port, first } = await startReceiver({}, async () => {
      await kept.opened
      return ok
    })
    const client = await connectRaw(port, { halfOpen: true })
    client.socket.end('GET / HTTP/1.1\r\n\r\n')
    await first()
    await settle()
    kept.open()
    expect(await client.closed()).toMatch(/^HTTP\/1.1 200[^]*kept$/)
  })
})

it('abuse 15: paths of the API and the UI are captured, never served', async () => {
  const { port, captured } = await startReceiver()
  const paths = [
    '/api/v1/settings',
    '/api/v1/openapi.json',
    '/',
    '/index.html',
    '/assets/../../etc/passwd',
    '/login?t=1',
  ]
  for (const path of paths) {
    const answer = await exchangeRaw(port, `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:4747\r\n\r\n`, /kept$/)
    expect(answer).toMatch(/^HTTP\/1.1 200 OK\r\nContent-Type: text\/plain\r\nContent-Length: 4\r\n/)
  }
  const captures = await captured(paths.length)
  expect(captures.map((c) => c.target)).toEqual(paths)
  expect(captures.map((c) => endpointSlug(c.target))).toEqual(paths.map(() => null))
})

import { describe, expect, it } from 'vitest'
import { always, answer, startRawReceiver } from '../../support/raw-receiver.ts'
import { outgoing, realSender, text } from '../../support/raw-receiver-sender.ts'

const headers = [
  ['X-Zeta', '1'],
  ['Content-Type', 'application/json; charset=utf-8'],
  ['x-lower', 'a'],
  ['X-ALPHA', 'b'],
  ['X-Zeta', '2'],
  ['X-Bytes', 'caf\u00e9'],
] as const

const headerLines =
  'X-Zeta: 1\r\nContent-Type: application/json; charset=utf-8\r\nx-lower: a\r\nX-ALPHA: b\r\nX-Zeta: 2\r\nX-Bytes: caf\u00e9\r\n'

describe('the sender on the wire', () => {
  it('sends a POST byte for byte, with headers in their order and case', async () => {
    await using receiver = await startRawReceiver(always(answer('200 OK', 'done')))
    await using sender = realSender()
    const body = new Uint8Array([0, 255, 13, 10, 65])
    const outcome = await sender.send(outgoing(`${receiver.url}/a/../b//%7e?q=1&q=/..`, { headers, body }))
    const host = `127.0.0.1:${receiver.port}`
    expect(receiver.requests[0]?.toString('latin1')).toBe(
      `POST /a/../b//%7e?q=1&q=/.. HTTP/1.1\r\nhost: ${host}\r\nconnection: keep-alive\r\n${headerLines}content-length: 5\r\n\r\n\u0000\u00ff\r\nA`,
    )
    expect(outcome.error).toBeNull()
    expect(outcome.response?.status).toBe(200)
    expect(text(outcome.response?.excerpt)).toBe('done')
    expect(outcome.requestHeaders).toEqual([
      ['host', host],
      ['connection', 'keep-alive'],
      ...headers,
      ['content-length', '5'],
    ])
  })

  it('sends a GET byte for byte, without a Content-Length', async () => {
    await using receiver = await startRawReceiver(always(answer('200 OK')))
    await using sender = realSender()
    const { body: _none, ...request } = outgoing(`${receiver.url}?a=b`, { method: 'GET', headers })
    const outcome = await sender.send(request)
    expect(receiver.requests[0]?.toString('latin1')).toBe(
      `GET /?a=b HTTP/1.1\r\nhost: 127.0.0.1:${receiver.port}\r\nconnection: keep-alive\r\n${headerLines}\r\n`,
    )
    expect(outcome.requestHeaders.some(([name]) => name === 'content-length')).toBe(false)
  })

  it.each(['POST', 'PUT', 'PATCH', 'DELETE', 'GET', 'HEAD', 'OPTIONS', 'PURGE', 'QUERY'])(
    'reports the headers of a %s as they were sent, with, without and with an empty body',
    async (method) => {
      await using receiver = await startRawReceiver(always('HTTP/1.1 204 No Content\r\n\r\n'))
      await using sender = realSender()
      const { body: some, ...without } = outgoing(receiver.url, { method })
      const requests = [
        without,
        { ...without, body: new Uint8Array(0) },
        { ...without, body: some ?? new Uint8Array(2) },
      ]
      for (const request of requests) {
        const outcome = await sender.send(request)
        expect(outcome.error).toBeNull()
        const sent = receiver.requests.at(-1)?.toString('latin1') ?? ''
        const reported = outcome.requestHeaders.map(([name, value]) => `${name}: ${value}\r\n`).join('')
        expect(sent).toBe(
          `${method} / HTTP/1.1\r\n${reported}\r\n${'body' in request ? text(request.body) : ''}`,
        )
      }
      expect(receiver.requests).toHaveLength(3)
    },
  )

  it('uses a connection again, and reports phases on a new one only', async () => {
    await using receiver = await startRawReceiver(always(answer('200 OK', 'x')))
    await using sender = realSender({ resolve: async () => [{ address: '127.0.0.1', family: 4 }] })
    const url = `http://receiver.test:${receiver.port}/`
    const first = await sender.send(outgoing(url))
    const second = await sender.send(outgoing(url))
    expect(receiver.connections).toHaveLength(1)
    expect(first.timings).toMatchObject({
      dnsMs: expect.any(Number),
      connectMs: expect.any(Number),
      tlsMs: null,
    })
    expect(first.timings.firstByteMs).toBeGreaterThanOrEqual(0)
    expect(first.timings.totalMs).toBeGreaterThanOrEqual(first.timings.firstByteMs ?? 0)
    expect(second.timings).toMatchObject({
      dnsMs: null,
      connectMs: null,
      tlsMs: null,
      firstByteMs: expect.any(Number),
    })
    expect(receiver.requests[0]?.toString()).toContain(`host: receiver.test:${receiver.port}\r\n`)
  })

  it('has no DNS phase for an address', async () => {
    await using receiver = await startRawReceiver(always(answer('200 OK')))
    await using sender = realSender({ resolve: () => Promise.reject(new Error('must not be asked')) })
    const outcome = await sender.send(outgoing(receiver.url))
    expect(outcome.timings).toMatchObject({ dnsMs: null, connectMs: expect.any(Number) })
  })

  it('makes at most the allowed number of connections; the others wait their turn', async () => {
    let open = 0
    let most = 0
    await using receiver = await startRawReceiver(async (connection) => {
      for (;;) {
        await connection.nextRequest()
        most = Math.max(most, ++open)
        setTimeout(() => {
          open--
          connection.socket.write(answer('200 OK'))
        }, 2)
      }
    })
    await using sender = realSender({ maxConnectionsPerOrigin: 3 })
    const outcomes = await Promise.all(Array.from({ length: 20 }, () => sender.send(outgoing(receiver.url))))
    expect(outcomes.every((outcome) => outcome.response?.status === 200)).toBe(true)
    expect(receiver.connections).toHaveLength(3)
    expect(most).toBe(3)
  })

  it('opens a new connection when the receiver closes after each answer', async () => {
    await using receiver = await startRawReceiver(always(answer('200 OK', 'x', 'Connection: close\r\n')))
    await using sender = realSender({ maxConnectionsPerOrigin: 2 })
    const outcomes = await Promise.all(Array.from({ length: 10 }, () => sender.send(outgoing(receiver.url))))
    expect(outcomes.every((outcome) => outcome.error === null)).toBe(true)
    expect(receiver.connections).toHaveLength(10)
  })

  it('is not disturbed by a receiver that closed an idle connection', async () => {
    await using receiver = await startRawReceiver(async (connection) => {
      await connection.nextRequest()
      connection.socket.write(answer('200 OK', 'x'))
      setTimeout(() => connection.socket.end(), 10)
    })
    await using sender = realSender()
    for (let round = 0; round < 3; round++) {
      expect((await sender.send(outgoing(receiver.url))).error).toBeNull()
      await new Promise((resolve) => setTimeout(resolve, 40))
    }
    expect(receiver.connections).toHaveLength(3)
  })

  it('sends user info as Basic credentials, unless there are others', async () => {
    await using receiver = await startRawReceiver(always(answer('200 OK')))
    await using sender = realSender()
    const url = receiver.url.replace('//', '//user:pass@')
    await sender.send(outgoing(url))
    await sender.send(outgoing(url, { headers: [['authorization', 'Bearer x']] }))
    expect(receiver.requests[0]?.toString()).toContain(`Authorization: Basic ${btoa('user:pass')}\r\n`)
    expect(receiver.requests[1]?.toString()).not.toContain('Basic')
  })

  it('keeps the first 64 KiB, marks the cut, and keeps the connection for bodies up to 256 KiB', async () => {
    const body = 'y'.repeat(200_000)
    await using receiver = await startRawReceiver(always(answer('200 OK', body)))
    await using sender = realSender()
    for (let round = 0; round < 2; round++) {
      const outcome = await sender.send(outgoing(receiver.url))
      expect(outcome.error).toBeNull()
      expect(outcome.response?.excerpt).toHaveLength(65_536)
      expect(outcome.response?.truncated).toBe(true)
    }
    expect(receiver.connections).toHaveLength(1)
  })

  it('does not mark a body of just 64 KiB as cut', async () => {
    await using receiver = await startRawReceiver(always(answer('200 OK', 'z'.repeat(65_536))))
    await using sender = realSender()
    const outcome = await sender.send(outgoing(receiver.url))
    expect(outcome.response).toMatchObject({ truncated: false })
    expect(outcome.response?.excerpt).toHaveLength(65_536)
  })

  it('gives repeated headers of the answer in their order, case and bytes', async () => {
    await using receiver = await startRawReceiver(
      always(answer('200 OK', '', 'Set-Cookie: a=1\r\nX-b: caf\u00e9\r\nset-cookie: b=2\r\nEmpty:\r\n')),
    )
    await using sender = realSender()
    const outcome = await sender.send(outgoing(receiver.url))
    expect(outcome.response?.headers).toEqual([
      ['Set-Cookie', 'a=1'],
      ['X-b', 'caf\u00e9'],
      ['set-cookie', 'b=2'],
      ['Empty', ''],
      ['Content-Length', '0'],
    ])
  })
})

describe('what cannot be sent', () => {
  it.each([
    ['Host', 'evil.test'],
    ['HOST', 'evil.test'],
    ['Content-Length', '2'],
    ['content-length', '99'],
    ['Connection', 'close'],
    ['Transfer-Encoding', 'chunked'],
    ['Expect', '100-continue'],
    ['Keep-Alive', 'timeout=5'],
    ['Upgrade', 'websocket'],
  ])('abuse 31: refuses the header %s', async (name, value) => {
    await using receiver = await startRawReceiver(always(answer('200 OK')))
    await using sender = realSender()
    const outcome = await sender.send(outgoing(receiver.url, { headers: [[name, value]] }))
    expect(outcome.error?.code).toBe('invalid_request')
    expect(outcome.error?.message).toContain(name)
    expect(receiver.connections).toHaveLength(0)
  })

  it.each([
    ['X-A', 'a\r\nX-B: b'],
    ['X-A', 'a\nb'],
    ['X-A', 'a\rb'],
    ['X-A', 'a\0b'],
    ['X-A', 'a\u{1F600}b'],
    ['X-A\r\nX-B', 'a'],
    ['X A', 'a'],
    ['X:A', 'a'],
    ['', 'a'],
  ])('abuse 29: refuses the header %j: %j before anything is sent', async (name, value) => {
    await using receiver = await startRawReceiver(always(answer('200 OK')))
    await using sender = realSender()
    const outcome = await sender.send(outgoing(receiver.url, { headers: [[name, value]] }))
    expect(outcome.error?.code).toBe('invalid_request')
    expect(outcome.response).toBeNull()
    expect(receiver.connections).toHaveLength(0)
  })

  it.each(['/x\r\nHost: evil.test', '/x y\nz', '/\0'])('abuse 29: refuses the path %j', async (path) => {
    await using receiver = await startRawReceiver(always(answer('200 OK')))
    await using sender = realSender()
    expect((await sender.send(outgoing(receiver.url + path))).error?.code).toBe('invalid_request')
    expect(receiver.connections).toHaveLength(0)
  })

  it.each(['', 'GE T', 'GET\r\n', 'CONNECT', 'connect'])('refuses the method %j', async (method) => {
    await using sender = realSender()
    expect((await sender.send(outgoing('http://127.0.0.1:9/', { method }))).error?.code).toBe(
      'invalid_request',
    )
  })

  it.each(['', 'x', 'ftp://h.test/', 'http://', 'http://h.test:0/'])('refuses the URL %j', async (url) => {
    await using sender = realSender()
    expect((await sender.send(outgoing(url))).error?.code).toBe('url_invalid')
  })
})

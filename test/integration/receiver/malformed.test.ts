import { createServer, type Server } from 'node:http'
import type { Socket } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createCaptureServer } from '../../../src-main/capture/capture-server.ts'
import { watchPackets } from '../../../src-main/capture/parser-packets.ts'
import type { ReceivedRequest } from '../../../src-main/capture/receiver.ts'
import { WorkUnderWay } from '../../../src-main/capture/work-under-way.ts'
import { systemClock } from '../../../src-main/system-clock.ts'
import { connectRaw, exchangeRaw, settle } from '../../support/raw-client.ts'
import { gate, ok, startReceiver, text } from './start-receiver.ts'

const chunked = 'POST /c HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n'

describe('fault 33: what is no valid HTTP is kept with its bytes and answered with 400', () => {
  it.each([
    ['a chunk without a size', `${chunked}3\r\nabc\r\nzz\r\n`, /hexadecimal/],
    ['a chunk longer than its size', `${chunked}3\r\nabcd\r\n`, /longer or shorter/],
    [
      'Content-Length with Transfer-Encoding',
      'POST / HTTP/1.1\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
      /both Content-Length and Transfer-Encoding/,
    ],
    [
      'Transfer-Encoding with Content-Length',
      'POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n',
      /both Content-Length and Transfer-Encoding/,
    ],
    [
      'two different Content-Lengths',
      'POST / HTTP/1.1\r\nContent-Length: 4\r\nContent-Length: 5\r\n\r\nabcde',
      /second Content-Length/,
    ],
    ['a length that is no number', 'POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n', /not a number/],
    ['another transfer coding', 'POST / HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\n', /Transfer-Encoding/],
    ['an unknown method', 'FROBNICATE / HTTP/1.1\r\n\r\n', /known HTTP method/],
    ['a space in the target', 'GET /a b HTTP/1.1\r\n\r\n', /space in the target/],
    ['no such version', 'GET / HTTP/3.7\r\n\r\n', /version/],
    ['line feeds only', 'GET / HTTP/1.1\nHost: x\n\n', /carriage return/],
    ['a header name with a space', 'GET / HTTP/1.1\r\nBad Header: x\r\n\r\n', /header/],
    ['a control character', 'GET / HTTP/1.1\r\nX: a\x01b\r\n\r\n', /header/],
    ['a TLS handshake', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03', /https:\/\//],
    ['the HTTP/2 preface', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0', /HTTP\/2/],
    ['random bytes', '\x80\xff\0\r\n\r\n\0', /known HTTP method/],
  ])('%s', async (_name, bytes, reason) => {
    const { port, first, captures } = await startReceiver()
    const client = await connectRaw(port)
    await client.send(bytes)
    expect(await client.closed()).toMatch(/^HTTP\/1.1 400 Bad Request\r\n/)
    const capture = await first()
    expect(capture.malformed?.reason).toMatch(reason)
    expect(text(capture.body)).toBe(bytes)
    expect(capture).toMatchObject({ bodyBytes: bytes.length, truncated: false, aborted: false })
    expect(captures).toHaveLength(1)
    // The listener lives on.
    expect(await exchangeRaw(port, 'GET / HTTP/1.1\r\n\r\n')).toMatch(/^HTTP\/1.1 200/)
  })

  it('keeps 64 KiB of a head that is too large and answers 431', async () => {
    const { port, first } = await startReceiver()
    const client = await connectRaw(port)
    await client.send(`GET /big HTTP/1.1\r\nX: ${'a'.repeat(200_000)}\r\n\r\n`)
    expect(await client.closed()).toMatch(/^HTTP\/1.1 431 /)
    const capture = await first()
    expect(capture).toMatchObject({ method: 'GET', target: '/big', httpVersion: '1.1', truncated: true })
    expect(capture.malformed?.reason).toMatch(/64 KiB/)
    expect(capture.body).toHaveLength(65_536)
    expect(text(capture.body)).toMatch(/^GET \/big HTTP\/1.1\r\nX: a+$/)
  })

  it('takes method and target from the first line, headers from a valid head', async () => {
    const { port, captured } = await startReceiver()
    await exchangeRaw(port, 'FROB /x?y HTTP/1.1\r\nA: b\r\n\r\n')
    await exchangeRaw(port, `${chunked}zz\r\n`)
    const [unknown, body] = await captured(2)
    expect(unknown).toMatchObject({ method: 'FROB', target: '/x?y', httpVersion: '1.1', headers: [] })
    expect(body).toMatchObject({
      method: 'POST',
      target: '/c',
      headers: [['Transfer-Encoding', 'chunked']],
    })
  })

  it('masks the login cookie in the raw bytes', async () => {
    const { port, first } = await startReceiver({ maskCookie: /^hookbench_\d+$/ })
    await exchangeRaw(port, 'GET /a b HTTP/1.1\r\nCookie: hookbench_4747=secret; a=1\r\n\r\n')
    expect(text((await first()).body)).toBe('GET /a b HTTP/1.1\r\nCookie: hookbench_4747=***; a=1\r\n\r\n')
  })

  it('gathers what follows the error in further packets', async () => {
    const { port, first } = await startReceiver()
    const client = await connectRaw(port)
    const parts = ['POST / HTTP/1.1\r\nContent-Length: 3\r\n', 'Content-Length: 4\r\n\r\n', 'ab', 'c']
    for (const part of parts) await client.send(part)
    expect(await client.closed()).toMatch(/^HTTP\/1.1 400/)
    expect(text((await first()).body)).toBe(parts.join(''))
  })

  it('answers it after the requests before it, and only once it is kept', async () => {
    const gates = { valid: gate(), malformed: gate() }
    const { port, captured } = await startReceiver({}, async ({ malformed }) => {
      await (malformed === null ? gates.valid : gates.malformed).opened
      return ok
    })
    const client = await connectRaw(port)
    await client.send('GET /1 HTTP/1.1\r\n\r\nGARBAGE\r\n\r\n')
    await captured(2)
    gates.malformed.open()
    await settle()
    expect(client.received).toBe('')
    gates.valid.open()
    await client.until(/keptHTTP/)
    const second = await connectRaw(port)
    const held = gate()
    gates.malformed = held
    await second.send('GARBAGE\r\n\r\n')
    await captured(3)
    await settle()
    expect(second.received).toBe('')
    held.open()
    expect(await second.closed()).toMatch(/^HTTP\/1.1 400/)
    expect(await client.closed()).toMatch(/^HTTP\/1.1 200 OK[^]*keptHTTP\/1.1 400 Bad Request/)
  })

  it('answers a sender that closed its side at once', async () => {
    const { port } = await startReceiver()
    const client = await connectRaw(port, { halfOpen: true })
    client.socket.end('GARBAGE\r\n\r\n')
    expect(await client.closed()).toMatch(/^HTTP\/1.1 400/)
  })
})

const before =
  'GET /1 HTTP/1.1\r\n\r\nPOST /2 HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc' +
  'POST /3 HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n0\r\n\r\n\r\n0\r\nT: v\r\n\r\n'
const broken = 'POST /bad HTTP/1.1\r\nX: y\r\nBad Header: x\r\n\r\nbody'

describe('fault 33: the bytes begin with the broken request, wherever the packets are cut', () => {
  const cuts = Array.from(
    { length: 40 },
    (_, n) => 1 + Math.floor((n * (before.length + broken.length)) / 40),
  )

  async function sendCut(port: number, cut: number): Promise<void> {
    const bytes = before + broken
    const client = await connectRaw(port)
    await client.send(bytes.slice(0, cut))
    await client.send(bytes.slice(cut))
    await client.closed()
  }

  const expected = ['/1', '/2', '/3', `/bad ${broken}`]
  const shown = (captures: readonly ReceivedRequest[]): string[] =>
    captures.map((c) => (c.malformed === null ? c.target : `${c.target} ${text(c.body)}`))

  it('on one connection behind three other requests', async () => {
    for (const cut of cuts) {
      const { port, captured } = await startReceiver()
      await sendCut(port, cut)
      expect(shown(await captured(4)), `cut at ${cut}`).toEqual(expected)
    }
  })

  it('byte by byte', async () => {
    const { port, captured } = await startReceiver()
    const client = await connectRaw(port)
    for (const byte of (before + broken).slice(0, -4)) await client.send(byte)
    await client.closed()
    const captures = await captured(4)
    expect(text(captures[3]?.body ?? Buffer.alloc(0))).toMatch(/^POST \/bad HTTP\/1.1\r\nX: y\r\nBad H/)
  })

  it('behind a large chunked body', async () => {
    const { port, captured } = await startReceiver()
    const client = await connectRaw(port)
    await client.send(chunked)
    for (let n = 0; n < 20; n += 1) await client.send(`4e20\r\n${'\r\n0\r\n\r\nab'.repeat(2222)}cd\r\n`)
    await client.send(`0\r\n\r\n${broken}`)
    await client.closed()
    const [large, bad] = await captured(2)
    expect(large).toMatchObject({ bodyBytes: 400_000, malformed: null })
    expect(text(bad?.body ?? Buffer.alloc(0))).toBe(broken)
  })

  it('also where the slots of Node’s parser are not as expected', async () => {
    for (const cut of cuts) {
      const captures: ReceivedRequest[] = []
      const server = listenWithoutSlots(captures)
      const port = await portOf(server)
      await sendCut(port, cut)
      expect(shown(captures), `cut at ${cut}`).toEqual(expected)
    }
  })
})

describe('the watch on packets', () => {
  it('finds the slots of this Node’s parser', async () => {
    const server = createServer()
    const found = new Promise((resolve) => {
      server.on('connection', (socket: Socket) =>
        resolve(watchPackets(socket, { begun: () => undefined, parsed: () => undefined })),
      )
    })
    const client = await connectRaw(await portOf(server))
    expect(await found).toBe(true)
    client.socket.destroy()
  })
})

/** A capture server whose sockets have parsers that look unlike those known. */
function listenWithoutSlots(captures: ReceivedRequest[]): Server {
  const context = {
    clock: systemClock,
    bodyLimitBytes: () => 1_000_000,
    requestTimeoutMs: 10_000,
    maskCookie: null,
    reportError: () => undefined,
    work: new WorkUnderWay(),
    handle: (request: ReceivedRequest) => {
      captures.push(request)
      return Promise.resolve(ok)
    },
  }
  const limits = {
    maxConnections: 10,
    headersTimeoutMs: 10_000,
    requestTimeoutMs: 10_000,
    idleTimeoutMs: 10_000,
  }
  const server = createCaptureServer(context, limits, new Map())
  server.prependListener('connection', (socket: Socket) => {
    let parser: Record<number, unknown> | null = null
    Object.defineProperty(socket, 'parser', {
      get: () => parser,
      set: (value: Record<number, unknown> | null) => {
        parser = value
        if (value !== null) value[0] = () => undefined
      },
    })
  })
  return server
}

async function portOf(server: Server): Promise<number> {
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  onTestFinished(
    () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  )
  const address = server.address()
  if (typeof address !== 'object' || address === null) throw new Error('not listening')
  return address.port
}

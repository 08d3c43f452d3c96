import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { describe, expect, it, onTestFinished } from 'vitest'
import { connectRaw, exchangeRaw, type RawClient } from '../../support/raw-client.ts'
import { gate, ok, startReceiver, text } from './start-receiver.ts'

const limit = 100_000
const sized = (length: number): string => `POST /big HTTP/1.1\r\nContent-Length: ${length}\r\n\r\n`
const body = (length: number): Buffer => Buffer.alloc(length, 'abcdefghij')
const asChunks = (bytes: Buffer): Buffer =>
  Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from('\r\n0\r\n\r\n')])
const chunked = 'POST /big HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n'

describe('fault 34: the limit of bodies', () => {
  it.each([limit - 1, limit])('takes %i bytes', async (length) => {
    const { port, captured } = await startReceiver({ bodyLimitBytes: () => limit })
    const bytes = body(length)
    expect(await exchangeRaw(port, Buffer.concat([Buffer.from(sized(length)), bytes]))).toMatch(/ 200 /)
    expect(await exchangeRaw(port, Buffer.concat([Buffer.from(chunked), asChunks(bytes)]))).toMatch(/ 200 /)
    for (const capture of await captured(2)) {
      expect(bytes.equals(capture.body)).toBe(true)
      expect(capture).toMatchObject({ bodyBytes: length, truncated: false })
    }
  })

  it('answers 413 to one byte more, keeping the first 64 KiB', async () => {
    const { port, captured } = await startReceiver({ bodyLimitBytes: () => limit })
    const bytes = body(limit + 1)
    for (const whole of [
      Buffer.concat([Buffer.from(sized(limit + 1)), bytes]),
      Buffer.concat([Buffer.from(chunked), asChunks(bytes)]),
    ]) {
      const client = await connectRaw(port)
      await client.send(whole)
      expect(await client.closed()).toMatch(/^HTTP\/1.1 413 Payload Too Large\r\n[^]*Connection: close\r\n/)
    }
    for (const capture of await captured(2)) {
      expect(bytes.subarray(0, 65_536).equals(capture.body)).toBe(true)
      expect(capture).toMatchObject({
        bodyBytes: limit + 1,
        truncated: true,
        aborted: false,
        malformed: null,
      })
    }
  })

  it('answers 413 instead of 100 to what is declared too large', async () => {
    const { port, first } = await startReceiver({ bodyLimitBytes: () => limit })
    const client = await connectRaw(port)
    await client.send(`POST / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: ${limit + 1}\r\n\r\n`)
    expect(await client.closed()).toMatch(/^HTTP\/1.1 413 /)
    expect(await first()).toMatchObject({ bodyBytes: limit + 1, truncated: true })
  })

  it('answers 413 in its turn, once the part is kept', async () => {
    const kept = gate()
    const { port, captured } = await startReceiver({ bodyLimitBytes: () => 10 }, async () => {
      await kept.opened
      return ok
    })
    const client = await connectRaw(port)
    await client.send(`GET / HTTP/1.1\r\n\r\n${sized(11)}01234567890`)
    await captured(2)
    expect(client.received).toBe('')
    kept.open()
    expect(await client.closed()).toMatch(/^HTTP\/1.1 200[^]*keptHTTP\/1.1 413/)
  })

  it.each([
    ['declared', 'POST / HTTP/1.1\r\nContent-Length: 1073741824\r\n\r\n', Buffer.alloc(1 << 20)],
    [
      'chunked',
      chunked,
      Buffer.concat([Buffer.from('100000\r\n'), Buffer.alloc(1 << 20), Buffer.from('\r\n')]),
    ],
  ])('keeps memory flat under 1 GB (%s)', async (_name, head, block) => {
    const { port, first } = await startReceiver()
    const client = await connectRaw(port)
    const before = process.memoryUsage().rss
    await client.send(head)
    await pour(client, block, 1024)
    expect(await client.closed()).toMatch(/^HTTP\/1.1 413 /)
    expect((await first()).body).toHaveLength(65_536)
    expect(process.memoryUsage().rss - before).toBeLessThan(200 << 20)
  })
})

describe('fault 35: the sender goes away in mid-body', () => {
  it.each([
    ['closing', (client: RawClient) => client.socket.end(), 10],
    ['resetting', (client: RawClient) => client.socket.resetAndDestroy(), 10],
  ])('by %s: what came is kept and marked', async (_name, leave, declared) => {
    const { port, first, captures } = await startReceiver()
    const client = await connectRaw(port)
    await client.send(`${sized(declared)}01234`)
    leave(client)
    const capture = await first()
    expect(text(capture.body)).toBe('01234')
    expect(capture).toMatchObject({ bodyBytes: 10, truncated: true, aborted: true, malformed: null })
    expect(await exchangeRaw(port, 'GET / HTTP/1.1\r\n\r\n')).toMatch(/ 200 /)
    expect(captures).toHaveLength(2)
  })

  it('in a chunked body, in one packet with the head', async () => {
    const { port, first } = await startReceiver()
    const client = await connectRaw(port)
    client.socket.end(`${chunked}a\r\n01234`)
    const capture = await first()
    expect(text(capture.body)).toBe('01234')
    expect(capture).toMatchObject({ bodyBytes: 5, truncated: true, aborted: true })
  })

  it('in the head: kept as malformed', async () => {
    const { port, first } = await startReceiver()
    const client = await connectRaw(port)
    await client.send('POST /x HTTP/1.1\r\nConte')
    client.socket.end()
    const capture = await first()
    expect(capture).toMatchObject({ method: 'POST', target: '/x', aborted: true })
    expect(text(capture.body)).toBe('POST /x HTTP/1.1\r\nConte')
    expect(capture.malformed?.reason).toMatch(/ended before/)
  })

  it('with nothing sent: nothing is captured', async () => {
    const { port, captures } = await startReceiver()
    const client = await connectRaw(port)
    client.socket.resetAndDestroy()
    expect(await exchangeRaw(port, 'GET /only HTTP/1.1\r\n\r\n')).toMatch(/ 200 /)
    expect(captures.map((c) => c.target)).toEqual(['/only'])
  })
})

describe('fault 31: slow-loris', () => {
  const timeouts = { headersTimeoutMs: 200, requestTimeoutMs: 400 }

  it('on the headers: 408, closed, kept', async () => {
    const { port, first } = await startReceiver(timeouts)
    const client = await connectRaw(port)
    await client.send('GET /slow HTTP/1.1\r\n')
    drip(client, 'X: y\r\n')
    expect(await client.closed()).toMatch(/^HTTP\/1.1 408 Request Timeout\r\n/)
    const capture = await first()
    expect(capture).toMatchObject({ target: '/slow', aborted: true })
    expect(capture.malformed?.reason).toMatch(/in time/)
    expect(text(capture.body)).toMatch(/^GET \/slow HTTP\/1.1\r\n(?:X: y\r\n)*$/)
  })

  it('on the body: 408, closed, kept', async () => {
    const { port, first } = await startReceiver(timeouts)
    const client = await connectRaw(port)
    await client.send(sized(1000))
    drip(client, 'x')
    expect(await client.closed()).toMatch(/^HTTP\/1.1 408 Request Timeout\r\n/)
    const capture = await first()
    expect(capture).toMatchObject({ bodyBytes: 1000, truncated: true, aborted: true, malformed: null })
    expect(text(capture.body)).toMatch(/^x+$/)
  })

  it('on the second request of a connection, whose idle time is shorter', async () => {
    const { port, captured } = await startReceiver({ idleTimeoutMs: 50 })
    const client = await connectRaw(port)
    await client.send('GET /1 HTTP/1.1\r\n\r\nGET /2 HT')
    expect(await client.closed()).toMatch(/^HTTP\/1.1 200[^]*HTTP\/1.1 408/)
    expect(text((await captured(2))[1]?.body ?? Buffer.alloc(0))).toBe('GET /2 HT')
  })
})

describe('fault 32: connections', () => {
  it('serves beside 500 idle connections, and ends those in time', async () => {
    const { port, captures } = await startReceiver({ headersTimeoutMs: 1500, requestTimeoutMs: 1500 })
    const idle = await Promise.all(Array.from({ length: 500 }, () => connectRaw(port)))
    expect(await exchangeRaw(port, 'GET / HTTP/1.1\r\n\r\n')).toMatch(/ 200 /)
    await Promise.all(idle.map((client) => client.closed()))
    expect(captures).toHaveLength(1)
  })

  it('ends kept-alive connections after their idle time', async () => {
    const { port } = await startReceiver({ idleTimeoutMs: 50 })
    const client = await connectRaw(port)
    await client.send('GET / HTTP/1.1\r\n\r\n')
    expect(await client.closed()).toMatch(/kept$/)
  })

  it('drops those above the cap and recovers', async () => {
    const { port, captures } = await startReceiver({ maxConnections: 20 })
    const held = await Promise.all(Array.from({ length: 20 }, () => connectRaw(port)))
    const further = await connectRaw(port)
    expect(await further.closed()).toBe('')
    for (const { socket } of held) socket.destroy()
    await expect
      .poll(() => exchangeRaw(port, 'GET / HTTP/1.1\r\n\r\n').catch(() => 'dropped'))
      .toMatch(/ 200 /)
    expect(captures).toHaveLength(1)
  })

  it.skipIf(process.platform === 'win32')('survives running out of file descriptors', async () => {
    const script = fileURLToPath(new URL('run-receiver.ts', import.meta.url))
    const child = spawn('sh', ['-c', `ulimit -n 48; exec "${process.execPath}" "${script}"`], {
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    onTestFinished(() => void child.kill())
    const [line]: unknown[] = await once(child.stdout, 'data')
    const port = Number(String(line))
    const clients = await Promise.all(Array.from({ length: 80 }, () => connectRaw(port).catch(() => null)))
    // Those it has no descriptors for are closed at once.
    await Promise.any(clients.map((client) => (client === null ? Promise.resolve('') : client.closed())))
    for (const client of clients) client?.socket.destroy()
    await expect
      .poll(() => exchangeRaw(port, 'GET / HTTP/1.1\r\n\r\n').catch(() => 'dropped'), { timeout: 5000 })
      .toMatch(/ 200 /)
    expect(child.exitCode).toBeNull()
  })
})

/** Writes a block again and again, heeding back-pressure, until it was written `times` or the connection ended. */
async function pour(client: RawClient, block: Buffer, times: number): Promise<void> {
  const { socket } = client
  for (let n = 0; n < times && socket.writable; n += 1) {
    if (!socket.write(block)) await Promise.race([once(socket, 'drain'), once(socket, 'close')])
  }
}

/** A sender that never stops, in small pieces. */
function drip(client: RawClient, piece: string): void {
  const timer = setInterval(() => client.socket.write(piece), 20)
  client.socket.on('close', () => clearInterval(timer))
}

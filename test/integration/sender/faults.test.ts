import { createServer } from 'node:net'
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { always, answer, startRawReceiver } from '../../support/raw-receiver.ts'
import { outgoing, realSender, text } from '../../support/raw-receiver-sender.ts'

const limitMs = 300

function expectOnTime(totalMs: number): void {
  expect(totalMs).toBeGreaterThanOrEqual(limitMs * 0.9)
  // How late a busy machine is says nothing about the deadline; that there is one does.
  expect(totalMs).toBeLessThanOrEqual(limitMs + 2000)
}

async function closedPort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise<void>((resolve) => server.close(() => resolve()))
  if (address === null || typeof address === 'string') throw new Error('No port')
  return address.port
}

describe('connecting', () => {
  it('fault 01: a refused connection is classed refused', async () => {
    await using sender = realSender()
    const port = await closedPort()
    const outcome = await sender.send(outgoing(`http://user:hunter2@127.0.0.1:${port}/x?token=abc`))
    expect(outcome.error?.code).toBe('refused')
    expect(outcome.error?.message).toContain(`127.0.0.1:${port}`)
    expect(outcome.error?.message).not.toMatch(/hunter2|abc/)
    expect(outcome.response).toBeNull()
  })

  it('fault 01: refused on all of several addresses', async () => {
    await using sender = realSender({
      resolve: async () => [
        { address: '::1', family: 6 },
        { address: '127.0.0.1', family: 4 },
      ],
    })
    const outcome = await sender.send(outgoing(`http://receiver.test:${await closedPort()}/`))
    expect(outcome.error?.code).toBe('refused')
  })

  it('takes the address that answers of several', async () => {
    await using receiver = await startRawReceiver(always(answer('200 OK')))
    await using sender = realSender({
      resolve: async () => [
        { address: '127.0.0.2', family: 4 },
        { address: '127.0.0.1', family: 4 },
      ],
    })
    const outcome = await sender.send(outgoing(`http://receiver.test:${receiver.port}/`))
    expect(outcome.error).toBeNull()
  })

  it.each([
    ['ENOTFOUND', 'dns_not_found'],
    ['EAI_AGAIN', 'dns_temporary'],
  ])('fault 02: a resolver that says %s is classed %s', async (code, expected) => {
    await using sender = realSender({
      resolve: () => Promise.reject(Object.assign(new Error(code), { code })),
    })
    const outcome = await sender.send(outgoing('http://receiver.test/'))
    expect(outcome.error?.code).toBe(expected)
    expect(outcome.timings.connectMs).toBeNull()
  })

  it('fault 02: a name without addresses is not found; afterwards it may be', async () => {
    await using receiver = await startRawReceiver(always(answer('200 OK')))
    let addresses: { address: string; family: number }[] = []
    await using sender = realSender({ resolve: async () => addresses })
    const url = `http://receiver.test:${receiver.port}/`
    expect((await sender.send(outgoing(url))).error?.code).toBe('dns_not_found')
    addresses = [{ address: '127.0.0.1', family: 4 }]
    expect((await sender.send(outgoing(url))).error).toBeNull()
  })

  it('a lookup that never ends is ended by the deadline', async () => {
    await using sender = realSender({ resolve: () => new Promise(() => undefined) })
    const outcome = await sender.send(outgoing('http://receiver.test/', { timeoutMs: limitMs }))
    expect(outcome.error).toMatchObject({ code: 'timeout', message: expect.stringContaining('looked up') })
    expectOnTime(outcome.timings.totalMs)
  })

  it('a TLS handshake that never ends is ended by the deadline, and its socket closed', async () => {
    await using receiver = await startRawReceiver(() => undefined)
    await using sender = realSender()
    const outcome = await sender.send(
      outgoing(receiver.url.replace('http:', 'https:'), { timeoutMs: limitMs }),
    )
    expect(outcome.error).toMatchObject({ code: 'timeout', message: expect.stringContaining('TLS') })
    expectOnTime(outcome.timings.totalMs)
    expect(outcome.timings.connectMs).not.toBeNull()
    await expect.poll(() => receiver.connections[0]?.socket.readableEnded).toBe(true)
  })

  it('waiting for a free connection counts against the deadline', async () => {
    await using receiver = await startRawReceiver(() => undefined)
    await using sender = realSender({ maxConnectionsPerOrigin: 1 })
    const first = sender.send(outgoing(receiver.url, { timeoutMs: 5_000 }))
    const second = await sender.send(outgoing(receiver.url, { timeoutMs: limitMs }))
    expect(second.error).toMatchObject({ code: 'timeout', message: expect.stringContaining('became free') })
    expect(receiver.requests).toHaveLength(1)
    await sender.close()
    expect((await first).error?.code).toBe('interrupted')
  })
})

describe('resets', () => {
  it('fault 04: a reset before the request was sent is classed reset', async () => {
    await using receiver = await startRawReceiver(({ socket }) => socket.resetAndDestroy())
    await using sender = realSender()
    // Only with TLS is there a time between connect and send.
    const outcome = await sender.send(outgoing(receiver.url.replace('http:', 'https:')))
    expect(outcome.error?.code).toBe('reset')
  })

  it.each(['resetAndDestroy', 'destroy'] as const)(
    'fault 04: a connection ended (%s) after the request was sent may have delivered it',
    async (ending) => {
      await using receiver = await startRawReceiver(async (connection) => {
        await connection.nextRequest()
        connection.socket[ending]()
      })
      await using sender = realSender()
      const outcome = await sender.send(outgoing(receiver.url))
      expect(outcome.error?.code).toBe('reset_after_send')
      expect(outcome.error?.message).toContain('may have arrived')
      expect(outcome.response).toBeNull()
      expect(receiver.requests).toHaveLength(1)
    },
  )

  it('fault 15: an early answer, then a reset, is recorded once with its status', async () => {
    await using receiver = await startRawReceiver(({ socket }) => {
      socket.once('data', () => {
        socket.write('HTTP/1.1 413 Content Too Large\r\nContent-Length: 100\r\n\r\npartial', () => {
          setTimeout(() => socket.resetAndDestroy(), 20)
        })
      })
    })
    await using sender = realSender()
    const outcome = await sender.send(outgoing(receiver.url, { body: new Uint8Array(4 * 1024 * 1024) }))
    expect(outcome.response).toMatchObject({ status: 413, truncated: true })
    expect(text(outcome.response?.excerpt)).toBe('partial')
    expect(outcome.error?.code).toBe('reset')
    expect(receiver.connections).toHaveLength(1)
  })

  it('fault 15: a complete early answer is an answer, whatever comes after it', async () => {
    await using receiver = await startRawReceiver(({ socket }) => {
      socket.once('data', () => {
        socket.write(answer('413 Content Too Large', 'too large'), () => {
          setTimeout(() => socket.resetAndDestroy(), 20)
        })
      })
    })
    await using sender = realSender()
    const outcome = await sender.send(outgoing(receiver.url, { body: new Uint8Array(4 * 1024 * 1024) }))
    expect(outcome.error).toBeNull()
    expect(outcome.response).toMatchObject({ status: 413, truncated: false })
  })

  it.each([
    ['chunked', 'Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n'],
    [
      'chunked, on a connection to be closed',
      'Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n',
    ],
    ['with a length', 'Content-Length: 50\r\n\r\nhello'],
    ['with a length, on a connection to be closed', 'Connection: close\r\nContent-Length: 50\r\n\r\nhello'],
  ])(
    'fault 15: an answer %s that ends in the middle keeps status, bytes and the error',
    async (_kind, rest) => {
      await using receiver = await startRawReceiver(async (connection) => {
        await connection.nextRequest()
        connection.socket.end(`HTTP/1.1 200 OK\r\n${rest}`)
      })
      await using sender = realSender()
      const outcome = await sender.send(outgoing(receiver.url))
      expect(outcome.response).toMatchObject({ status: 200, truncated: true })
      expect(text(outcome.response?.excerpt)).toBe('hello')
      expect(outcome.error?.code).toBe('reset')
    },
  )
})

describe('deadlines', () => {
  it('fault 05: a receiver that never answers is timed out at the limit', async () => {
    await using receiver = await startRawReceiver(() => undefined)
    await using sender = realSender()
    const outcome = await sender.send(outgoing(receiver.url, { timeoutMs: limitMs }))
    expect(outcome.error).toMatchObject({
      code: 'timeout',
      message: expect.stringContaining('did not answer'),
    })
    expectOnTime(outcome.timings.totalMs)
    await expect.poll(() => receiver.connections[0]?.socket.destroyed).toBe(true)
    expect(receiver.requests).toHaveLength(1)
  })

  it.each([
    ['its headers', 'HTTP/1.1 200 OK\r\nX-Slow: ', null, 'did not answer'],
    ['its body', 'HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n', 200, 'did not end it'],
  ])(
    'fault 06: an answer that drips %s is ended by the total deadline',
    async (_part, start, status, words) => {
      await using receiver = await startRawReceiver(async (connection) => {
        await connection.nextRequest()
        connection.socket.write(start)
        const drip = setInterval(() => connection.socket.write('x'), 10)
        connection.socket.on('close', () => clearInterval(drip))
      })
      await using sender = realSender()
      const outcome = await sender.send(outgoing(receiver.url, { timeoutMs: limitMs }))
      expect(outcome.error?.code).toBe('timeout')
      expectOnTime(outcome.timings.totalMs)
      expect(outcome.response?.status ?? null).toBe(status)
      expect(outcome.error?.message).toContain(words)
      // What came of a body is kept.
      expect(outcome.response?.truncated).toBe(status === null ? undefined : true)
      expect(text(outcome.response?.excerpt)).toMatch(status === null ? /^$/ : /^x{3,}$/)
    },
  )

  it('a cancelled request is ended at once in every phase', async () => {
    await using receiver = await startRawReceiver(() => undefined)
    await using sender = realSender()
    expect((await sender.send(outgoing(receiver.url), AbortSignal.abort())).error?.code).toBe('cancelled')
    expect(receiver.connections).toHaveLength(0)
    const controller = new AbortController()
    const waiting = sender.send(outgoing(receiver.url), controller.signal)
    await expect.poll(() => receiver.requests.length).toBe(1)
    controller.abort()
    expect((await waiting).error?.code).toBe('cancelled')
    const connecting = new AbortController()
    const outcome = sender.send(outgoing(receiver.url.replace('http:', 'https:')), connecting.signal)
    setTimeout(() => connecting.abort(), 20)
    expect((await outcome).error?.code).toBe('cancelled')
  })

  it('closing ends what is under way, and nothing is sent afterwards', async () => {
    await using receiver = await startRawReceiver(() => undefined)
    await using sender = realSender()
    const waiting = sender.send(outgoing(receiver.url))
    await expect.poll(() => receiver.requests.length).toBe(1)
    await sender.close()
    expect((await waiting).error?.code).toBe('interrupted')
    expect((await sender.send(outgoing(receiver.url))).error?.code).toBe('interrupted')
    expect(receiver.connections).toHaveLength(1)
  })
})

describe('answers', () => {
  it('fault 07: an endless answer keeps its excerpt, its socket is closed, memory stays flat', async () => {
    let sentBytes = 0
    const piece = Buffer.alloc(64 * 1024, 'a')
    await using receiver = await startRawReceiver(async (connection) => {
      await connection.nextRequest()
      connection.socket.write('HTTP/1.1 200 OK\r\nContent-Length: 5368709120\r\n\r\n')
      const pour = (): void => {
        while (!connection.socket.destroyed && connection.socket.write(piece)) sentBytes += piece.length
      }
      connection.socket.on('drain', pour)
      pour()
    })
    await using sender = realSender()
    await sender.send(outgoing(receiver.url))
    globalThis.gc?.()
    const before = process.memoryUsage()
    for (let round = 0; round < 30; round++) {
      const outcome = await sender.send(outgoing(receiver.url))
      expect(outcome.error).toBeNull()
      expect(outcome.response).toMatchObject({ status: 200, truncated: true })
      expect(outcome.response?.excerpt).toHaveLength(65_536)
    }
    globalThis.gc?.()
    const after = process.memoryUsage()
    expect(after.heapUsed - before.heapUsed).toBeLessThan(32 * 1024 * 1024)
    expect(after.arrayBuffers - before.arrayBuffers).toBeLessThan(64 * 1024 * 1024)
    expect(sentBytes).toBeLessThan(31 * 16 * 1024 * 1024)
    await expect.poll(() => receiver.connections.every(({ socket }) => socket.destroyed)).toBe(true)
  })

  it('fault 08: a compressed answer is kept as it came, not unpacked', async () => {
    const bomb = gzipSync(Buffer.alloc(10 * 1024 * 1024))
    await using receiver = await startRawReceiver(async (connection) => {
      await connection.nextRequest()
      connection.socket.write(
        `HTTP/1.1 200 OK\r\nContent-Encoding: gzip, gzip, gzip, gzip, gzip, gzip\r\nContent-Length: ${bomb.length}\r\n\r\n`,
      )
      connection.socket.write(bomb)
    })
    await using sender = realSender()
    const outcome = await sender.send(outgoing(receiver.url))
    expect(outcome.error).toBeNull()
    expect(Buffer.from(outcome.response?.excerpt ?? []).equals(bomb.subarray(0, 65_536))).toBe(true)
  })

  it('fault 09: a broken gzip body is kept, the status decides', async () => {
    await using receiver = await startRawReceiver(
      always(answer('200 OK', 'no gzip', 'Content-Encoding: gzip\r\n')),
    )
    await using sender = realSender()
    const outcome = await sender.send(outgoing(receiver.url))
    expect(outcome.error).toBeNull()
    expect(text(outcome.response?.excerpt)).toBe('no gzip')
  })

  it.each([300, 301, 302, 303, 304, 307, 308])(
    'fault 10: a %i is an outcome with its Location',
    async (status) => {
      await using receiver = await startRawReceiver(
        always(answer(`${status} X`, '', 'Location: /elsewhere\r\n')),
      )
      await using sender = realSender()
      const outcome = await sender.send(outgoing(receiver.url))
      expect(outcome.error).toBeNull()
      expect(outcome.response?.status).toBe(status)
      expect(outcome.response?.headers).toContainEqual(['Location', '/elsewhere'])
      expect(outcome.redirectedTo).toEqual([])
    },
  )

  it.each([
    ['204', 'HTTP/1.1 204 No Content\r\n\r\n', 204],
    ['418 without a reason', answer('418 '), 418],
    ['100, then 200', `HTTP/1.1 100 Continue\r\n\r\n${answer('200 OK', 'ok')}`, 200],
    [
      '100 twice with headers, then 202',
      `${'HTTP/1.1 100 Continue\r\nX: y\r\n\r\n'.repeat(2)}${answer('202 A')}`,
      202,
    ],
    [
      '102 and 103, then 200',
      `HTTP/1.1 102 P\r\n\r\nHTTP/1.1 103 E\r\nLink: x\r\n\r\n${answer('200 OK')}`,
      200,
    ],
    ['HTTP/1.0', 'HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n', 200],
    ['999', answer('999 Odd'), 999],
  ])('fault 13: %s', async (_name, bytes, status) => {
    await using receiver = await startRawReceiver(always(bytes))
    await using sender = realSender()
    for (let round = 0; round < 2; round++) {
      const outcome = await sender.send(outgoing(receiver.url))
      expect(outcome.error).toBeNull()
      expect(outcome.response?.status).toBe(status)
    }
  })

  it('fault 13: 100 in single bytes, then 200 in the middle of a packet', async () => {
    await using receiver = await startRawReceiver(async (connection) => {
      connection.socket.setNoDelay(true)
      await connection.nextRequest()
      for (const byte of 'HTTP/1.1 100 Continue\r\n\r') {
        connection.socket.write(byte)
        await new Promise((resolve) => setTimeout(resolve, 2))
      }
      connection.socket.write(`\n${answer('200 OK', 'body')}`)
    })
    await using sender = realSender()
    const outcome = await sender.send(outgoing(receiver.url))
    expect(outcome.error).toBeNull()
    expect(text(outcome.response?.excerpt)).toBe('body')
  })

  it.each([
    ['no HTTP', 'SSH-2.0-OpenSSH_9.2\r\n'],
    ['an invalid status line', 'HTTP/1.1 abc OK\r\n\r\n'],
    ['a status of two digits', 'HTTP/1.1 20 OK\r\n\r\n'],
    ['HTTP/3', 'HTTP/3.0 200 OK\r\n\r\n'],
    ['a header without a colon', 'HTTP/1.1 200 OK\r\nBroken\r\n\r\n'],
    ['two lengths', 'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nx'],
    ['101 unasked', 'HTTP/1.1 101 Switching\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n'],
  ])('fault 13: %s is an invalid answer', async (_name, bytes) => {
    await using receiver = await startRawReceiver(always(bytes))
    await using sender = realSender()
    const outcome = await sender.send(outgoing(receiver.url))
    expect(outcome.error?.code).toBe('invalid_response')
    expect(outcome.response).toBeNull()
  })

  it('a broken chunk is an invalid answer whose status is kept', async () => {
    await using receiver = await startRawReceiver(
      always('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\nzz\r\n'),
    )
    await using sender = realSender()
    const outcome = await sender.send(outgoing(receiver.url))
    expect(outcome.response?.status).toBe(200)
    expect(text(outcome.response?.excerpt)).toBe('ab')
    expect(outcome.error?.code).toBe('invalid_response')
  })

  it.each([
    ['one long header', `X: ${'a'.repeat(70_000)}`],
    ['many headers', Array.from({ length: 3_000 }, (_, at) => `X-${at}: ${'b'.repeat(20)}`).join('\r\n')],
  ])('fault 14: %s beyond 64 KiB are classed response_too_large', async (_name, lines) => {
    await using receiver = await startRawReceiver(
      always(`HTTP/1.1 200 OK\r\n${lines}\r\nContent-Length: 0\r\n\r\n`),
    )
    await using sender = realSender()
    const outcome = await sender.send(outgoing(receiver.url))
    expect(outcome.error?.code).toBe('response_too_large')
  })

  it('fault 14: headers of 60 KiB are taken', async () => {
    await using receiver = await startRawReceiver(
      always(answer('200 OK', 'x', `X-Long: ${'a'.repeat(60_000)}\r\n`)),
    )
    await using sender = realSender()
    const outcome = await sender.send(outgoing(receiver.url))
    expect(outcome.error).toBeNull()
    expect(outcome.response?.headers[0]?.[1]).toHaveLength(60_000)
  })

  it('bytes after an answer do not become the answer of the next request', async () => {
    await using receiver = await startRawReceiver(async (connection) => {
      await connection.nextRequest()
      connection.socket.write(answer('200 OK', 'first') + answer('200 OK', 'smuggled'))
      await connection.nextRequest()
      connection.socket.write(answer('200 OK', 'second'))
    })
    await using sender = realSender()
    const first = await sender.send(outgoing(receiver.url))
    const second = await sender.send(outgoing(receiver.url))
    expect(text(first.response?.excerpt)).toBe('first')
    expect(text(second.response?.excerpt)).not.toBe('smuggled')
  })
})

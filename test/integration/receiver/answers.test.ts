import { describe, expect, it } from 'vitest'
import type { Header } from '../../../src-shared/model/header.ts'
import { AppError } from '../../../src-shared/errors.ts'
import { connectRaw, exchangeRaw } from '../../support/raw-client.ts'
import { gate, ok, startReceiver } from './start-receiver.ts'

const get = 'GET / HTTP/1.1\r\n\r\n'

function answering(status: number, headers: readonly Header[], body: string | Uint8Array = '') {
  return () => Promise.resolve({ status, headers, body: Buffer.from(body) })
}

describe('the answer', () => {
  it('has the status, the headers in order with duplicates, and the body', async () => {
    const headers: Header[] = [
      ['X-B', '1'],
      ['x-a', '\xe9'],
      ['X-B', '2'],
      ['Content-Length', '99'],
      ['Transfer-Encoding', 'chunked'],
      ['Set-Cookie', 'a'],
      ['set-cookie', 'b'],
    ]
    const { port } = await startReceiver({}, answering(418, headers, 'tea\0'))
    const answer = await exchangeRaw(port, get, /tea\0$/)
    expect(answer).toMatch(
      /^HTTP\/1.1 418 I'm a Teapot\r\nX-B: 1\r\nx-a: \xe9\r\nX-B: 2\r\nSet-Cookie: a\r\nset-cookie: b\r\nContent-Length: 4\r\n/,
    )
    expect(answer).not.toMatch(/99|chunked/)
  })

  it('has every byte of its body', async () => {
    const body = Uint8Array.from({ length: 1000 }, (_, index) => index % 256)
    const { port } = await startReceiver({}, answering(200, [], body))
    const answer = await exchangeRaw(port, get, /\r\n\r\n[^]{1000}/)
    expect(answer.slice(answer.indexOf('\r\n\r\n') + 4)).toBe(Buffer.from(body).toString('latin1'))
  })

  it('goes out only when the handler has kept the request', async () => {
    const kept = gate()
    const { port, first } = await startReceiver({}, async () => {
      await kept.opened
      return ok
    })
    const client = await connectRaw(port)
    await client.send(get)
    await first()
    await client.send('')
    expect(client.received).toBe('')
    kept.open()
    await client.until(/kept$/)
  })

  it.each([
    ['HEAD', 200, /\r\nContent-Length: 4\r\n[^]*\r\n\r\n$/],
    ['GET', 204, /^HTTP\/1.1 204 No Content\r\n(?!.*Content-Length)[^]*\r\n\r\n$/],
    ['GET', 304, /^HTTP\/1.1 304 Not Modified\r\n[^]*\r\n\r\n$/],
  ])('has no body for %s with %i', async (method, status, pattern) => {
    const { port } = await startReceiver({}, answering(status, [], 'body'))
    const client = await connectRaw(port)
    const request = `${method} / HTTP/1.1\r\n\r\n`
    await client.send(request)
    await client.until(pattern)
    // The connection is in step: a second answer follows.
    await client.send(request)
    expect(await client.until(/HTTP\/1.1[^]*HTTP\/1.1[^]*\r\n\r\n$/)).not.toContain('body')
  })

  it.each<[string, number, Header[]]>([
    ['a line break in a value', 200, [['X', 'a\r\nb']]],
    ['a character beyond latin-1', 200, [['X', '€']]],
    ['a space in a name', 200, [['X Y', 'a']]],
    ['an empty name', 200, [['', 'a']]],
    ['a status beyond 999', 1000, []],
    ['an interim status', 101, []],
    ['a status that is no number', Number.NaN, []],
    ['a trailer that cannot be', 200, [['Trailer', 'X']]],
  ])('that cannot be sent (%s) becomes a 500 that says so', async (_name, status, headers) => {
    const { port } = await startReceiver({}, answering(status, headers, 'x'))
    const answer = await exchangeRaw(port, get, /\r\n\r\n.+\n$/)
    expect(answer).toMatch(
      /^HTTP\/1.1 500 [^]*\r\n\r\nThe answer that is configured in Hookbench can't be sent: .+\n$/,
    )
    expect(await exchangeRaw(port, get)).toMatch(/^HTTP\/1.1 500/)
  })

  it('is 503 with a sentence when nothing can be stored', async () => {
    const reported: unknown[] = []
    const { port } = await startReceiver({ reportError: (e) => reported.push(e) }, () =>
      Promise.reject(new AppError('storage_unavailable', { reason: 'the disk is full' })),
    )
    const answer = await exchangeRaw(port, get, /\r\n\r\n.+\n$/)
    expect(answer).toMatch(/^HTTP\/1.1 503 [^]*\r\n\r\nNothing can be saved just now \(the disk is full\)/)
    const malformed = await connectRaw(port)
    await malformed.send('GARBAGE\r\n\r\n')
    expect(await malformed.closed()).toMatch(/^HTTP\/1.1 503 /)
    expect(reported).toEqual([])
  })

  it.each([
    ['a rejection', () => Promise.reject(new Error('secret detail'))],
    [
      'a throw',
      () => {
        throw new TypeError('secret detail')
      },
    ],
  ])('is 500 without details after %s, which is reported', async (_name, handle) => {
    const reported: unknown[] = []
    const { port } = await startReceiver({ reportError: (e) => reported.push(e) }, handle)
    const answer = await exchangeRaw(port, get, /\r\n\r\n.+\n$/)
    expect(answer).toMatch(/^HTTP\/1.1 500 /)
    expect(answer).not.toMatch(/secret detail|\.ts:|at /)
    expect(reported).toHaveLength(1)
  })

  it('may be for nobody: the sender has gone meanwhile', async () => {
    const kept = gate()
    const { port, first } = await startReceiver({}, async () => {
      await kept.opened
      return ok
    })
    const client = await connectRaw(port)
    await client.send(get)
    await first()
    client.socket.resetAndDestroy()
    kept.open()
    expect(await exchangeRaw(port, get)).toMatch(/ 200 /)
  })
})

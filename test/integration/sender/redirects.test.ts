import { describe, expect, it } from 'vitest'
import { always, answer, startRawReceiver } from '../../support/raw-receiver.ts'
import type { RawConnection } from '../../support/raw-receiver.ts'
import { outgoing, realSender, text } from '../../support/raw-receiver-sender.ts'

function redirect(status: number, location: string): string {
  return answer(`${status} Redirect`, 'moved', `Location: ${location}\r\n`)
}

/** Redirects once from /start to `location`, answers everything else with its request line. */
function redirectOnce(status: number, location: string): (connection: RawConnection) => Promise<void> {
  return async (connection) => {
    for (;;) {
      const line = (await connection.nextRequest()).toString('latin1').split('\r\n')[0] ?? ''
      connection.socket.write(line.includes(' /start ') ? redirect(status, location) : answer('200 OK', line))
    }
  }
}

describe('following redirects', () => {
  it.each([
    [302, 'GET /end HTTP/1.1', 0],
    [307, 'POST /end HTTP/1.1', 2],
  ])('after a %i sends %s on the same connection', async (status, line, bodyBytes) => {
    await using receiver = await startRawReceiver(redirectOnce(status, '/end'))
    await using sender = realSender()
    const outcome = await sender.send(outgoing(`${receiver.url}/start`, { followRedirects: true }))
    expect(outcome.error).toBeNull()
    expect(text(outcome.response?.excerpt)).toBe(line)
    expect(outcome.redirectedTo).toEqual([`${receiver.url}/end`])
    expect(receiver.connections).toHaveLength(1)
    const second = receiver.requests[1]?.toString() ?? ''
    expect(second.split('\r\n\r\n')[1]).toHaveLength(bodyBytes)
    expect(second.includes('Content-Type')).toBe(bodyBytes > 0)
  })

  it('drops credentials on another origin, keeps the signature', async () => {
    await using other = await startRawReceiver(always(answer('200 OK')))
    await using receiver = await startRawReceiver(redirectOnce(308, `${other.url}/end`))
    await using sender = realSender()
    const outcome = await sender.send(
      outgoing(`${receiver.url.replace('//', '//u:p@')}/start`, {
        followRedirects: true,
        headers: [
          ['X-Signature', 'v1=abc'],
          ['Cookie', 'a=b'],
        ],
      }),
    )
    expect(outcome.response?.status).toBe(200)
    const first = receiver.requests[0]?.toString() ?? ''
    const second = other.requests[0]?.toString() ?? ''
    expect(first).toMatch(/Authorization: Basic/)
    expect(second).toContain('X-Signature: v1=abc')
    expect(second).not.toMatch(/Authorization|Cookie/)
    expect(outcome.requestHeaders).toContainEqual(['host', `127.0.0.1:${other.port}`])
  })

  it('ends a loop after five, with the last answer', async () => {
    await using receiver = await startRawReceiver(always(redirect(302, '/again')))
    await using sender = realSender()
    const outcome = await sender.send(outgoing(receiver.url, { followRedirects: true }))
    expect(outcome.error?.code).toBe('too_many_redirects')
    expect(outcome.response?.status).toBe(302)
    expect(outcome.redirectedTo).toHaveLength(5)
    expect(receiver.requests).toHaveLength(6)
  })

  it('has one deadline over all hops', async () => {
    await using receiver = await startRawReceiver(async (connection) => {
      for (;;) {
        await connection.nextRequest()
        setTimeout(() => connection.socket.write(redirect(302, '/again')), 120)
      }
    })
    await using sender = realSender()
    const outcome = await sender.send(outgoing(receiver.url, { followRedirects: true, timeoutMs: 300 }))
    expect(outcome.error?.code).toBe('timeout')
    expect(outcome.timings.totalMs).toBeLessThan(350)
    expect(outcome.redirectedTo).toHaveLength(2)
  })

  it.each(['http://', 'ftp://h.test/', 'http://h.test:0/'])(
    'says that the Location %s cannot be followed',
    async (location) => {
      await using receiver = await startRawReceiver(always(redirect(302, location)))
      await using sender = realSender()
      const outcome = await sender.send(outgoing(receiver.url, { followRedirects: true }))
      expect(outcome.error?.code).toBe('url_invalid')
      expect(outcome.response?.status).toBe(302)
    },
  )

  it('a redirect without Location is an answer', async () => {
    await using receiver = await startRawReceiver(always(answer('302 Found')))
    await using sender = realSender()
    const outcome = await sender.send(outgoing(receiver.url, { followRedirects: true }))
    expect(outcome.error).toBeNull()
    expect(outcome.response?.status).toBe(302)
  })

  it('a next hop that fails is the outcome', async () => {
    await using receiver = await startRawReceiver(redirectOnce(302, 'http://127.0.0.1:1/'))
    await using sender = realSender()
    const outcome = await sender.send(outgoing(`${receiver.url}/start`, { followRedirects: true }))
    expect(outcome.error?.code).toBe('refused')
    expect(outcome.response).toBeNull()
    expect(outcome.redirectedTo).toEqual(['http://127.0.0.1:1/'])
  })

  it('is ended between two hops when the sender closes', async () => {
    await using receiver = await startRawReceiver(always(redirect(302, '/again')))
    await using sender = realSender()
    const sent = sender.send(outgoing(receiver.url, { followRedirects: true }))
    await expect.poll(() => receiver.requests.length, { interval: 0 }).toBeGreaterThan(0)
    await sender.close()
    expect(['interrupted', 'too_many_redirects']).toContain((await sent).error?.code)
    const before = receiver.requests.length
    expect((await sender.send(outgoing(receiver.url))).error?.code).toBe('interrupted')
    expect(receiver.requests).toHaveLength(before)
  })
})

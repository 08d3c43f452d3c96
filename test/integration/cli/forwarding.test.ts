import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { freePort } from '../../support/free-port.ts'
import { hookbench, hookbenchAsync, startHookbench, type Running } from '../../support/run-command-line.ts'
import { connectRaw } from '../../support/raw-client.ts'

/** A receiver that answers these bytes, and what came to it. */
async function behind(answer: string | null): Promise<{ url: string; requests: Buffer[] }> {
  const requests: Buffer[] = []
  const server = createServer((socket) => {
    let all = Buffer.alloc(0)
    socket.on('error', () => undefined)
    socket.on('data', (part) => {
      all = Buffer.concat([all, part])
      const head = all.indexOf('\r\n\r\n')
      const length = Number(/content-length: (\d+)/i.exec(all.toString('latin1', 0, head))?.[1] ?? 0)
      if (head < 0 || all.length < head + 4 + length) return
      requests.push(all)
      if (answer === null) socket.destroy()
      else socket.end(answer)
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, requests }
}

interface Listening {
  readonly running: Running
  readonly url: string
}

async function listen(...given: string[]): Promise<Listening> {
  const running = startHookbench(['listen', '--json', ...given])
  onTestFinished(() => void running.process.kill('SIGKILL'))
  const { url } = (await running.nextJson()) as { url: string }
  return { running, url }
}

const teapot =
  'HTTP/1.1 418 I’m one\r\nContent-Type: text/x-tea\r\nX-Twice: 1\r\nX-Twice: 2\r\nContent-Length: 5\r\n\r\nshort'

describe('listen --forward', () => {
  it('passes the same bytes and headers on, and answers what the receiver behind answers', async () => {
    const { url: target, requests } = await behind(teapot)
    const { running, url } = await listen('--forward', target, '--count', '1')
    const port = Number(new URL(url).port)
    const client = await connectRaw(port)
    const body = Buffer.from([0x7b, 0xff, 0x00, 0x0a, 0x7d])
    await client.send(
      Buffer.concat([
        Buffer.from(
          'PUT /in/x?a=%20&b HTTP/1.1\r\nHost: x\r\nX-oDD: 1\r\nx-ODD: 2\r\nConnection: close, X-Gone\r\nX-Gone: y\r\n' +
            `Content-Length: ${body.length}\r\n\r\n`,
        ),
        body,
      ]),
    )
    const answer = await client.closed()
    expect(answer).toMatch(/^HTTP\/1\.1 418 /)
    expect(answer).toContain('X-Twice: 1\r\nX-Twice: 2\r\n')
    expect(answer).toMatch(/\r\n\r\nshort$/)
    const [head = '', sent = ''] = requests[0]?.toString('latin1').split('\r\n\r\n') ?? []
    expect(head).toMatch(/^PUT \/in\/x\?a=%20&b HTTP\/1\.1\r\n/)
    expect(head).toContain('X-oDD: 1\r\nx-ODD: 2')
    expect(head).not.toContain('X-Gone')
    expect(Buffer.from(sent, 'latin1')).toEqual(body)
    expect(await running.nextJson()).toMatchObject({
      event: 'capture',
      capture: { answered: { status: 418 } },
      forwarded: { url: `${target}/in/x?a=%20&b`, status: 418, error: null },
    })
    expect(await running.nextJson()).toMatchObject({ event: 'done', received: 1, unanswered: 0 })
    expect(await running.ended).toBe(0)
  })

  it('sends to a URL with a path as it is', async () => {
    const { url: target, requests } = await behind('HTTP/1.1 204 No Content\r\n\r\n')
    const { url } = await listen('--forward', `${target}/hooks?k=1`)
    expect((await fetch(`${url}/other`, { method: 'POST', body: 'x' })).status).toBe(204)
    expect(requests[0]?.toString()).toMatch(/^POST \/hooks\?k=1 HTTP/)
  })

  it('answers 502 where nobody answers, and exits with 1', async () => {
    const { url: target } = await behind(null)
    for (const to of [target, `http://127.0.0.1:${await freePort()}`]) {
      const { running, url } = await listen('--forward', to, '--count', '1')
      const answer = await fetch(url, { method: 'POST', body: 'x' })
      expect(answer.status).toBe(502)
      expect(await answer.text()).toMatch(/\.\n$/)
      expect(await running.nextJson()).toMatchObject({
        forwarded: { status: null, error: { code: /reset|refused/ } },
      })
      expect(await running.ended).toBe(1)
    }
  })

  it.each([
    ['is larger than 64 KiB', `HTTP/1.1 200 OK\r\nContent-Length: 70000\r\n\r\n${'x'.repeat(70_000)}`],
    ['breaks off', 'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf'],
  ])('passes back no answer that %s as if it were whole', async (_, answer) => {
    const { url: target } = await behind(answer)
    const { running, url } = await listen('--forward', target, '--count', '1')
    expect((await fetch(url, { method: 'POST', body: 'x' })).status).toBe(502)
    expect(await running.nextJson()).toMatchObject({
      capture: { answered: { status: 502 } },
      forwarded: { status: 200, error: { message: expect.stringMatching(/\.$/) as string } },
    })
    expect(await running.nextJson()).toMatchObject({ event: 'done', unanswered: 1 })
    expect(await running.ended).toBe(1)
  })

  it('passes on no request that did not come whole', async () => {
    const { url: target, requests } = await behind('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n')
    const { running, url } = await listen('--forward', target)
    const client = await connectRaw(Number(new URL(url).port))
    await client.send('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nhalf')
    client.socket.destroy()
    expect(await running.nextJson()).toMatchObject({ event: 'capture', capture: { aborted: true } })
    const tooLarge = Buffer.alloc(26 * 1024 * 1024)
    const answer = await fetch(url, { method: 'POST', body: tooLarge }).then(
      ({ status }) => status,
      () => 413,
    )
    expect(answer).toBe(413)
    expect(await running.nextJson()).toMatchObject({
      capture: { truncated: true, answered: { status: 413 } },
    })
    expect(requests).toEqual([])
  })

  it('ends in order when it is stopped while it waits for an answer', async () => {
    const silent = createServer((socket) => void socket.on('error', () => undefined)).listen(0, '127.0.0.1')
    await once(silent, 'listening')
    const { running, url } = await listen(
      '--forward',
      `http://127.0.0.1:${(silent.address() as AddressInfo).port}`,
    )
    const connected = once(silent, 'connection')
    const answer = fetch(url, { method: 'POST', body: 'x' }).then(
      ({ status }) => status,
      () => null,
    )
    const [socket] = (await connected) as [{ destroy: () => void }]
    onTestFinished(() => {
      socket.destroy()
      silent.close()
    })
    running.process.kill('SIGINT')
    expect(await running.nextJson()).toMatchObject({ event: 'capture', forwarded: { status: null } })
    expect(await running.nextJson()).toMatchObject({ event: 'done', received: 1, unanswered: 1 })
    expect(await running.ended).toBe(1)
    expect(await answer).toBe(502)
  })

  it('refuses what is no URL, and its own address', async () => {
    expect(hookbench(['listen', '--forward', 'localhost:3000'])).toMatchObject({
      code: 2,
      stderr: 'hookbench: --forward: must start with http:// or https://\n',
    })
    const port = String(await freePort())
    for (const host of ['127.0.0.1', 'localhost', '[::1]', '0.0.0.0']) {
      const own = await hookbenchAsync(['listen', '--port', port, '--forward', `http://${host}:${port}/x`])
      expect(own.code, host).toBe(2)
      expect(own.stderr).toContain('for ever')
    }
  })
})

describe('listen --fail-first', () => {
  it('answers 500 to the first requests, so that a sender’s retries can be seen to work', async () => {
    const { running, url } = await listen(
      '--provider',
      'breakcold',
      '--secret',
      's',
      '--fail-first',
      '1',
      '--count',
      '2',
    )
    const sent = await hookbenchAsync(
      ['send', 'record.created', '--to', url, '--provider', 'breakcold', '--retries', '1', '--json'],
      { HOOKBENCH_SECRET: 's' },
    )
    expect(sent.code).toBe(0)
    expect(JSON.parse(sent.stdout)).toMatchObject({
      attempts: [{ response_status: 500 }, { response_status: 200 }],
    })
    expect(await running.nextJson()).toMatchObject({
      capture: { verdict: { status: 'verified' }, answered: { status: 500 } },
    })
    expect(await running.nextJson()).toMatchObject({ capture: { answered: { status: 200 } } })
    expect(await running.ended).toBe(0)
  })

  it('passes on what comes after them', async () => {
    const { url: target, requests } = await behind('HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n')
    const { url } = await listen('--forward', target, '--fail-first', '2')
    const statuses: number[] = []
    for (let at = 0; at < 3; at += 1) statuses.push((await fetch(url, { method: 'POST', body: 'x' })).status)
    expect([statuses, requests.length]).toEqual([[500, 500, 201], 1])
  })
})

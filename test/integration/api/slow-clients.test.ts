import { connect, type Socket } from 'node:net'
import { setTimeout as after } from 'node:timers/promises'
import { expect, it, onTestFinished } from 'vitest'
import { startApiServer, type ApiServer } from '../../../src-main/api/api-server.ts'
import { systemClock } from '../../../src-main/system-clock.ts'
import { startTestHost } from '../../support/test-host.ts'

async function serve(): Promise<ApiServer> {
  const { host } = await startTestHost()
  const server = await startApiServer({
    host: '127.0.0.1',
    port: 0,
    handlers: host.handlers,
    feed: host.engine.feed,
    version: '0.0.0',
    clock: systemClock,
    uiFolder: null,
    onError: () => undefined,
    timeouts: { headersMs: 300, requestMs: 600, idleMs: 1500, checkMs: 50 },
  })
  onTestFinished(() => server.close())
  return server
}

interface Slow {
  readonly socket: Socket
  /** What the server sent until it closed the connection. */
  readonly closed: Promise<string>
}

function slow({ port }: ApiServer, first: string): Slow {
  const socket = connect(port, '127.0.0.1', () => socket.write(first))
  onTestFinished(() => void socket.destroy())
  let answer = ''
  socket.setEncoding('latin1').on('data', (chunk: string) => {
    answer += chunk
  })
  socket.on('error', () => undefined)
  const closed = new Promise<string>((resolve) => socket.on('close', () => resolve(answer)))
  return { socket, closed }
}

it('a client that drips its headers is closed in time', async () => {
  const server = await serve()
  const { socket, closed } = slow(server, 'GET /api/v1/health HTTP/1.1\r\n')
  const drip = setInterval(() => socket.write('X-Drip: 1\r\n'), 40)
  onTestFinished(() => clearInterval(drip))
  expect(await closed).toMatch(/^HTTP\/1\.1 408 /)
})

it('a client that drips its body is closed in time', async () => {
  const server = await serve()
  const head = [
    'POST /api/v1/workspaces HTTP/1.1',
    `Host: 127.0.0.1:${server.port}`,
    `Authorization: Bearer ${server.token}`,
    'Content-Type: application/json',
    'Content-Length: 1000',
  ]
  const { socket, closed } = slow(server, `${head.join('\r\n')}\r\n\r\n{`)
  const drip = setInterval(() => socket.write(' '), 40)
  onTestFinished(() => clearInterval(drip))
  expect(await closed).toMatch(/^(HTTP\/1\.1 408 |$)/)
})

it('an idle connection is closed in time, and others are served meanwhile', async () => {
  const server = await serve()
  const idle = Array.from({ length: 50 }, () => slow(server, ''))
  await after(100)
  const answer = await fetch(`${server.url}/api/v1/health`, {
    headers: { authorization: `Bearer ${server.token}` },
  })
  expect(answer.status).toBe(200)
  await Promise.all(idle.map(({ closed }) => closed))
})

it('more connections than can be are closed at once', async () => {
  const server = await serve()
  const open = Array.from({ length: 300 }, () => slow(server, ''))
  const closed = new Set<number>()
  open.forEach((connection, index) => void connection.closed.then(() => closed.add(index)))
  await after(250)
  expect(closed.size).toBeGreaterThanOrEqual(40)
  expect(closed.size).toBeLessThan(300)
})

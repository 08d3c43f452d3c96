import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { readInstance } from '../../../src-main/data-folder.ts'
import { FaultyFileSystem } from '../../support/faulty-file-system.ts'
import { freePort } from '../../support/free-port.ts'
import { connectRaw } from '../../support/raw-client.ts'
import { startTestHost, type TestHost, type TestHostOptions } from '../../support/test-host.ts'

const anyPort = { host: '127.0.0.1', port: { unlessSet: 0 } }
const start = (options: TestHostOptions = {}) => startTestHost({ capture: anyPort, ...options })

/** Another program's port. */
async function takenPort(): Promise<number> {
  const server = createServer((socket) => socket.end())
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  return (server.address() as AddressInfo).port
}

const receiverOf = async ({ call }: TestHost) => (await call('health.get', {})).receiver
const send = (url: string | null, path = '/in/inbox') => fetch(`${url}${path}`, { method: 'POST', body: 'x' })
const targets = async ({ call }: TestHost) =>
  (await call('captures.list', {})).items.map(({ target }) => target)

describe('the receiver’s port', () => {
  it('is changed at once: what comes to the new one is captured, the old one is let go', async () => {
    const test = await start({ api: { host: '127.0.0.1', port: 0, uiFolder: null } })
    const before = (await receiverOf(test)).url
    await send(before, '/in/inbox/old')
    const port = await freePort()
    await test.call('settings.change', { capture_port: port })
    const url = `http://127.0.0.1:${port}`
    expect(await receiverOf(test)).toEqual({ listening: true, url, problem: null })
    await send(url, '/in/inbox/new')
    expect(await targets(test)).toEqual(['/in/inbox/new', '/in/inbox/old'])
    await expect(send(before)).rejects.toThrow('fetch failed')
    const [endpoint] = (await test.call('endpoints.list', {})).items
    expect(endpoint?.url).toContain(url)
    expect(await readInstance(test.folder)).toMatchObject({ capture: url })
    expect(test.events).toContainEqual({ kind: 'configuration', of: 'all', id: null })
    await test.stop()
    expect(await readInstance(test.folder)).toBeNull()
  })

  it('is kept for the next start, where an option goes before it', async () => {
    const test = await start()
    const port = await freePort()
    await test.call('settings.change', { capture_port: port })
    const again = await test.restart()
    expect((await receiverOf(again)).url).toBe(`http://127.0.0.1:${port}`)
    const other = await freePort()
    const asked = await again.restart({ capture: { host: '127.0.0.1', port: other } })
    expect((await receiverOf(asked)).url).toBe(`http://127.0.0.1:${other}`)
    await asked.call('settings.change', { capture_port: port })
    expect((await receiverOf(asked)).url).toBe(`http://127.0.0.1:${port}`)
    await asked.call('settings.change', { capture_port: null })
    expect((await receiverOf(asked)).url).toBe(`http://127.0.0.1:${other}`)
  })

  it('stays where it is when the new one is in use, and nothing is saved', async () => {
    const test = await start()
    const { url } = await receiverOf(test)
    const port = await takenPort()
    await expect(test.call('settings.change', { capture_port: port })).rejects.toMatchObject({
      code: 'port_in_use',
      status: 409,
      fields: [{ path: 'capture_port', message: `${port} is in use; choose another, or 0 for any free one` }],
    })
    expect(await receiverOf(test)).toEqual({ listening: true, url, problem: null })
    expect((await send(url)).status).toBe(200)
    expect((await test.call('settings.get', {})).capture_port).toBeNull()
  })

  it('stays where it is when the choice can’t be saved', async () => {
    const files = new FaultyFileSystem()
    const test = await start({ files })
    const { url } = await receiverOf(test)
    const port = await freePort()
    files.break({ at: 1, code: 'ENOSPC', lasting: true })
    await expect(test.call('settings.change', { capture_port: port })).rejects.toMatchObject({
      code: 'storage_unavailable',
    })
    expect((await receiverOf(test)).url).toBe(url)
    await expect(send(`http://127.0.0.1:${port}`)).rejects.toThrow('fetch failed')
    files.mend()
  })

  it('that is taken at the start is said with the way out, and another is listened on when it is chosen', async () => {
    const test = await start()
    const port = await takenPort()
    const again = await test.restart({ capture: { host: '127.0.0.1', port } })
    const { listening, url, problem } = await receiverOf(again)
    expect({ listening, url }).toEqual({ listening: false, url: null })
    expect(problem).toBe(
      `Port ${port} on 127.0.0.1 is in use. Choose another with --capture-port or in the settings, or 0 for any free one.`,
    )
    expect((await again.call('health.get', {})).status).toBe('degraded')
    await again.call('settings.change', { capture_port: 0 })
    const mended = await receiverOf(again)
    expect(mended).toMatchObject({ listening: true, problem: null })
    expect((await send(mended.url)).status).toBe(200)
  })

  it('a request under way at the old port is finished', async () => {
    const test = await start()
    const { url } = await receiverOf(test)
    const client = await connectRaw(Number(new URL(url ?? '').port))
    await client.send('POST /in/inbox/slow HTTP/1.1\r\nContent-Length: 4\r\n\r\nab')
    const moving = test.call('settings.change', { capture_port: await freePort() })
    await expect.poll(() => test.host.receiver.url).not.toBe(url)
    await client.send('cd')
    expect(await client.closed()).toMatch(/^HTTP\/1\.1 200 /)
    await moving
    expect(await targets(test)).toEqual(['/in/inbox/slow'])
  })

  it('of several changes at once the last one stands', async () => {
    const test = await start()
    const ports = [await freePort(), await freePort(), await freePort()]
    await Promise.all(ports.map((port) => test.call('settings.change', { capture_port: port })))
    expect((await receiverOf(test)).url).toBe(`http://127.0.0.1:${ports[2]}`)
    for (const port of ports.slice(0, 2))
      await expect(send(`http://127.0.0.1:${port}`)).rejects.toThrow('fetch failed')
  })

  it('must be a port, and not the API’s', async () => {
    const test = await start()
    await expect(test.call('settings.change', { capture_port: 70_000 })).rejects.toMatchObject({
      fields: [{ path: 'capture_port', message: 'must be 0 to 65535' }],
    })
    await expect(test.call('settings.change', { capture_port: 4000, api_port: 4000 })).rejects.toMatchObject({
      fields: [{ path: 'capture_port', message: 'receiver and API need ports of their own' }],
    })
  })
})

describe('the API’s port', () => {
  it('is taken from the settings at the next start, unless an option names one', async () => {
    const test = await start({ api: { ...anyPort, uiFolder: null } })
    const port = await freePort()
    await test.call('settings.change', { api_port: port })
    const again = await test.restart()
    expect(again.host.api?.port).toBe(port)
    const asked = await again.restart({ api: { host: '127.0.0.1', port: 0, uiFolder: null } })
    expect(asked.host.api?.port).not.toBe(port)
  })

  it('that is taken doesn’t lock out where any other would do', async () => {
    const test = await start({ api: { ...anyPort, uiFolder: null } })
    const port = await takenPort()
    await test.call('settings.change', { api_port: port })
    const again = await test.restart()
    expect(again.host.api?.port).toBeGreaterThan(0)
    expect(again.log.join('\n')).toContain(`Port ${port} on 127.0.0.1 is in use`)
    await expect(again.restart({ api: { host: '127.0.0.1', port, uiFolder: null } })).rejects.toMatchObject({
      code: 'port_in_use',
    })
  })
})

it('a new limit of captured bodies counts for the next request', async () => {
  const test = await start()
  const { url } = await receiverOf(test)
  await test.call('settings.change', { capture_body_limit_bytes: 1024 })
  const answer = await fetch(`${url}/in/inbox`, { method: 'POST', body: 'x'.repeat(1025) })
  expect(answer.status).toBe(413)
})

it('ports belong to a machine: they are not exported', async () => {
  const test = await start()
  await test.call('settings.change', { capture_port: await freePort(), api_port: await freePort() })
  const { bytes } = await test.call('configuration.export', { format: 'yaml' })
  const text = Buffer.from(bytes).toString('utf8')
  expect(text).toContain('max_captures')
  expect(text).not.toMatch(/_port/)
  const { counts } = await test.call('configuration.import', { text })
  expect(counts).toMatchObject({ create: 0, change: 0 })
  expect((await test.call('settings.get', {})).api_port).toBeGreaterThan(0)
})

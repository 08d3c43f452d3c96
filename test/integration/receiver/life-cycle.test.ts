import { networkInterfaces } from 'node:os'
import { describe, expect, it } from 'vitest'
import { createReceiver, type ReceiverOptions } from '../../../src-main/capture/receiver.ts'
import { systemClock } from '../../../src-main/system-clock.ts'
import { connectRaw, exchangeRaw, settle } from '../../support/raw-client.ts'
import { gate, ok, startReceiver } from './start-receiver.ts'

const get = 'GET / HTTP/1.1\r\n\r\n'
const handle: ReceiverOptions['handle'] = () => Promise.resolve(ok)
const hasIpv6 = Object.values(networkInterfaces()).some((list) => list?.some((a) => a.address === '::1'))

describe('listening', () => {
  it('fault 37: a port in use is named, with the way out', async () => {
    const { port } = await startReceiver()
    const second = createReceiver({ clock: systemClock, host: '127.0.0.1', port, handle })
    await expect(second.listen()).rejects.toMatchObject({
      code: 'port_in_use',
      details: { port, host: '127.0.0.1', option: '--capture-port' },
      message: expect.stringContaining(`Port ${port} on 127.0.0.1 is in use`),
    })
    await second.close()
    expect(await exchangeRaw(port, get)).toMatch(/ 200 /)
  })

  it.each([
    ['192.0.2.1', 0, /no such address/, '--host'],
    ['127.0.0.1', 70_000, /0 to 65535/, '--capture-port'],
    ['name.invalid', 0, /./, '--host'],
  ])('an address that can’t be listened on (%s:%i) is explained', async (host, port, reason, option) => {
    const receiver = createReceiver({ clock: systemClock, host, port, handle })
    await expect(receiver.listen()).rejects.toMatchObject({
      code: 'port_unusable',
      details: { host, port, option, reason: expect.stringMatching(reason) },
    })
    await receiver.close()
  })

  it('gives its address as a URL', async () => {
    const { receiver, port } = await startReceiver()
    expect(port).toBeGreaterThan(0)
    expect(receiver.url).toBe(`http://127.0.0.1:${port}`)
    const any = await startReceiver({ host: '0.0.0.0' })
    expect(any.receiver.url).toBe(`http://127.0.0.1:${any.port}`)
  })

  it.skipIf(!hasIpv6)('listens on IPv6', async () => {
    const { receiver, port, first } = await startReceiver({ host: '::1' })
    expect(receiver.url).toBe(`http://[::1]:${port}`)
    const client = await connectRaw(port, { host: '::1' })
    await client.send(get)
    await client.until(/kept$/)
    expect((await first()).remoteAddress).toBe(`[::1]:${client.socket.localPort}`)
  })
})

describe('closing', () => {
  it('ends idle connections at once, refuses new ones, and may be repeated', async () => {
    const { receiver, port, captures } = await startReceiver()
    const fresh = await connectRaw(port)
    const used = await connectRaw(port)
    await used.send(get)
    await used.until(/kept$/)
    await Promise.all([receiver.close(), receiver.close(), fresh.closed(), used.closed()])
    await expect(connectRaw(port)).rejects.toThrow(/ECONNREFUSED/)
    expect(captures).toHaveLength(1)
  })

  it('lets requests under way end, which then close their connections', async () => {
    const kept = gate()
    const { receiver, port, captured } = await startReceiver({}, async () => {
      await kept.opened
      return ok
    })
    const answering = await connectRaw(port)
    await answering.send(get)
    const sending = await connectRaw(port)
    await sending.send('POST / HTTP/1.1\r\nContent-Length: 2\r\n\r\na')
    await captured(1)
    const closing = receiver.close()
    await sending.send('b')
    await captured(2)
    kept.open()
    await closing
    expect(await answering.closed()).toMatch(/\r\nConnection: close\r\n[^]*kept$/)
    expect(await sending.closed()).toMatch(/\r\nConnection: close\r\n[^]*kept$/)
  })

  it('cuts off what has not ended within the grace time', async () => {
    const never = gate()
    const { receiver, port, captures, captured } = await startReceiver({}, async () => {
      await never.opened
      return ok
    })
    const waiting = await connectRaw(port)
    await waiting.send(get)
    const sending = await connectRaw(port)
    await sending.send('POST / HTTP/1.1\r\nContent-Length: 2\r\n\r\na')
    await captured(1)
    await receiver.close({ graceMs: 30 })
    expect(await waiting.closed()).toBe('')
    expect(await sending.closed()).toBe('')
    expect(captures).toHaveLength(1)
    never.open()
  })

  it('waits for a capture whose sender has gone', async () => {
    const kept = gate()
    let done = false
    const { receiver, port, first } = await startReceiver({}, async () => {
      await kept.opened
      done = true
      return ok
    })
    const client = await connectRaw(port)
    await client.send(get)
    await first()
    client.socket.resetAndDestroy()
    await settle()
    let closed = false
    const closing = receiver.close().then(() => {
      closed = true
    })
    await settle()
    expect(closed).toBe(false)
    kept.open()
    await closing
    expect(done).toBe(true)
  })
})

import { connect } from 'node:net'
import { describe, expect, it } from 'vitest'
import type { DeliverySummary } from '../../../src-shared/model/delivery.ts'
import { addDestination } from '../../support/builders.ts'
import { setTimeout as after } from 'node:timers/promises'
import type { StreamedMessage } from '../../../src-shared/api/event-stream.ts'
import { openStream, type StreamTarget } from '../../support/stream-reader.ts'
import { startTestHost, type TestHost } from '../../support/test-host.ts'
import { startTestReceiver } from '../../support/test-receiver.ts'

interface Served {
  readonly host: TestHost
  readonly target: StreamTarget
  /** Raises so many events for one destination. */
  readonly raise: (count: number) => Promise<string[]>
}

async function serve(receiverUrl: string): Promise<Served> {
  const host = await startTestHost({ api: { host: '127.0.0.1', port: 0, uiFolder: null } })
  const { api } = host.host
  if (api === null) throw new Error('the API is not there')
  const workspace = await host.call('workspaces.create', { name: 'Hub', provider: 'leadhub' })
  await addDestination(host, workspace.id, { url_template: receiverUrl })
  return {
    host,
    target: { url: api.url, token: api.token },
    raise: (count) =>
      Promise.all(
        Array.from({ length: count }, async () => {
          const { deliveries } = await host.call('events.raise', {
            workspace_id: workspace.id,
            type: 'lead.created',
          })
          return deliveries[0]?.id ?? ''
        }),
      ),
  }
}

describe('the event stream', () => {
  it('tells each move of a delivery, in order, after it is on disk', async () => {
    await using receiver = await startTestReceiver()
    const { target, raise } = await serve(receiver.url)
    const reader = await openStream(target)
    const [id] = await raise(1)
    await reader.until(({ message }) => message.event === 'delivery' && message.data.status === 'succeeded')
    expect(reader.messages[0]?.message.event).toBe('ready')
    const moves = reader.messages.flatMap(({ message }) =>
      message.event === 'delivery' && message.data.id === id ? [message.data.status] : [],
    )
    expect(moves).toEqual(['pending', 'processing', 'succeeded'])
    expect(reader.messages.find(({ message }) => message.event === 'attempt')?.message.data).toMatchObject({
      delivery_id: id,
      number: 1,
      response_status: 200,
    })
    await reader.close()
  })

  it('tells an event that nobody gets, too, without its payload', async () => {
    const host = await startTestHost({ api: { host: '127.0.0.1', port: 0, uiFolder: null } })
    const { api } = host.host
    if (api === null) throw new Error('the API is not there')
    const workspace = await host.call('workspaces.create', { name: 'Hub', provider: 'leadhub' })
    const reader = await openStream({ url: api.url, token: api.token })
    const { event, deliveries } = await host.call('events.raise', {
      workspace_id: workspace.id,
      type: 'lead.created',
    })
    expect(deliveries).toEqual([])
    await reader.until(({ message }) => message.event === 'event')
    const { payload: _payload, ...told } = event
    expect(reader.messages.at(-1)?.message).toEqual({ event: 'event', data: told })
    await reader.close()
  })

  it('tells changes of the configuration', async () => {
    await using receiver = await startTestReceiver()
    const { host, target } = await serve(receiver.url)
    const reader = await openStream(target)
    const { id } = await host.call('workspaces.create', { name: 'Another', provider: 'leadnest' })
    const { message } = await reader.until((next) => next.message.event === 'configuration')
    expect(message.data).toEqual({ of: 'workspaces', id })
    await reader.close()
  })

  it('goes on from the last id over a reconnect, without gap or repeat', async () => {
    await using receiver = await startTestReceiver()
    const { target, raise, host } = await serve(receiver.url)
    const first = await openStream(target)
    await raise(3)
    const last = await first.until(({ message }) => message.event === 'delivery')
    await first.close()
    const seenFirst = first.messages.map(({ id }) => id)
    for (const id of await raise(3)) await host.until(id, 'succeeded')
    const second = await openStream(target, seenFirst.at(-1))
    await second.until(({ message }) => message.event === 'ready')
    const [marker = ''] = await raise(1)
    await second.until(({ message }) => message.event === 'delivery' && message.data.id === marker)
    const numbers = [...first.messages, ...second.messages.slice(1)].map(({ id }) => Number(id.split('-')[1]))
    expect(numbers).toEqual(numbers.map((_, index) => (numbers[0] ?? 0) + index))
    expect(last.id.split('-')[0]).toBe(second.messages.at(-1)?.id.split('-')[0])
    await second.close()
  })

  it.each(['otherlaunch-5', 'nonsense', ''])(
    'an id that it doesn’t know (%j) begins with a reset',
    async (lastId) => {
      await using receiver = await startTestReceiver()
      const { target } = await serve(receiver.url)
      const reader = await openStream(target, lastId)
      const { message } = await reader.until(() => true)
      expect(message.event).toBe(lastId === '' ? 'ready' : 'reset')
      await reader.close()
    },
  )

  it('a reader that disconnects 100 times during 10,000 deliveries ends with exactly the state of the store', async () => {
    await using receiver = await startTestReceiver()
    const { target, raise, host } = await serve(receiver.url)
    const known = new Map<string, DeliverySummary>()
    const numbers: number[] = []
    let lastId: string | undefined
    let resets = 0
    const take = (messages: readonly StreamedMessage[]): void => {
      for (const { id, message } of messages) {
        if (message.event === 'reset') resets += 1
        if (message.event !== 'ready') numbers.push(Number(id.split('-')[1]))
        if (message.event === 'delivery') known.set(message.data.id, message.data)
        lastId = id
      }
    }
    /** Reads until so many have come, or none for a moment; then breaks off, wherever that is. */
    const readSome = async (count: number): Promise<void> => {
      const reader = await openStream(target, lastId)
      await Promise.race([reader.until(() => reader.messages.length >= count), after(300)])
      await reader.close()
      take(reader.messages)
    }
    for (let round = 0; round < 100; round += 1) {
      await Promise.all([raise(100), readSome(300 + ((round * 37) % 400))])
    }
    const { dispatcher } = host.host.engine
    await host.untilHolds(() => dispatcher.queueLength().waiting + dispatcher.queueLength().inFlight === 0)
    const marker = await host.call('workspaces.create', { name: 'the end', provider: 'leadnest' })
    const end = await openStream(target, lastId)
    await end.until(({ message }) => message.event === 'configuration' && message.data.id === marker.id)
    await end.close()
    take(end.messages)
    expect(resets).toBe(0)
    // Each event exactly once, in order.
    expect(numbers).toEqual(numbers.map((_, index) => (numbers[0] ?? 0) + index))
    const stored = new Map<string, DeliverySummary>()
    let cursor: string | undefined
    do {
      const page = await host.call('deliveries.list', { limit: 500, cursor })
      for (const delivery of page.items) stored.set(delivery.id, delivery)
      cursor = page.next_cursor ?? undefined
    } while (cursor !== undefined)
    expect(stored.size).toBe(10_000)
    expect(known.size).toBe(10_000)
    for (const [id, delivery] of stored) expect(known.get(id)).toEqual(delivery)
  }, 120_000)

  it('tells a reader that reads nothing for long to read everything again, and holds no memory for it', async () => {
    await using receiver = await startTestReceiver()
    const { target, host } = await serve(receiver.url)
    const { port } = new URL(target.url)
    const socket = connect(Number(port), '127.0.0.1')
    const lines = [
      `GET /api/v1/stream HTTP/1.1`,
      `Host: 127.0.0.1:${port}`,
      `Authorization: Bearer ${target.token}`,
    ]
    socket.write(`${lines.join('\r\n')}\r\n\r\n`)
    let text = ''
    socket.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk
    })
    while (!text.includes('event: ready')) await after(10)
    socket.pause()
    const before = process.memoryUsage().heapUsed
    const padding = 'x'.repeat(180)
    for (let round = 0; round < 60; round += 1) {
      await Promise.all(
        Array.from({ length: 500 }, async (_, n) => {
          host.host.engine.push.publish({ kind: 'configuration', of: 'all', id: `${round}-${n}-${padding}` })
        }),
      )
      await after(1)
    }
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(60 * 1024 * 1024)
    socket.resume()
    while (!text.includes('event: reset')) await after(10)
    const ids = [...text.matchAll(/^id: \w+-(\d+)$/gm)].map((match) => Number(match[1]))
    expect(ids).toEqual(ids.toSorted((a, b) => a - b))
    expect(ids.at(-1)).toBeGreaterThanOrEqual(30_000)
    socket.destroy()
  }, 30_000)

  it('abuse 06: a foreign origin gets none, nor does anybody without the token', async () => {
    await using receiver = await startTestReceiver()
    const { target } = await serve(receiver.url)
    const foreign = await openStream(target, undefined, { origin: 'http://evil.example' })
    expect(foreign.status).toBe(403)
    const nobody = await openStream({ ...target, token: 'wrong' })
    expect(nobody.status).toBe(401)
  })

  it('ends when Hookbench stops', async () => {
    await using receiver = await startTestReceiver()
    const { host, target } = await serve(receiver.url)
    const reader = await openStream(target)
    await host.stop(0)
    await reader.ended.catch(() => undefined)
  })

  it('is open to 64 readers at once, no more', async () => {
    await using receiver = await startTestReceiver()
    const { target } = await serve(receiver.url)
    const readers = await Promise.all(Array.from({ length: 64 }, () => openStream(target)))
    expect(readers.map(({ status }) => status)).toEqual(Array.from({ length: 64 }, () => 200))
    expect((await openStream(target)).status).toBe(503)
    await readers[0]?.close()
    await after(50)
    expect((await openStream(target)).status).toBe(200)
    for (const reader of readers) await reader.close()
  })
})

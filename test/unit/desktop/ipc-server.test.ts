import { describe, expect, it } from 'vitest'
import { createBridge } from '../../../src-main/electron/page-bridge.ts'
import { serveIpc, type IpcCaller } from '../../../src-main/electron/ipc-server.ts'
import { createPushFeed } from '../../../src-main/engine/push-feed.ts'
import { createPushHub } from '../../../src-main/engine/push.ts'
import type { Handlers } from '../../../src-shared/api/contract.ts'
import { channels, type BridgeMessage } from '../../../src-shared/desktop/bridge.ts'
import type { DesktopHandlers } from '../../../src-shared/desktop/desktop-contract.ts'
import { AppError } from '../../../src-shared/errors.ts'
import { createDesktopIpc, ownPage } from '../../support/desktop-ipc.ts'
import { createFakeClock } from '../../support/fake-clock.ts'

const otherPage: IpcCaller = { ...ownPage, sender: { id: 2 } }
const subframe: IpcCaller = { ...ownPage, frameId: 7 }

/** Handlers that note what they are asked for. */
function noting(asked: unknown[], answers: Readonly<Record<string, () => unknown>>): object {
  return new Proxy(
    {},
    {
      get: (_target, name) => async (input: unknown) => {
        asked.push([name, input])
        return answers[String(name)]?.() ?? {}
      },
    },
  )
}

function serving(answers: Readonly<Record<string, () => unknown>> = {}) {
  const ipc = createDesktopIpc()
  const clock = createFakeClock()
  const hub = createPushHub((error) => expect.unreachable(String(error)))
  const asked: unknown[] = []
  const errors: string[] = []
  const server = serveIpc<IpcCaller>({
    ipc,
    handlers: noting(asked, answers) as Handlers,
    desktop: noting(asked, answers) as DesktopHandlers,
    feed: createPushFeed(hub, 'launch'),
    clock,
    isOwn: ({ frameId }) => frameId === ownPage.frameId,
    onError: (where, error) => errors.push(`${where}: ${String(error)}`),
  })
  const call = (name: unknown, input: unknown, caller = ownPage) =>
    ipc.invoke(caller, channels.call, name, input)
  const open = (caller = ownPage) => ipc.invoke(caller, channels.open, null) as Promise<string>
  const next = (ticket: unknown, caller = ownPage) =>
    ipc.invoke(caller, channels.next, ticket) as Promise<readonly BridgeMessage[] | null>
  const happen = () => hub.publish({ kind: 'configuration', of: 'settings', id: null })
  return { ipc, clock, asked, errors, server, call, open, next, happen }
}

const problem = (code: string) => ({ problem: expect.objectContaining({ code }) as object })

describe('abuse 21: a call from a subframe or another origin', () => {
  it('is refused, whatever it says', async () => {
    const { asked, call, errors, ipc, open, next } = serving()
    expect(await call('health.get', {}, subframe)).toEqual(problem('forbidden'))
    expect(await call('desktop.get', {}, subframe)).toEqual(problem('forbidden'))
    expect(await call('x'.repeat(100), 'x'.repeat(9_000_000), subframe)).toEqual(problem('forbidden'))
    const ticket = await open()
    await expect(open(subframe)).rejects.toThrow('may not call')
    await expect(next(ticket, subframe)).rejects.toThrow('may not call')
    await expect(ipc.invoke(subframe, channels.close, ticket)).rejects.toThrow('may not call')
    expect(asked).toEqual([])
    expect(errors).toEqual([])
    expect(await next(ticket)).toMatchObject([{ message: { event: 'ready' } }])
  })

  it('is refused before anything of it is read', async () => {
    const { ipc } = serving()
    let read = 0
    const given = {
      get name() {
        read += 1
        return 'x'
      },
    }
    // Not cloned on its way, which would read it.
    const answer = await ipc.listener(channels.call)?.(subframe, 'workspaces.create', given)
    expect(answer).toEqual(problem('forbidden'))
    expect(read).toBe(0)
    await ipc.listener(channels.call)?.(ownPage, 'workspaces.create', given)
    expect(read).toBeGreaterThan(0)
  })
})

describe('a call over IPC', () => {
  it('reaches the contract’s operations and the desktop’s, parsed by their schemas', async () => {
    const { asked, call } = serving({ 'health.get': () => ({ status: 'ok' }) })
    expect(await call('health.get', {})).toEqual({ value: { status: 'ok' } })
    await call('deliveries.list', { limit: '10', status: 'failed,succeeded' })
    await call('desktop.copy', { text: 'x' })
    expect(asked).toEqual([
      ['health.get', {}],
      ['deliveries.list', expect.objectContaining({ limit: 10, status: ['failed', 'succeeded'] })],
      ['desktop.copy', { text: 'x' }],
    ])
  })

  it.each([
    ['an operation that is not there', 'secrets.steal'],
    ['a name of the prototype', 'constructor'],
    ['another one', '__proto__'],
    ['toString', 'toString'],
    ['no name', undefined],
    ['a list', ['health.get']],
    ['an object', { toString: 1 }],
    ['an operation whose answer is a document, which goes another way', 'captures.body'],
    ['an export', 'configuration.export-encrypted'],
  ])('is refused for %s', async (_what, name) => {
    const { asked, call } = serving()
    expect(await call(name, {})).toEqual(problem('route_not_found'))
    expect(asked).toEqual([])
  })

  it('abuse 22: is refused for wrong input, naming the fields', async () => {
    const { asked, call } = serving()
    expect(await call('workspaces.create', { provider: 7, colour: 'red' })).toEqual({
      problem: expect.objectContaining({
        code: 'invalid_input',
        status: 400,
        errors: expect.arrayContaining([
          { path: 'name', message: 'is missing' },
          { path: 'colour', message: 'is not known here' },
        ]) as unknown[],
      }) as object,
    })
    for (const [name, input] of [
      ['desktop.reveal', { what: '/etc/passwd' }],
      ['desktop.change', { on_close: 'explode' }],
      ['desktop.change', { update_feed_url: 'file:///etc' }],
      ['desktop.change', { preload: 'x' }],
      ['desktop.actions', { actions: Array.from({ length: 201 }, () => ({ id: '', label: '', group: '' })) }],
      ['desktop.get', null],
      ['desktop.copy', JSON.parse('{"__proto__": {"text": "x"}}') as unknown],
      ['settings.change', { concurrency: Number.NaN }],
      ['contacts.create', new Map()],
    ] as const)
      expect(await call(name, input), name).toEqual(problem('invalid_input'))
    expect(await call('desktop.copy', { text: 'x'.repeat(9_000_000) })).toEqual(problem('payload_too_large'))
    expect(asked).toEqual([])
    expect(({} as { text?: string }).text).toBeUndefined()
  })

  it('answers an expected failure as its problem, and of a bug nothing but that it was one', async () => {
    const { call, errors } = serving({
      'health.get': () => {
        throw new AppError('conflict', { message: 'Not now.' })
      },
      'desktop.get': () => {
        throw new Error('at /home/ada/secret-place')
      },
    })
    expect(await call('health.get', {})).toEqual({
      problem: expect.objectContaining({ code: 'conflict', detail: 'Not now.' }) as object,
    })
    expect(JSON.stringify(await call('desktop.get', {}))).not.toContain('secret-place')
    expect(await call('desktop.get', {})).toEqual(problem('internal'))
    expect(errors[0]).toBe('ipc: Error: at /home/ada/secret-place')
  })
})

describe('the readers of pages', () => {
  it('belong to the page that opened them', async () => {
    const { ipc, next, open } = serving()
    const ticket = await open()
    expect(await next(ticket, otherPage)).toBeNull()
    await ipc.invoke(otherPage, channels.close, ticket)
    expect(await next(ticket)).toMatchObject([{ message: { event: 'ready' } }])
    for (const wrong of ['', '1-99', 'constructor', undefined, {}]) expect(await next(wrong)).toBeNull()
  })

  it('are told what the desktop says, each of them', async () => {
    const { next, open, server } = serving()
    const tickets = [await open(), await open(otherPage)]
    server.tell({ kind: 'state' })
    expect(await next(tickets[0])).toMatchObject([{ desktop: { kind: 'state' } }, { id: expect.any(String) }])
    expect(await next(tickets[1], otherPage)).toMatchObject([{ desktop: { kind: 'state' } }, {}])
  })

  it('get what was told while no page was there, once: a click on a notification opens the window', async () => {
    const { ipc, next, open, server } = serving()
    server.tell({ kind: 'go', path: '/captures/1' })
    server.tell({ kind: 'state' })
    const tickets = [await open(), await open()]
    // The first one never asks: its page is loading anew.
    expect(await next(tickets[1])).toMatchObject([{ desktop: { kind: 'go', path: '/captures/1' } }, {}])
    for (const ticket of tickets) await ipc.invoke(ownPage, channels.close, ticket)
    expect(await next(await open())).toMatchObject([{ message: { event: 'ready' } }])
    server.forget(1)
    for (let n = 0; n < 50; n += 1) server.tell({ kind: 'action', id: String(n) })
    expect(await next(await open())).toHaveLength(21)
  })

  it('go with their page, and are eight at most, the oldest goes first', async () => {
    const { next, open, server } = serving()
    const foreign = await open(otherPage)
    const tickets: string[] = []
    for (let n = 0; n < 9; n += 1) tickets.push(await open())
    expect(await next(tickets[0])).toBeNull()
    expect(await next(tickets[1])).not.toBeNull()
    const waiting = next(tickets[1])
    server.forget(1)
    expect(await waiting).toBeNull()
    expect(await next(tickets[8])).toBeNull()
    expect(await next(foreign, otherPage)).not.toBeNull()
  })

  it('end with the app: nothing is handled any more', async () => {
    const { ipc, next, open, server } = serving()
    const ticket = await open()
    await next(ticket)
    const waiting = next(ticket)
    expect(ipc.channels).toEqual(Object.values(channels))
    server.close()
    expect(await waiting).toBeNull()
    expect(ipc.channels).toEqual([])
  })
})

describe('the bridge that a page sees', () => {
  it('can call and subscribe, and nothing else', () => {
    const { ipc } = serving()
    const bridge = createBridge((channel, ...given) => ipc.invoke(ownPage, channel, ...given))
    expect(Object.keys(bridge)).toEqual(['call', 'subscribe'])
  })

  it('hands on batch by batch until it is stopped, and leaves no reader behind', async () => {
    const { clock, happen, ipc, server } = serving()
    const bridge = createBridge((channel, ...given) => ipc.invoke(ownPage, channel, ...given))
    const batches: (readonly BridgeMessage[])[] = []
    const stop = bridge.subscribe(null, (batch) => batches.push(batch))
    await clock.advance(0)
    happen()
    await clock.advance(8)
    expect(batches.map((batch) => batch.map((item) => 'id' in item && item.message.event))).toEqual([
      ['ready'],
      ['configuration'],
    ])
    stop()
    await clock.advance(0)
    happen()
    server.tell({ kind: 'go', path: '/' })
    await clock.advance(8)
    expect(batches).toHaveLength(2)
    // Told when nobody was there: the reader is gone.
    const again: (readonly BridgeMessage[])[] = []
    bridge.subscribe(null, (batch) => again.push(batch))
    await clock.advance(8)
    expect(again[0]?.[0]).toEqual({ desktop: { kind: 'go', path: '/' } })
  })

  it('that is stopped at once reads nothing', async () => {
    const { clock, ipc } = serving()
    const bridge = createBridge((channel, ...given) => ipc.invoke(ownPage, channel, ...given))
    bridge.subscribe(null, () => expect.unreachable())()
    await clock.advance(8)
  })
})

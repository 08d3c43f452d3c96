import { describe, expect, it, onTestFinished, vi } from 'vitest'
import type { ConnectionState } from '../../../src-renderer/client/connection.ts'
import { createIpcConnection } from '../../../src-renderer/client/ipc-connection.ts'
import { writeClipboard } from '../../../src-renderer/parts/clipboard.ts'
import type { BridgeAnswer, BridgeMessage, DesktopBridge } from '../../../src-shared/desktop/bridge.ts'
import type { DesktopMessage, DesktopRequest } from '../../../src-shared/desktop/desktop-contract.ts'
import { AppError } from '../../../src-shared/errors.ts'

const id = '01890000-0000-7000-8000-000000000001'
const message = (event: 'ready' | 'reset'): BridgeMessage => ({ id: 'l-1', message: { event, data: {} } })
const desktop = (said: DesktopMessage): BridgeMessage => ({ desktop: said })

function connected(answer: BridgeAnswer = { value: {} }, response = new Response('')) {
  const called: unknown[] = []
  const fetched: string[] = []
  let hand: (batch: readonly BridgeMessage[]) => void = () => undefined
  let stopped = 0
  const bridge: DesktopBridge = {
    call: async (name, input) => {
      called.push([name, input])
      return answer
    },
    subscribe: (_lastId, listener) => {
      hand = listener
      return () => {
        stopped += 1
      }
    },
  }
  const made = createIpcConnection(bridge, async (url) => {
    fetched.push(url)
    return response
  })
  return {
    ...made,
    bridge,
    called,
    fetched,
    hand: (batch: readonly BridgeMessage[]) => hand(batch),
    stopped: () => stopped,
  }
}

describe('the page’s connection over IPC', () => {
  it('calls operations, and throws a problem as the failure that it is', async () => {
    const fine = connected({ value: { status: 'ok' } })
    expect(await fine.connection.client.call('health.get', {})).toEqual({ status: 'ok' })
    expect(fine.called).toEqual([['health.get', {}]])
    const fields = [{ path: 'name', message: 'is missing' }]
    const problem = new AppError('invalid_input', { message: 'name: is missing' }, { fields }).toProblem()
    const failing = connected({ problem })
    await expect(failing.connection.client.call('health.get', {})).rejects.toMatchObject({
      code: 'invalid_input',
      message: 'name: is missing',
      fields,
    })
    await expect(failing.desktop.call('desktop.get', {})).rejects.toBeInstanceOf(AppError)
  })

  it('reads documents by address, in parts, not through IPC', async () => {
    const bytes = new Response('abc', {
      status: 206,
      headers: {
        'content-type': 'text/plain',
        'content-range': 'bytes 3-5/9',
        'content-disposition': 'attachment; filename="a b.txt"',
      },
    })
    const { connection, called, fetched } = connected(undefined, bytes)
    const content = await connection.client.call('captures.body', { id, range: 'bytes=3-5' })
    expect({ ...content, bytes: new TextDecoder().decode(content.bytes) }).toEqual({
      media_type: 'text/plain',
      file_name: 'a b.txt',
      bytes: 'abc',
      offset: 3,
      total_bytes: 9,
    })
    expect(called).toEqual([])
    expect(fetched).toEqual([
      `/content/captures.body?input=${encodeURIComponent(JSON.stringify({ id, range: 'bytes=3-5' }))}`,
    ])
  })

  it('throws the problem of a document that is not there', async () => {
    const problem = new AppError('capture_not_found', { id }).toProblem()
    const { connection } = connected(undefined, new Response(JSON.stringify(problem), { status: 404 }))
    await expect(connection.client.call('captures.body', { id })).rejects.toMatchObject({
      code: 'capture_not_found',
    })
  })

  it('is live with the first message, hands on the engine’s events, and stops', () => {
    const { connection, hand, stopped } = connected()
    const states: ConnectionState[] = []
    const events: string[] = []
    const stop = connection.subscribe({
      onState: (state) => states.push(state),
      onMessage: ({ event }) => events.push(event),
    })
    hand([message('ready'), message('reset'), desktop({ kind: 'state' })])
    expect(states).toEqual(['live'])
    expect(events).toEqual(['ready', 'reset'])
    stop()
    expect(stopped()).toBe(1)
  })

  it('goes on reading when a screen fails on a message', () => {
    const reported: unknown[] = []
    vi.stubGlobal('reportError', (error: unknown) => reported.push(error))
    onTestFinished(() => void vi.unstubAllGlobals())
    const { connection, hand } = connected()
    const events: string[] = []
    connection.subscribe({
      onState: () => undefined,
      onMessage: ({ event }) => {
        events.push(event)
        if (event === 'ready') throw new Error('a screen’s fault')
      },
    })
    hand([message('ready'), message('reset')])
    expect(events).toEqual(['ready', 'reset'])
    expect(reported).toHaveLength(1)
  })
})

describe('what the desktop tells its page', () => {
  it('reaches whoever listens, until he stops', () => {
    const page = connected()
    page.connection.subscribe({ onState: () => undefined, onMessage: () => undefined })
    const heard: string[] = []
    const stops = [
      page.desktop.subscribe(({ kind }) => heard.push(`a ${kind}`)),
      page.desktop.subscribe(({ kind }) => heard.push(`b ${kind}`)),
      page.desktop.onChange(() => heard.push('changed')),
    ]
    page.hand([desktop({ kind: 'state' }), desktop({ kind: 'go', path: '/' })])
    expect(heard.splice(0)).toEqual(['changed', 'a go', 'b go'])
    stops[0]?.()
    stops[2]?.()
    page.hand([desktop({ kind: 'state' }), desktop({ kind: 'go', path: '/' })])
    expect(heard).toEqual(['b go'])
  })

  it('waits for the first one who listens: the menu may be used while the page loads', () => {
    const page = connected()
    page.connection.subscribe({ onState: () => undefined, onMessage: () => undefined })
    page.hand([desktop({ kind: 'action', id: 'compose' }), desktop({ kind: 'go', path: '/captures' })])
    const heard: DesktopRequest[] = []
    page.desktop.onChange(() => expect.unreachable('nothing has changed'))
    page.desktop.subscribe((said) => heard.push(said))
    page.desktop.subscribe(() => expect.unreachable('it was told already'))
    expect(heard).toEqual([
      { kind: 'action', id: 'compose' },
      { kind: 'go', path: '/captures' },
    ])
  })
})

describe('copying', () => {
  it('goes through the app where there is one, whose page is granted nothing', async () => {
    const { bridge, called } = connected()
    vi.stubGlobal('hookbench', bridge)
    onTestFinished(() => void vi.unstubAllGlobals())
    await writeClipboard('whsec_x')
    expect(called).toEqual([['desktop.copy', { text: 'whsec_x' }]])
    const problem = new AppError('payload_too_large', { limit_bytes: 1 }).toProblem()
    vi.stubGlobal('hookbench', { ...bridge, call: async () => ({ problem }) })
    await expect(writeClipboard('x')).rejects.toMatchObject({ code: 'payload_too_large' })
  })
})

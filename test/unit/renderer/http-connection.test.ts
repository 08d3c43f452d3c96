import { describe, expect, it } from 'vitest'
import { encodeMessage } from '../../../src-shared/api/event-stream.ts'
import type { ConnectionState } from '../../../src-renderer/client/connection.ts'
import { createHttpConnection } from '../../../src-renderer/client/http-connection.ts'

const ready = (id: string): string => encodeMessage({ id, message: { event: 'ready', data: {} } })
const reset = (id: string): string => encodeMessage({ id, message: { event: 'reset', data: {} } })

/** Answers the stream's requests one after the other; the last one stays open. */
function connect(answers: readonly (() => Response)[]) {
  const asked: (string | null)[] = []
  const states: ConnectionState[] = []
  const messages: string[] = []
  const connection = createHttpConnection({
    baseUrl: 'http://127.0.0.1:1/api/v1',
    pause: () => Promise.resolve(),
    fetch: (_input, init) => {
      asked.push(new Headers(init?.headers).get('last-event-id'))
      const answer = answers[asked.length - 1]
      return answer === undefined ? new Promise<Response>(() => undefined) : Promise.resolve(answer())
    },
  })
  const stop = connection.subscribe({
    onState: (state) => states.push(state),
    onMessage: ({ event }) => messages.push(event),
  })
  return { asked, states, messages, stop }
}

describe('the event stream over HTTP', () => {
  it('goes on from the last event after a connection that broke', async () => {
    const { asked, states, messages, stop } = connect([
      () => new Response(ready('launch-1')),
      () => new Response(reset('launch-2')),
    ])
    await expect.poll(() => asked).toEqual([null, 'launch-1', 'launch-2'])
    expect(messages).toEqual(['ready', 'reset'])
    expect(states).toEqual(['live', 'lost', 'live', 'lost'])
    stop()
  })

  it('says that the page is logged out on a 401, and goes on after the login', async () => {
    const { asked, states, stop } = connect([
      () => new Response('', { status: 401 }),
      () => new Response(ready('launch-1')),
    ])
    await expect.poll(() => asked.length).toBe(3)
    expect(states).toEqual(['logged-out', 'live', 'lost'])
    stop()
  })
})

describe('a call over HTTP', () => {
  it('that is cancelled ends its request, so that nobody works for it any more', async () => {
    const cancelled = new AbortController()
    const signals: (AbortSignal | null | undefined)[] = []
    const { client } = createHttpConnection({
      baseUrl: 'http://127.0.0.1:1/api/v1',
      pause: () => Promise.resolve(),
      fetch: (_input, init) => {
        signals.push(init?.signal)
        return new Promise((_resolve, reject) => {
          init?.signal?.addEventListener('abort', () => reject(new DOMException('', 'AbortError')))
        })
      },
    })
    const exported = client.call('captures.export-list', { format: 'csv' }, cancelled.signal)
    cancelled.abort()
    await expect(exported).rejects.toMatchObject({ name: 'AbortError' })
    expect(signals).toEqual([cancelled.signal])
  })
})

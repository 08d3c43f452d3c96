import { createClient } from '../../src-shared/api/client.ts'
import { createHttpTransport } from '../../src-shared/api/http-transport.ts'
import { createStreamParser } from '../../src-shared/api/event-stream.ts'
import type { Transport } from '../../src-shared/api/client.ts'
import { AppError } from '../../src-shared/errors.ts'
import type { Connection, ConnectionListener, ConnectionState } from './connection.ts'

/** What the page's connection needs of its surroundings; tests replace it. */
export interface HttpConnectionOptions {
  /** `http://127.0.0.1:4747/api/v1` */
  readonly baseUrl: string
  readonly fetch: typeof fetch
  /** Waits, but ends early when the signal says so. */
  readonly pause: (ms: number, wake: AbortSignal) => Promise<void>
}

const firstPauseMs = 500
const longestPauseMs = 5000
/** The server is heard every 15 seconds; a stream that is silent for longer has died without a word. */
const silenceMs = 40_000

/** Calls over HTTP, events over `GET /stream`; the session's cookie goes along by itself. */
export function createHttpConnection(options: HttpConnectionOptions): Connection {
  const http = createHttpTransport(options.baseUrl, (url, init, cancelled) =>
    options.fetch(url, cancelled instanceof AbortSignal ? { ...init, signal: cancelled } : init),
  )
  let listener: ConnectionListener | null = null
  let wakeUp = new AbortController()
  const wake = (): void => {
    wakeUp.abort()
    wakeUp = new AbortController()
  }
  const transport: Transport = async (name, input, cancelled) => {
    try {
      return await http(name, input, cancelled)
    } catch (error) {
      if (error instanceof AppError && error.code === 'unauthorized') listener?.onState('logged-out')
      throw error
    }
  }
  return {
    client: createClient(transport),
    wake,
    subscribe(given) {
      listener = given
      const stopped = new AbortController()
      void listen(options, given, stopped.signal, () => wakeUp.signal)
      return () => stopped.abort()
    },
  }
}

/** One stream after the other, each from where the one before ended. */
async function listen(
  options: HttpConnectionOptions,
  listener: ConnectionListener,
  stopped: AbortSignal,
  wakeSignal: () => AbortSignal,
): Promise<void> {
  let lastId: string | null = null
  let pauseMs = firstPauseMs
  const follow = (onOpen: () => void): Promise<ConnectionState> =>
    readStream(options, lastId, stopped, onOpen, ({ id, message }) => {
      lastId = id
      listener.onMessage(message)
    })
  while (!stopped.aborted) {
    const ended = await follow(() => {
      pauseMs = firstPauseMs
      listener.onState('live')
    })
    if (stopped.aborted) return
    listener.onState(ended)
    await options.pause(pauseMs, wakeSignal())
    pauseMs = Math.min(pauseMs * 2, longestPauseMs)
  }
}

type OnMessage = Parameters<typeof createStreamParser>[0]

/** @returns why it ended */
async function readStream(
  { baseUrl, fetch }: HttpConnectionOptions,
  lastId: string | null,
  stopped: AbortSignal,
  onOpen: () => void,
  onMessage: OnMessage,
): Promise<ConnectionState> {
  const silence = new AbortController()
  let timer = setTimeout(() => silence.abort(), silenceMs)
  try {
    const response = await fetch(`${baseUrl}/stream`, {
      headers: { accept: 'text/event-stream', ...(lastId === null ? {} : { 'last-event-id': lastId }) },
      signal: AbortSignal.any([stopped, silence.signal]),
    })
    if (response.status === 401) return 'logged-out'
    if (!response.ok || response.body === null) return 'lost'
    onOpen()
    const parse = createStreamParser(onMessage)
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader()
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      clearTimeout(timer)
      timer = setTimeout(() => silence.abort(), silenceMs)
      parse(part.value)
    }
    return 'lost'
  } catch {
    // A connection that broke: the loop tries again.
    return 'lost'
  } finally {
    clearTimeout(timer)
  }
}

import { createStreamParser, type StreamedMessage } from '../../src-shared/api/event-stream.ts'

/** One connection to `GET /stream`. */
export interface StreamReader {
  readonly status: number
  /** What has come so far. */
  readonly messages: readonly StreamedMessage[]
  /** Resolves once a message fits; rejects when the stream ends before. */
  until(fits: (message: StreamedMessage) => boolean): Promise<StreamedMessage>
  /** Resolves when the server ended the stream. */
  readonly ended: Promise<void>
  close(): Promise<void>
}

export interface StreamTarget {
  readonly url: string
  readonly token: string
}

export async function openStream(
  { url, token }: StreamTarget,
  lastEventId?: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<StreamReader> {
  const abort = new AbortController()
  const response = await fetch(`${url}/api/v1/stream`, {
    headers: {
      authorization: `Bearer ${token}`,
      ...(lastEventId === undefined ? {} : { 'last-event-id': lastEventId }),
      ...headers,
    },
    signal: abort.signal,
  })
  const messages: StreamedMessage[] = []
  const listeners = new Set<() => void>()
  const parse = createStreamParser((message) => {
    messages.push(message)
    for (const listener of listeners) listener()
  })
  const read = async (): Promise<void> => {
    const decoder = new TextDecoder()
    try {
      for await (const chunk of response.body ?? []) parse(decoder.decode(chunk, { stream: true }))
    } catch (error) {
      if (!abort.signal.aborted) throw error
    }
  }
  const ended = read()
  ended.catch(() => undefined)
  return {
    status: response.status,
    messages,
    ended,
    until: (fits) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          const found = messages.find(fits)
          if (found === undefined) return
          listeners.delete(look)
          resolve(found)
        }
        listeners.add(look)
        look()
        ended.then(() => reject(new Error('the stream ended')), reject)
      }),
    async close() {
      abort.abort()
      await ended.catch(() => undefined)
    },
  }
}

import type { ServerResponse } from 'node:http'
import type { FastifyInstance } from 'fastify'
import { encodeMessage } from '../../src-shared/api/event-stream.ts'
import { AppError } from '../../src-shared/errors.ts'
import type { Clock, Timer } from '../engine/ports.ts'
import type { FeedReader, PushFeed } from '../engine/push-feed.ts'
import { basePath } from './paths.ts'

/**
 * `GET /stream`: the engine's events as server-sent events, from `Last-Event-ID` on. While a reader's connection takes
 * no more, nothing is written to it: it goes on from where it was, or is told to read everything again.
 */
export interface StreamOptions {
  readonly feed: PushFeed
  readonly clock: Clock
  /** Sent with every answer. */
  readonly headers: Readonly<Record<string, string>>
}

const heartbeatMs = 15_000
const mostStreams = 64

/** @returns ends all streams, which would keep the server from closing */
export function addStream(server: FastifyInstance, options: StreamOptions): { end(): void } {
  const open = new Set<ServerResponse>()
  server.get(`${basePath}/stream`, (request, reply) => {
    if (open.size >= mostStreams) throw new AppError('too_many_streams', { limit: mostStreams })
    const lastId = request.headers['last-event-id']
    reply.hijack()
    const response = reply.raw
    open.add(response)
    response.on('close', () => open.delete(response))
    response.writeHead(200, {
      ...options.headers,
      'content-type': 'text/event-stream; charset=utf-8',
      'x-accel-buffering': 'no',
    })
    // An empty id is what a reader without one sends.
    const from = typeof lastId === 'string' && lastId !== '' ? lastId : null
    carry(response, options.feed.open(from), options)
  })
  return {
    end() {
      for (const response of open) response.end()
    },
  }
}

function carry(response: ServerResponse, reader: FeedReader, { feed, clock }: StreamOptions): void {
  let blocked = false
  let scheduled = false
  let heartbeat: Timer | null = null
  const write = (text: string): void => {
    blocked = !response.write(text)
  }
  const pump = (): void => {
    scheduled = false
    if (blocked || response.writableEnded) return
    let text = ''
    // Together in one packet, but not more than the connection may have to hold.
    for (let message = reader.next(); message !== null; message = reader.next()) {
      text += encodeMessage(message)
      if (text.length > 64 * 1024) {
        write(text)
        text = ''
        if (blocked) return
      }
    }
    if (text !== '') write(text)
  }
  const beat = (): void => {
    heartbeat = clock.after(heartbeatMs, () => {
      if (!blocked) write(': still here\n\n')
      beat()
    })
  }
  const stopListening = feed.subscribe(() => {
    if (scheduled) return
    scheduled = true
    setImmediate(pump)
  })
  response.on('drain', () => {
    blocked = false
    pump()
  })
  response.on('error', () => response.destroy())
  response.on('close', () => {
    stopListening()
    heartbeat?.cancel()
  })
  beat()
  pump()
}

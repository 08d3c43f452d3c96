import fastify from 'fastify'
import type { Server } from 'node:http'
import type { Socket } from 'node:net'
import type { Clock } from '../engine/ports.ts'
import { whenWritten } from './answer.ts'
import type { CaptureContext } from './capture-context.ts'
import { createCaptureServer } from './capture-server.ts'
import type { Connection } from './connection.ts'
import { listenError } from './listen-error.ts'
import type { CaptureHandler } from './received-request.ts'
import { WorkUnderWay } from './work-under-way.ts'

export type { Answer, CaptureHandler, ReceivedRequest } from './received-request.ts'

export interface ReceiverOptions {
  /** For the time of captures. Time-outs of sockets run on real time. */
  readonly clock: Clock
  /** An address to listen on, such as `127.0.0.1` or `::1`. */
  readonly host: string
  /** 0: any free port. */
  readonly port: number
  readonly handle: CaptureHandler
  /** Larger bodies are answered with 413; asked for with each request. Default 25 MiB. */
  readonly bodyLimitBytes?: () => number
  /** Further connections are dropped. Default 1024. */
  readonly maxConnections?: number
  /** From a request's first byte to the end of its head. Default 60 s. */
  readonly headersTimeoutMs?: number
  /** From a request's first byte to its last. Default 300 s. */
  readonly requestTimeoutMs?: number
  /** How long a connection is kept between two requests. Default 60 s. */
  readonly idleTimeoutMs?: number
  /** Names of cookies whose values are masked before the request is handed over. */
  readonly maskCookie?: RegExp
  /** Told when the handler rejects with anything but `storage_unavailable`; the sender gets a 500. */
  readonly reportError?: (error: unknown) => void
}

export interface Receiver {
  /** Where requests can be sent to, e.g. `http://127.0.0.1:4848`. */
  readonly url: string
  /** The port listened on; before that the one asked for. */
  readonly port: number
  /** Rejects with AppError `port_in_use` or `port_unusable`; a new receiver is needed then. */
  listen(): Promise<void>
  /**
   * Stops listening, ends idle connections, waits up to `graceMs` (default 5000) for requests under way,
   * then cuts the rest off. Nothing is handed over afterwards.
   */
  close(options?: { readonly graceMs?: number }): Promise<void>
}

/**
 * A receiver of webhooks: hands every request to `handle` exactly once, valid HTTP or not, and writes the answer.
 * fastify only runs the server's life cycle. Its routing is left out: it answers some requests by itself, and
 * going through it costs 3 % of the throughput.
 */
export function createReceiver(options: ReceiverOptions): Receiver {
  const requestTimeoutMs = options.requestTimeoutMs ?? 300_000
  const context: CaptureContext = {
    clock: options.clock,
    handle: options.handle,
    bodyLimitBytes: options.bodyLimitBytes ?? (() => 25 * 1024 * 1024),
    requestTimeoutMs,
    maskCookie: options.maskCookie ?? null,
    reportError: options.reportError ?? (() => undefined),
    work: new WorkUnderWay(),
  }
  const limits = {
    maxConnections: options.maxConnections ?? 1024,
    headersTimeoutMs: options.headersTimeoutMs ?? 60_000,
    requestTimeoutMs,
    idleTimeoutMs: options.idleTimeoutMs ?? 60_000,
  }
  const connections = new Map<Socket, Connection>()
  const app = fastify({
    serverFactory: () => createCaptureServer(context, limits, connections),
    // fastify adds its own listener beside the capture's.
    clientErrorHandler: () => undefined,
  })
  let closed: Promise<void> | null = null

  return {
    get url() {
      return `http://${urlHost(options.host)}:${this.port}`
    },
    get port() {
      return portOf(app.server) ?? options.port
    },
    async listen() {
      try {
        await app.listen({ host: options.host, port: options.port })
      } catch (error) {
        throw listenError(error, options.host, options.port)
      }
    },
    close({ graceMs = 5000 } = {}) {
      closed ??= closeGracefully(() => app.close(), connections, context.work, graceMs)
      return closed
    },
  }
}

async function closeGracefully(
  closeServer: () => PromiseLike<unknown>,
  connections: ReadonlyMap<Socket, Connection>,
  work: WorkUnderWay,
  graceMs: number,
): Promise<void> {
  work.close()
  const serverClosed = closeServer()
  for (const connection of connections.values()) void endWhenIdle(connection)
  const grace = setTimeout(() => {
    work.stop()
    for (const { socket } of connections.values()) socket.destroy()
  }, graceMs)
  try {
    await serverClosed
    await work.none()
  } finally {
    clearTimeout(grace)
  }
}

/** Requests that are still to be answered end their connection with the answer; these here are behind that. */
async function endWhenIdle(connection: Connection): Promise<void> {
  await whenWritten(connection.answered)
  if (connection.idle) connection.socket.destroySoon()
}

function urlHost(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1'
  if (host === '::') return '[::1]'
  return host.includes(':') ? `[${host}]` : host
}

function portOf(server: Server): number | null {
  const address = server.address()
  return typeof address === 'object' && address !== null ? address.port : null
}

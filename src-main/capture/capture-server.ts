import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { CaptureContext } from './capture-context.ts'
import { captureConnect } from './connect-request.ts'
import { Connection } from './connection.ts'
import { Exchange } from './exchange.ts'
import { breakConnection } from './malformed.ts'
import { excerptBytes } from './received-request.ts'

interface ServerLimits {
  readonly maxConnections: number
  readonly headersTimeoutMs: number
  readonly requestTimeoutMs: number
  readonly idleTimeoutMs: number
}

type Connections = Map<Socket, Connection>

/**
 * An HTTP server that answers nothing by itself: every way in which Node would (no Host, Expect, CONNECT,
 * malformed, time-outs) is switched off or led to the capture. Its connections are kept in `connections`.
 */
export function createCaptureServer(
  context: CaptureContext,
  limits: ServerLimits,
  connections: Connections,
): Server {
  const requestTimeout = limits.requestTimeoutMs
  const headersTimeout = Math.min(limits.headersTimeoutMs, requestTimeout)
  const server = createServer({
    requireHostHeader: false,
    insecureHTTPParser: false,
    maxHeaderSize: excerptBytes,
    requestTimeout,
    headersTimeout,
    keepAliveTimeout: limits.idleTimeoutMs,
    connectionsCheckingInterval: Math.min(1000, Math.max(20, Math.floor(headersTimeout / 4))),
  })
  // Node drops headers behind the 2000th without a word; their total size is bounded anyway.
  server.maxHeadersCount = 0
  server.maxConnections = limits.maxConnections
  // Undocumented, and long-standing: a sender that has ended its side (`nc -N`) still gets its answer.
  Object.assign(server, { httpAllowHalfOpen: true })
  trackConnections(server, context, connections)
  routeRequests(server, context, connections)
  return server
}

function trackConnections(server: Server, context: CaptureContext, connections: Connections): void {
  server.on('connection', (socket: Socket) => {
    if (context.work.closing) {
      socket.destroy()
      return
    }
    connections.set(socket, new Connection(socket))
    socket.on('close', () => connections.delete(socket))
  })
  // Accepting may fail for a time (no file descriptors left); the next accept is tried anyway.
  server.on('error', () => undefined)
}

function routeRequests(server: Server, context: CaptureContext, connections: Connections): void {
  const exchangeOf = (request: IncomingMessage, response: ServerResponse): Exchange | null => {
    const connection = connections.get(request.socket)
    if (connection === undefined || connection.givenUp) return null
    const exchange = new Exchange(connection, request, response, context)
    connection.add(exchange)
    exchange.receive()
    return exchange
  }
  const receive = (request: IncomingMessage, response: ServerResponse): void => {
    exchangeOf(request, response)
  }
  server.on('request', receive)
  server.on('checkExpectation', receive)
  server.on('checkContinue', (request: IncomingMessage, response: ServerResponse) => {
    const exchange = exchangeOf(request, response)
    // Without the 100 the sender keeps the large body to itself.
    if (exchange?.declaredTooLarge === true) void exchange.refuse()
    else if (exchange !== null) response.writeContinue()
  })
  server.on('connect', (request: IncomingMessage, socket: Socket, head: Buffer) => {
    const connection = connections.get(socket)
    if (connection !== undefined) void captureConnect(connection, request, head, context)
  })
  server.on('clientError', (error: Error, socket: Socket) => {
    const connection = connections.get(socket)
    if (connection !== undefined) breakConnection(connection, error, context)
  })
  // The time-out of a kept-alive connection, which may have the beginning of a request.
  server.on('timeout', (socket: Socket) => {
    const connection = connections.get(socket)
    if (connection === undefined) socket.destroy()
    else breakConnection(connection, requestTimeoutError(), context)
  })
}

function requestTimeoutError(): Error {
  return Object.assign(new Error('Request timeout'), { code: 'ERR_HTTP_REQUEST_TIMEOUT' })
}

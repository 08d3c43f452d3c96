import fastify, { type FastifyInstance } from 'fastify'
import type { Handlers } from '../../src-shared/api/contract.ts'
import { AppError } from '../../src-shared/errors.ts'
import type { Clock } from '../engine/ports.ts'
import type { PushFeed } from '../engine/push-feed.ts'
import { createGuard, type Guard } from './guard.ts'
import { addDocumentation } from './documentation.ts'
import { addOperations } from './operations.ts'
import { addPages } from './pages.ts'
import { basePath } from './paths.ts'
import { portError } from './port.ts'
import { addErrors } from './problems.ts'
import { securityHeaders } from './security-headers.ts'
import { addSession } from './session.ts'
import { addStream } from './stream.ts'

/** The HTTP face: every operation of the contract below /api/v1, and the UI's files. */
export interface ApiServerOptions {
  readonly host: string
  readonly port: number
  readonly handlers: Handlers
  readonly feed: PushFeed
  readonly version: string
  readonly clock: Clock
  /** The built UI; null serves no pages. */
  readonly uiFolder: string | null
  readonly onError: (where: string, error: unknown) => void
  readonly timeouts?: Partial<ApiTimeouts>
}

/** How long a client may take, in milliseconds. */
export interface ApiTimeouts {
  /** For a request's head. */
  readonly headersMs: number
  /** For all of a request. */
  readonly requestMs: number
  /** Without a byte in either direction; streams are kept alive by their heartbeat. */
  readonly idleMs: number
  /** How often slow requests are looked for. */
  readonly checkMs: number
}

const usualTimeouts: ApiTimeouts = { headersMs: 10_000, requestMs: 30_000, idleMs: 60_000, checkMs: 2_000 }
const mostConnections = 256

export interface ApiServer {
  /** `http://127.0.0.1:4747` */
  readonly url: string
  readonly port: number
  readonly token: string
  /** A link that logs a browser in, once, within a minute. */
  loginLink(): string
  close(): Promise<void>
}

const bodyLimitBytes = 8 * 1024 * 1024

/** @throws AppError `port_in_use`, `port_unusable` */
export async function startApiServer(options: ApiServerOptions): Promise<ApiServer> {
  const timeouts = { ...usualTimeouts, ...options.timeouts }
  const server = fastify({
    bodyLimit: bodyLimitBytes,
    requestTimeout: timeouts.requestMs,
    connectionTimeout: timeouts.idleMs,
    keepAliveTimeout: timeouts.idleMs / 2,
    forceCloseConnections: true,
    exposeHeadRoutes: false,
    routerOptions: { maxParamLength: 200 },
    // The guard answers a missing Host itself.
    http: {
      maxHeaderSize: 16_384,
      requireHostHeader: false,
      headersTimeout: timeouts.headersMs,
      connectionsCheckingInterval: timeouts.checkMs,
    },
  })
  server.server.maxConnections = mostConnections
  const state: { guard?: Guard } = {}
  const guarded = (): Guard => {
    if (state.guard === undefined) throw new Error('a request before the server listens')
    return state.guard
  }
  takeEmptyBodies(server)
  addGuard(server, guarded)
  addErrors(server, { onError: options.onError, bodyLimitBytes })
  addOperations(server, options.handlers)
  addDocumentation(server, options.version)
  const streams = addStream(server, { feed: options.feed, clock: options.clock, headers: securityHeaders })
  addSession(server, guarded, options.clock, () => url)
  if (options.uiFolder !== null) addPages(server, options.uiFolder)
  const port = await listen(server, options)
  const guard = createGuard([...new Set(['127.0.0.1', 'localhost', '::1', options.host])], port)
  const shownHost = options.host === '0.0.0.0' || options.host === '::' ? '127.0.0.1' : options.host
  const url = `http://${shownHost.includes(':') ? `[${shownHost}]` : shownHost}:${port}`
  state.guard = guard
  return {
    url,
    port,
    token: guard.token,
    loginLink: () => `${url}/#login=${guard.issueCode(options.clock.now())}`,
    async close() {
      streams.end()
      await server.close()
    },
  }
}

/** An operation without fields needs no body; fastify would refuse an empty one that is said to be JSON. */
function takeEmptyBodies(server: FastifyInstance): void {
  const parse = server.getDefaultJsonParser('error', 'error')
  server.removeContentTypeParser('application/json')
  server.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, done) => {
    if (body === '') done(null, {})
    else void parse(request, String(body), done)
  })
}

async function listen(server: FastifyInstance, { host, port }: ApiServerOptions): Promise<number> {
  try {
    await server.listen({ host, port })
  } catch (error) {
    await server.close()
    throw portError(error, host, port)
  }
  const address = server.server.address()
  return typeof address === 'object' && address !== null ? address.port : port
}

function addGuard(server: FastifyInstance, guard: () => Guard): void {
  server.addHook('onRequest', async (request, reply) => {
    reply.headers(securityHeaders)
    guard().checkOrigin(request.raw)
    if (!request.url.startsWith(`${basePath}/`)) return
    guard().checkToken(request.raw)
    const writes = request.method !== 'GET' && request.method !== 'HEAD' && request.method !== 'DELETE'
    const type = request.headers['content-type'] ?? ''
    if (writes && !/^application\/json\s*(;|$)/i.test(type)) throw new AppError('unsupported_media_type')
  })
}

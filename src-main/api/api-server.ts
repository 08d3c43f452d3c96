import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { extname, join, normalize, sep } from 'node:path'
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import { contract, type Handlers, type OperationName } from '../../src-shared/api/contract.ts'
import { parseInput } from '../../src-shared/api/local-transport.ts'
import type { Operation } from '../../src-shared/api/operation.ts'
import { AppError } from '../../src-shared/errors.ts'
import type { Clock } from '../engine/ports.ts'
import { createGuard, type Guard } from './guard.ts'

/** The HTTP face: every operation of the contract below /api/v1, and the UI's files. */
export interface ApiServerOptions {
  readonly host: string
  readonly port: number
  readonly handlers: Handlers
  readonly clock: Clock
  /** The built UI; null serves no pages. */
  readonly uiFolder: string | null
  readonly onError: (where: string, error: unknown) => void
}

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
const basePath = '/api/v1'

/** Sent with every answer: nothing of this server is for other sites. */
const securityHeaders = {
  'x-content-type-options': 'nosniff',
  'cross-origin-resource-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-store',
  'x-frame-options': 'DENY',
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
} as const

/** @throws AppError `port_in_use`, `port_unusable` */
export async function startApiServer(options: ApiServerOptions): Promise<ApiServer> {
  const server = fastify({
    bodyLimit: bodyLimitBytes,
    requestTimeout: 30_000,
    connectionTimeout: 60_000,
    keepAliveTimeout: 30_000,
    forceCloseConnections: true,
    exposeHeadRoutes: false,
    routerOptions: { maxParamLength: 200 },
    // The guard answers a missing Host itself.
    http: {
      maxHeaderSize: 16_384,
      requireHostHeader: false,
      headersTimeout: 10_000,
      connectionsCheckingInterval: 2_000,
    },
  })
  server.server.maxConnections = 256
  const state: { guard?: Guard } = {}
  const guarded = (): Guard => {
    if (state.guard === undefined) throw new Error('a request before the server listens')
    return state.guard
  }
  addGuard(server, guarded)
  addErrors(server, options)
  addOperations(server, options.handlers)
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
    close: () => server.close(),
  }
}

async function listen(server: FastifyInstance, { host, port }: ApiServerOptions): Promise<number> {
  try {
    await server.listen({ host, port })
  } catch (error) {
    await server.close()
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    if (code === 'EADDRINUSE')
      throw new AppError('port_in_use', { port, host, option: '--port' }, { cause: error })
    const reason =
      code === 'EACCES'
        ? 'it needs more rights'
        : code === 'EADDRNOTAVAIL'
          ? 'this machine has no such address'
          : String(error)
    throw new AppError('port_unusable', { port, host, reason, option: '--port' }, { cause: error })
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

function addErrors(server: FastifyInstance, options: ApiServerOptions): void {
  server.setErrorHandler(async (error, _request, reply) => {
    const known = error instanceof AppError ? error : fromFastify(error)
    if (known.code === 'internal') options.onError('api', error)
    return problem(reply, known)
  })
  server.setNotFoundHandler(async (request, reply) =>
    problem(
      reply,
      new AppError('route_not_found', { method: request.method, path: request.url.split('?', 1)[0] }),
    ),
  )
}

function problem(reply: FastifyReply, error: AppError): FastifyReply {
  return reply.code(error.status).type('application/problem+json').send(JSON.stringify(error.toProblem()))
}

function fromFastify(error: unknown): AppError {
  const status = error instanceof Error && 'statusCode' in error ? Number(error.statusCode) : 500
  const message = error instanceof Error ? error.message : String(error)
  if (status === 413)
    return new AppError('payload_too_large', { limit_bytes: bodyLimitBytes }, { cause: error })
  if (status === 415) return new AppError('unsupported_media_type', {}, { cause: error })
  if (status >= 400 && status < 500)
    return new AppError('invalid_input', { message: `${message}.` }, { cause: error })
  return new AppError('internal', {}, { cause: error })
}

function addOperations(server: FastifyInstance, handlers: Handlers): void {
  for (const [name, entry] of Object.entries(contract) as [OperationName, Operation][]) {
    const handle = handlers[name] as (input: unknown) => Promise<unknown>
    server.route({
      method: entry.method,
      url: basePath + entry.path,
      handler: async (request, reply) => {
        const input = parseInput(entry.input, inputOf(request))
        return reply.code(entry.status).send(await handle(input))
      },
    })
  }
}

function inputOf(request: FastifyRequest): unknown {
  const body: unknown = request.body ?? {}
  if (typeof body !== 'object' || Array.isArray(body)) return body
  return { ...(request.query as object), ...body, ...(request.params as object) }
}

/** The login of a browser, outside the contract: a one-time code is exchanged for the session's cookie. */
function addSession(server: FastifyInstance, guard: () => Guard, clock: Clock, url: () => string): void {
  server.post('/session', async (request, reply) => {
    const { code } = (request.body ?? {}) as { code?: unknown }
    if (typeof code !== 'string' || !guard().redeemCode(code, clock.now())) throw new AppError('unauthorized')
    const { cookieName, token } = guard()
    return reply
      .header('set-cookie', `${cookieName}=${token}; Path=${basePath}; HttpOnly; SameSite=Strict`)
      .code(204)
      .send()
  })
  server.post('/session/links', async (request, reply) => {
    guard().checkToken(request.raw)
    return reply.send({ url: `${url()}/#login=${guard().issueCode(clock.now())}` })
  })
}

const contentTypes: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.json': 'application/json',
}

function addPages(server: FastifyInstance, folder: string): void {
  server.get('/*', async (request, reply) => {
    const file = await pageFile(folder, request.url.split(/[?#]/, 1)[0] ?? '/')
    if (file === null)
      throw new AppError('route_not_found', { method: 'GET', path: request.url.split('?', 1)[0] })
    return reply.type(contentTypes[extname(file)] ?? 'application/octet-stream').send(createReadStream(file))
  })
}

/** The file that a path names, or null: nothing outside the folder, and no path that has to be decoded. */
async function pageFile(folder: string, path: string): Promise<string | null> {
  if (!/^\/[A-Za-z0-9._/-]*$/.test(path) || path.includes('..')) return null
  const file = normalize(join(folder, path === '/' ? 'index.html' : path))
  if (!file.startsWith(folder + sep)) return null
  return stat(file).then(
    (found) => (found.isFile() ? file : null),
    () => null,
  )
}

import type { FastifyInstance } from 'fastify'
import { AppError } from '../../src-shared/errors.ts'
import type { Clock } from '../engine/ports.ts'
import type { Guard } from './guard.ts'
import { basePath } from './paths.ts'

/** The login of a browser, outside the contract: a one-time code is exchanged for the session's cookie. */
export function addSession(
  server: FastifyInstance,
  guard: () => Guard,
  clock: Clock,
  url: () => string,
): void {
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

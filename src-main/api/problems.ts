import type { FastifyInstance, FastifyReply } from 'fastify'
import { AppError } from '../../src-shared/errors.ts'

/** Every error as RFC 9457 `application/problem+json`. */
interface ErrorOptions {
  readonly onError: (where: string, error: unknown) => void
  readonly bodyLimitBytes: number
}

export function addErrors(server: FastifyInstance, { onError, bodyLimitBytes }: ErrorOptions): void {
  server.setErrorHandler(async (error, _request, reply) => {
    const known = error instanceof AppError ? error : fromFastify(error, bodyLimitBytes)
    if (known.code === 'internal') onError('api', error)
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

function fromFastify(error: unknown, bodyLimitBytes: number): AppError {
  const status = error instanceof Error && 'statusCode' in error ? Number(error.statusCode) : 500
  const message = error instanceof Error ? error.message : String(error)
  if (status === 413)
    return new AppError('payload_too_large', { limit_bytes: bodyLimitBytes }, { cause: error })
  if (status === 415) return new AppError('unsupported_media_type', {}, { cause: error })
  if (status >= 400 && status < 500)
    return new AppError('invalid_input', { message: `${message}.` }, { cause: error })
  return new AppError('internal', {}, { cause: error })
}

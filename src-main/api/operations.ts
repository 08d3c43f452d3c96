import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { contract, type Handlers, type OperationName } from '../../src-shared/api/contract.ts'
import { parseInput } from '../../src-shared/api/local-transport.ts'
import {
  answersContent,
  type Cancellation,
  type Content,
  type Operation,
} from '../../src-shared/api/operation.ts'
import { basePath } from './paths.ts'

/** Every operation of the contract as a route. */
export function addOperations(server: FastifyInstance, handlers: Handlers): void {
  for (const [name, entry] of Object.entries(contract) as [OperationName, Operation][]) {
    const handle = handlers[name] as (input: unknown, cancelled?: Cancellation) => Promise<unknown>
    const content = answersContent(entry)
    server.route({
      method: entry.method,
      url: basePath + entry.path,
      handler: async (request, reply) => {
        const input = parseInput(entry.input, inputOf(entry, request))
        // Only documents take so long that it matters whether somebody still waits.
        if (content) return sendContent(reply, entry, (await handle(input, goneSignal(reply))) as Content)
        const answer = await handle(input)
        return reply.code(entry.status).send(answer)
      },
    })
  }
}

/** Aborts when the client goes away before it has its answer. */
function goneSignal(reply: FastifyReply): AbortSignal {
  const gone = new AbortController()
  reply.raw.once('close', () => gone.abort())
  return gone.signal
}

function inputOf(entry: Operation, request: FastifyRequest): unknown {
  const body: unknown = request.body ?? {}
  if (typeof body !== 'object' || Array.isArray(body)) return body
  const inHeaders = Object.entries(entry.headers).flatMap(([field, header]) => {
    const value = request.headers[header.toLowerCase()]
    return value === undefined ? [] : [[field, value] as const]
  })
  return {
    ...(request.query as object),
    ...body,
    ...Object.fromEntries(inHeaders),
    ...(request.params as object),
  }
}

/** A document as it is, or the part that was asked for. @see RFC 9110, 14 */
function sendContent(reply: FastifyReply, entry: Operation, content: Content): FastifyReply {
  const { bytes, offset, total_bytes: total, media_type: type, file_name: name } = content
  const partial = bytes.length < total
  if (Object.values(entry.headers).includes('Range')) reply.header('accept-ranges', 'bytes')
  if (partial) reply.header('content-range', `bytes ${offset}-${offset + bytes.length - 1}/${total}`)
  if (name !== null) reply.header('content-disposition', `attachment; filename="${name}"`)
  return reply
    .code(partial ? 206 : entry.status)
    .type(type)
    .send(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length))
}

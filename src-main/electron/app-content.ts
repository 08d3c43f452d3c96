import { contract, type Handlers } from '../../src-shared/api/contract.ts'
import { createLocalTransport } from '../../src-shared/api/local-transport.ts'
import {
  answersContent,
  type Cancellation,
  type Content,
  type Operation,
} from '../../src-shared/api/operation.ts'
import { contentPath } from '../../src-shared/desktop/app-address.ts'
import { AppError, invalidInput } from '../../src-shared/errors.ts'
import { securityHeaders } from '../api/security-headers.ts'

/** Answers an operation whose answer is a document. @throws AppError `route_not_found`, and what the operation throws */
export async function answerContent(
  handlers: Handlers,
  url: URL,
  cancellation: Cancellation,
): Promise<Response> {
  return contentResponse(await createLocalTransport(handlers)(...contentCall(url), cancellation))
}

function contentCall(url: URL): [name: keyof typeof contract, input: unknown] {
  const name = url.pathname.slice(contentPath.length)
  const entry: Operation | undefined = Object.hasOwn(contract, name)
    ? contract[name as keyof typeof contract]
    : undefined
  if (entry === undefined || !answersContent(entry))
    throw new AppError('route_not_found', { method: 'GET', path: url.pathname })
  try {
    return [name as keyof typeof contract, JSON.parse(url.searchParams.get('input') ?? '{}') as unknown]
  } catch {
    throw invalidInput('input must be JSON')
  }
}

function contentResponse(answer: unknown): Response {
  const { bytes, media_type: type, offset, total_bytes: total, file_name: name } = answer as Content
  const headers = new Headers({ ...securityHeaders, 'content-type': type })
  if (bytes.length < total)
    headers.set('content-range', `bytes ${offset}-${offset + bytes.length - 1}/${total}`)
  if (name !== null) headers.set('content-disposition', `attachment; filename="${name}"`)
  return new Response(new Uint8Array(bytes), { status: bytes.length < total ? 206 : 200, headers })
}

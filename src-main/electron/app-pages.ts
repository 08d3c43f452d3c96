import { readFile } from 'node:fs/promises'
import { contract, type Handlers } from '../../src-shared/api/contract.ts'
import { createLocalTransport } from '../../src-shared/api/local-transport.ts'
import { answersContent, type Content, type Operation } from '../../src-shared/api/operation.ts'
import { appOrigin, contentPath } from '../../src-shared/desktop/app-address.ts'
import { AppError, invalidInput } from '../../src-shared/errors.ts'
import { pageFile, pageType } from '../api/pages.ts'
import { securityHeaders } from '../api/security-headers.ts'

/**
 * Answers `app://hookbench/…`: the UI's files, and below /content/ the operations whose answer is a document, so that
 * a large body is read in parts and never copied through IPC.
 */
export function createAppPages(options: {
  readonly folder: string
  readonly handlers: Handlers
  readonly onError: (where: string, error: unknown) => void
}): (request: Request) => Promise<Response> {
  const call = createLocalTransport(options.handlers)
  return async (request) => {
    try {
      // URLs of a standard scheme are normalised before they get here; another host is another origin.
      const url = new URL(request.url)
      if (`${url.protocol}//${url.host}` !== appOrigin)
        throw new AppError('route_not_found', { method: request.method, path: url.pathname })
      if (request.method !== 'GET')
        throw new AppError('method_not_allowed', { method: request.method, path: url.pathname })
      if (url.pathname.startsWith(contentPath)) return contentResponse(await call(...contentCall(url)))
      const file = await pageFile(options.folder, url.pathname)
      if (file === null) throw new AppError('route_not_found', { method: 'GET', path: url.pathname })
      return new Response(new Uint8Array(await readFile(file)), {
        headers: { ...securityHeaders, 'content-type': pageType(file) },
      })
    } catch (error) {
      if (!(error instanceof AppError)) options.onError('app page', error)
      return problemResponse(error instanceof AppError ? error : new AppError('internal'))
    }
  }
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

function problemResponse(error: AppError): Response {
  return new Response(JSON.stringify(error.toProblem()), {
    status: error.status,
    headers: { ...securityHeaders, 'content-type': 'application/problem+json' },
  })
}

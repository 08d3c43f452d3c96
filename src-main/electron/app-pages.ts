import { readFile } from 'node:fs/promises'
import type { Handlers } from '../../src-shared/api/contract.ts'
import { appOrigin, contentPath } from '../../src-shared/desktop/app-address.ts'
import { AppError } from '../../src-shared/errors.ts'
import { pageFile, pageType } from '../api/pages.ts'
import { securityHeaders } from '../api/security-headers.ts'

/**
 * Answers `app://hookbench/…`: the UI's files, and below /content/ the operations whose answer is a document, so that
 * a large body is read in parts and never copied through IPC. The contract is loaded when it is wanted, so that the page
 * needn't wait for it.
 */
export function createAppPages(options: {
  readonly folder: string
  /** Files are served before there are any. */
  readonly handlers: Handlers | Promise<Handlers>
  /** Where `npm run dev` serves the page as it is being written; it goes before the folder. */
  readonly devServer?: string
  readonly onError: (where: string, error: unknown) => void
}): (request: Request) => Promise<Response> {
  return async (request) => {
    try {
      // URLs of a standard scheme are normalised before they get here; another host is another origin.
      const url = new URL(request.url)
      if (`${url.protocol}//${url.host}` !== appOrigin)
        throw new AppError('route_not_found', { method: request.method, path: url.pathname })
      if (request.method !== 'GET')
        throw new AppError('method_not_allowed', { method: request.method, path: url.pathname })
      if (url.pathname.startsWith(contentPath)) {
        const { answerContent } = await import('./app-content.ts')
        return await answerContent(await options.handlers, url, request.signal)
      }
      if (options.devServer !== undefined) return await fromDevServer(options.devServer, url, request.headers)
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

/** Vite puts a script of its own into the page and listens for changes on a socket. */
const devPolicy =
  "default-src 'self'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self' ws:"

async function fromDevServer(server: string, { pathname, search }: URL, headers: Headers): Promise<Response> {
  const { status, headers: given, body } = await fetch(new URL(pathname + search, server), { headers })
  const type = given.get('content-type') ?? 'text/plain'
  return new Response(body, {
    status,
    headers: { ...securityHeaders, 'content-type': type, 'content-security-policy': devPolicy },
  })
}

function problemResponse(error: AppError): Response {
  return new Response(JSON.stringify(error.toProblem()), {
    status: error.status,
    headers: { ...securityHeaders, 'content-type': 'application/problem+json' },
  })
}

import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { extname, join, normalize, sep } from 'node:path'
import type { FastifyInstance } from 'fastify'
import { AppError } from '../../src-shared/errors.ts'

/** The built UI's files. */
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

export function addPages(server: FastifyInstance, folder: string): void {
  server.get('/*', async (request, reply) => {
    const file = await pageFile(folder, request.url.split(/[?#]/, 1)[0] ?? '/')
    if (file === null)
      throw new AppError('route_not_found', { method: 'GET', path: request.url.split('?', 1)[0] })
    return reply.type(pageType(file)).send(createReadStream(file))
  })
}

export function pageType(file: string): string {
  return contentTypes[extname(file)] ?? 'application/octet-stream'
}

/** The file that a path names, or null: nothing outside the folder, and no path that has to be decoded. */
export async function pageFile(folder: string, path: string): Promise<string | null> {
  if (!/^\/[A-Za-z0-9._/-]*$/.test(path) || path.includes('..')) return null
  const file = normalize(join(folder, path === '/' ? 'index.html' : path))
  if (!file.startsWith(folder + sep)) return null
  return stat(file).then(
    (found) => (found.isFile() ? file : null),
    () => null,
  )
}

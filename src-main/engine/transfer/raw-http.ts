import { headerValues } from '../../../src-shared/model/header.ts'
import type { RequestDocument } from './request-document.ts'

/**
 * The request as bytes, the way it stood on the wire; a chunked body in one chunk. Notes stand before it, each on a
 * line that begins with `# `: no part of the request, and skipped by `captures import`.
 *
 * @see RFC 9112
 */
export function rawHttp(document: RequestDocument): Buffer {
  const { method, target, httpVersion, headers, trailers, body, notes } = document
  const lines = (all: RequestDocument['headers']): string =>
    all.map(([name, value]) => `${name}:${value === '' ? '' : ` ${value}`}\r\n`).join('')
  const head = Buffer.from(`${method} ${target} HTTP/${httpVersion}\r\n${lines(headers)}\r\n`, 'latin1')
  const comments = Buffer.from(notes.map((note) => `# ${note}\r\n`).join(''), 'latin1')
  if (!isChunked(document)) return Buffer.concat([comments, head, body])
  const size = body.length === 0 ? '' : `${body.length.toString(16)}\r\n`
  const end = `${body.length === 0 ? '' : '\r\n'}0\r\n${lines(trailers)}\r\n`
  return Buffer.concat([comments, head, Buffer.from(size), body, Buffer.from(end, 'latin1')])
}

export function isChunked({ headers }: Pick<RequestDocument, 'headers'>): boolean {
  return headerValues(headers, 'transfer-encoding').some((value) => /(^|,)[ \t]*chunked[ \t]*$/i.test(value))
}

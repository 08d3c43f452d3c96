import { headerValue } from '../../src-shared/model/header.ts'
import type { Header } from '../../src-shared/model/header.ts'
import type { SendError } from '../engine/ports.ts'
import type { Hop } from './exchange.ts'
import type { Origin, TargetParser } from './target-url.ts'

/** Redirects followed at most. */
export const maxRedirects = 5

const redirectStatuses = new Set([301, 302, 303, 307, 308])
const secretHeaders = new Set(['authorization', 'cookie', 'proxy-authorization'])
const bodyHeaders = new Set(['content-type', 'content-encoding', 'content-language', 'content-location'])

/** Where an answer sends on to, or null when it doesn't. */
export function redirectLocation(status: number, headers: readonly Header[]): string | null {
  if (!redirectStatuses.has(status)) return null
  const location = headerValue(headers, 'location')
  if (location === undefined) return null
  // Header text is latin-1 of the bytes; those above ASCII are UTF-8 in practice.
  return Buffer.from(location, 'latin1').toString('utf8')
}

/** The next hop, and its URL without user info, or why there can't be one. */
export function followRedirect(
  hop: Hop,
  status: number,
  location: string,
  parser: TargetParser,
): { readonly hop: Hop; readonly url: string } | SendError {
  const from = hop.target.origin
  let url: URL
  try {
    url = new URL(location, from.key + hop.target.path)
  } catch {
    return {
      code: 'url_invalid',
      message: `${from.label} redirects to a URL that is not valid. Check its Location.`,
    }
  }
  const target = parser.parse(url.href)
  if ('code' in target) return target
  const dropsBody =
    (status === 303 && hop.method !== 'HEAD') || ((status === 301 || status === 302) && hop.method === 'POST')
  const headers = hop.headers.filter(([name]) => keeps(name.toLowerCase(), dropsBody, from, target.origin))
  url.username = ''
  url.password = ''
  return {
    url: url.href,
    hop: {
      target,
      method: dropsBody ? 'GET' : hop.method,
      headers,
      body: dropsBody ? undefined : hop.body,
    },
  }
}

function keeps(name: string, dropsBody: boolean, from: Origin, to: Origin): boolean {
  if (dropsBody && bodyHeaders.has(name)) return false
  return from.key === to.key || !secretHeaders.has(name)
}

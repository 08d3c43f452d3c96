import { isIP } from 'node:net'
import type { SendError } from '../engine/ports.ts'
import { strictProblem } from './address-rules.ts'

/** Scheme, host and port of a URL, with all that follows from them. */
export interface Origin {
  /** Normalised: `https://host:port`. */
  readonly key: string
  readonly secure: boolean
  /** As to connect to: lower case, punycode, IPv4 dotted, IPv6 without brackets. */
  readonly hostname: string
  readonly isLiteral: boolean
  readonly port: number
  readonly hostHeader: string
  /** `host:port` for sentences. */
  readonly label: string
  /** Basic credentials from user info, or null. */
  readonly authorization: string | null
  /** Why the strict rules refuse it, or null. */
  readonly strictProblem: SendError | null
}

/** A URL taken apart: the path as written, which URL parsing would normalise. */
export interface Target {
  readonly origin: Origin
  /** Path and query, for the request line. */
  readonly path: string
}

const slash = 0x2f
const question = 0x3f
const hash = 0x23
const backslash = 0x5c

/** Remembers the most recent origins: destinations are few, their paths may be many. */
const rememberedOrigins = 512

function invalid(message: string): SendError {
  return { code: 'url_invalid', message }
}

/** Parses URLs, remembering origins seen before. A problem is returned, not thrown. */
export class TargetParser {
  #recent = new Map<string, Origin>()
  #older = new Map<string, Origin>()

  /** The target of an absolute http(s) URL, or why there is none. */
  parse(url: string): Target | SendError {
    const schemeEnd = url.indexOf('://')
    if (schemeEnd < 1) return invalid('The URL is not absolute: it must start with https:// or http://.')
    const authorityEnd = endOfAuthority(url, schemeEnd + 3)
    const origin = this.#origin(url.slice(0, authorityEnd), schemeEnd)
    if ('code' in origin) return origin
    const path = requestTarget(url, authorityEnd)
    return typeof path === 'string' ? { origin, path } : path
  }

  #origin(prefix: string, schemeEnd: number): Origin | SendError {
    const recent = this.#recent.get(prefix)
    if (recent !== undefined) return recent
    const origin = this.#older.get(prefix) ?? parseOrigin(prefix, schemeEnd)
    if ('code' in origin) return origin
    if (this.#recent.size >= rememberedOrigins) {
      this.#older = this.#recent
      this.#recent = new Map()
    }
    this.#recent.set(prefix, origin)
    return origin
  }
}

function endOfAuthority(url: string, start: number): number {
  for (let at = start; at < url.length; at++) {
    const code = url.charCodeAt(at)
    if (code === slash || code === question || code === hash || code === backslash) return at
  }
  return url.length
}

/** The rest of the URL as written. Only what can't stand in a request line is percent-encoded. */
function requestTarget(url: string, start: number): string | SendError {
  if (url.charCodeAt(start) === backslash)
    return invalid('The URL has a backslash after its host; use a slash.')
  const fragment = url.indexOf('#', start)
  const rest = fragment === -1 ? url.slice(start) : url.slice(start, fragment)
  const path = rest.charCodeAt(0) === slash ? rest : `/${rest}`
  if (!/[^\x21-\x7e]/.test(path)) return path
  if (/\p{Cc}/u.test(path)) return controlCharacter
  return path.replace(/[^\x21-\x7e]+/g, percentEncoded)
}

const controlCharacter: SendError = {
  code: 'invalid_request',
  message:
    'The URL has a line break or another control character in it. Check the values that its template takes.',
}

function percentEncoded(text: string): string {
  const hex = Buffer.from(text, 'utf8').toString('hex').toUpperCase()
  return hex.replace(/../g, '%$&')
}

// Only scheme and authority are given to the URL parser, so that host and path can't be told apart differently.
function parseOrigin(prefix: string, schemeEnd: number): Origin | SendError {
  const scheme = prefix.slice(0, schemeEnd).toLowerCase()
  if (/\p{Cc}/u.test(prefix)) return controlCharacter
  if (scheme !== 'http' && scheme !== 'https') {
    return invalid('The URL must start with https:// or http://; other schemes cannot be sent to.')
  }
  if (prefix.length === schemeEnd + 3) return invalid('The URL has no host.')
  let parsed: URL
  try {
    parsed = new URL(prefix)
  } catch {
    return invalid('The host or port of the URL is not valid.')
  }
  if (parsed.port === '0') return invalid('The URL has port 0, which cannot be connected to.')
  return makeOrigin(parsed, prefix.includes('@'))
}

function makeOrigin(parsed: URL, hasUserInfo: boolean): Origin {
  const secure = parsed.protocol === 'https:'
  const port = parsed.port === '' ? (secure ? 443 : 80) : Number(parsed.port)
  const hostname = parsed.hostname.startsWith('[') ? parsed.hostname.slice(1, -1) : parsed.hostname
  const label = `${parsed.hostname}:${port}`
  return {
    key: `${parsed.protocol}//${label}`,
    secure,
    hostname,
    isLiteral: isIP(hostname) !== 0,
    port,
    hostHeader: parsed.host,
    label,
    authorization: basicCredentials(parsed),
    strictProblem: strictProblem({ secure, hasUserInfo, hostname }),
  }
}

function basicCredentials(parsed: URL): string | null {
  if (parsed.username === '' && parsed.password === '') return null
  const pair = `${decoded(parsed.username)}:${decoded(parsed.password)}`
  return `Basic ${Buffer.from(pair, 'utf8').toString('base64')}`
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/**
 * Why the strict URL rules refuse this URL before anything is resolved (`address_forbidden`), or why it is no
 * URL at all; null when it may be tried. What a name resolves to is checked when the connection is made.
 */
export function checkStrictUrl(url: string): SendError | null {
  const target = new TargetParser().parse(url)
  return 'code' in target ? target : target.origin.strictProblem
}

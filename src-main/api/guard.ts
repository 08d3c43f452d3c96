import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { AppError } from '../../src-shared/errors.ts'
import { headerValues, type Header } from '../../src-shared/model/header.ts'

/**
 * Who may call the API. Any web page can send requests to a loopback port, and any program of the machine can connect
 * to it; so, before anything is read or allocated:
 *
 * 1. `Host` must name this server: a page that rebinds its own name to 127.0.0.1 shows its own name here.
 * 2. `Origin`, where there is one, must be this server: no cross-site form or fetch.
 * 3. A token, new for each launch, in `Authorization` or in the session's cookie, compared in constant time.
 * 4. Writes are `application/json`, which no cross-site form can send without a preflight, and no preflight is answered.
 */
export interface Guard {
  readonly token: string
  readonly cookieName: string
  /** @throws AppError 400, 403 */
  checkOrigin(request: IncomingMessage): void
  /** @throws AppError 401 */
  checkToken(request: IncomingMessage): void
  /** A one-time code for the UI's login link; good for a minute. */
  issueCode(nowMs: number): string
  /** True once for each code in its time. */
  redeemCode(code: string, nowMs: number): boolean
}

const codeLifetimeMs = 60_000

/** @param hosts names that the server goes by, without port */
export function createGuard(hosts: readonly string[], port: number): Guard {
  const token = randomBytes(32).toString('base64url')
  const tokenHash = sha256(token)
  const allowedHosts = new Set(hosts.map((host) => `${host.includes(':') ? `[${host}]` : host}:${port}`))
  const allowedOrigins = new Set([...allowedHosts].map((host) => `http://${host}`))
  const cookieName = `hookbench_${port}`
  const codes = new Map<string, number>()
  return {
    token,
    cookieName,
    checkOrigin(request) {
      const headers = rawHeaders(request)
      const host = headerValues(headers, 'host')
      if (host.length !== 1)
        throw new AppError('invalid_input', { message: 'The request needs exactly one Host header.' })
      if (!allowedHosts.has(host[0] ?? '')) {
        throw new AppError('forbidden', { message: 'The Host header names another server than this one.' })
      }
      for (const origin of headerValues(headers, 'origin')) {
        if (!allowedOrigins.has(origin))
          throw new AppError('forbidden', { message: 'Requests of other origins are refused.' })
      }
      if (headerValues(headers, 'sec-fetch-site').includes('cross-site')) {
        throw new AppError('forbidden', { message: 'Requests of other sites are refused.' })
      }
    },
    checkToken(request) {
      const headers = rawHeaders(request)
      const bearer = headerValues(headers, 'authorization').map((value) => /^Bearer (.+)$/i.exec(value)?.[1])
      const cookies = headerValues(headers, 'cookie').flatMap((value) => cookieValues(value, cookieName))
      for (const candidate of [...bearer, ...cookies]) {
        // Hashes have one length, so that comparing them tells nothing about the token's.
        if (candidate !== undefined && timingSafeEqual(sha256(candidate), tokenHash)) return
      }
      throw new AppError('unauthorized')
    },
    issueCode(nowMs) {
      for (const [old, expires] of codes) if (expires <= nowMs) codes.delete(old)
      const code = randomBytes(24).toString('base64url')
      codes.set(code, nowMs + codeLifetimeMs)
      return code
    },
    redeemCode(code, nowMs) {
      const expires = codes.get(code)
      codes.delete(code)
      return expires !== undefined && expires > nowMs
    },
  }
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}

function cookieValues(header: string, name: string): string[] {
  return header
    .split(';')
    .map((pair) => pair.trim())
    .filter((pair) => pair.startsWith(`${name}=`))
    .map((pair) => pair.slice(name.length + 1))
}

function rawHeaders(request: IncomingMessage): Header[] {
  const headers: Header[] = []
  for (let i = 0; i + 1 < request.rawHeaders.length; i += 2) {
    headers.push([request.rawHeaders[i] ?? '', request.rawHeaders[i + 1] ?? ''])
  }
  return headers
}

import type { Header } from '../../src-shared/model/header.ts'

const mask = '***'
const cookieLine = /^(cookie[ \t]*:)([^\r\n]*)/gim

/**
 * Cookies ignore ports, so a browser brings the web UI's login cookie to this receiver too.
 * Its value must not end up in captures; every other byte stays.
 */
export function maskCookieValue(value: string, name: RegExp): string {
  return value
    .split(';')
    .map((pair) => {
      const at = pair.indexOf('=')
      // search(), because a RegExp with the g flag would remember where its last test ended.
      return at !== -1 && pair.slice(0, at).trim().search(name) !== -1 ? pair.slice(0, at + 1) + mask : pair
    })
    .join(';')
}

/** Pairs Node's flat list of names and values, with the matching cookies' values masked. */
export function pairHeaders(flat: readonly string[], maskCookie: RegExp | null): Header[] {
  const headers: Header[] = []
  for (let at = 0; at + 1 < flat.length; at += 2) {
    const name = flat[at] ?? ''
    const value = flat[at + 1] ?? ''
    const masked = maskCookie !== null && name.length === 6 && name.toLowerCase() === 'cookie'
    headers.push([name, masked ? maskCookieValue(value, maskCookie) : value])
  }
  return headers
}

/** The same for the raw bytes of a malformed request: unchanged unless they hold such a cookie. */
export function maskCookieBytes(raw: Uint8Array, name: RegExp | null): Uint8Array {
  if (name === null) return raw
  const text = Buffer.from(raw.buffer, raw.byteOffset, raw.byteLength).toString('latin1')
  const masked = text.replace(
    cookieLine,
    (_line, start: string, value: string) => start + maskCookieValue(value, name),
  )
  return masked === text ? raw : Buffer.from(masked, 'latin1')
}

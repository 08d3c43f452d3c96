import type { Header } from '../../../src-shared/model/header.ts'

/**
 * Headers of the connection, which end with it, and those that the sender makes anew.
 * @see RFC 9110, 7.6.1. `Trailer`, because trailers aren't sent; `Expect`, because nobody waits for its answer.
 */
const connectionHeaders = new Set([
  'connection',
  'proxy-connection',
  'keep-alive',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'host',
  'content-length',
  'expect',
])

/** The login cookie of the UI, which browsers send to every port of this machine. */
const ownCookie = /^\s*hookbench_[^=]*=/

/** What a replay sends of a request's headers: in order, with their case and duplicates. */
export function sendableHeaders(headers: readonly Header[]): Header[] {
  const named = headers
    .filter(([name]) => name.toLowerCase() === 'connection')
    .flatMap(([, value]) => value.split(',').map((option) => option.trim().toLowerCase()))
  const dropped = new Set([...connectionHeaders, ...named])
  return headers.flatMap(([name, value]) => {
    const lower = name.toLowerCase()
    if (dropped.has(lower)) return []
    if (lower !== 'cookie') return [[name, value]]
    const cookies = value.split(';')
    const kept = cookies.filter((cookie) => !ownCookie.test(cookie))
    if (kept.length === cookies.length) return [[name, value]]
    return kept.length === 0 ? [] : [[name, kept.join(';').trim()]]
  })
}

export function withoutHeaders(
  headers: readonly Header[],
  names: readonly (string | undefined)[],
): readonly Header[] {
  const dropped = new Set(names.map((name) => name?.toLowerCase()))
  return headers.filter(([name]) => !dropped.has(name.toLowerCase()))
}

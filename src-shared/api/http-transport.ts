import { AppError, type Problem } from '../errors.ts'
import type { Transport } from './client.ts'
import { contract } from './contract.ts'
import { pathParameters, type Operation } from './operation.ts'

/** The part of `fetch` that is used, so that neither DOM nor Node types are needed here. */
export type Fetch = (
  url: string,
  init: { method: string; headers: Record<string, string>; body?: string },
) => Promise<{ status: number; text(): Promise<string> }>

/** A request as an operation and its input make it. `path` is below the API's address. */
export function httpRequest(
  entry: Operation,
  input: Readonly<Record<string, unknown>>,
): { path: string; body: string | null } {
  const inPath = pathParameters(entry.path)
  const path = entry.path.replace(/:([a-z_]+)/g, (_, name: string) => encodeURIComponent(String(input[name])))
  const rest = Object.entries(input).filter(([name, value]) => !inPath.includes(name) && value !== undefined)
  if (entry.method === 'POST' || entry.method === 'PATCH')
    return { path, body: JSON.stringify(Object.fromEntries(rest)) }
  const query = rest.map(
    ([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(queryText(value))}`,
  )
  return { path: query.length === 0 ? path : `${path}?${query.join('&')}`, body: null }
}

function queryText(value: unknown): string {
  return Array.isArray(value) ? value.join(',') : String(value)
}

/**
 * Calls the API at `baseUrl` (`http://127.0.0.1:4747/api/v1`).
 * @param token absent in a browser, where the session's cookie goes along by itself
 */
export function createHttpTransport(baseUrl: string, fetch: Fetch, token?: string): Transport {
  return async (name, input) => {
    const entry: Operation = contract[name]
    const { path, body } = httpRequest(entry, input as Record<string, unknown>)
    const response = await fetch(baseUrl + path, {
      method: entry.method,
      headers: {
        accept: 'application/json',
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...(body === null ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === null ? {} : { body }),
    })
    const text = await response.text()
    const document: unknown = text === '' ? {} : JSON.parse(text)
    if (response.status >= 400) throw AppError.fromProblem(document as Problem)
    return document
  }
}

import { AppError, type Problem } from '../errors.ts'
import type { Transport } from './client.ts'
import { contract } from './contract.ts'
import {
  answersContent,
  pathParameters,
  type Cancellation,
  type Content,
  type Operation,
} from './operation.ts'

/** The part of `fetch` that is used, so that neither DOM nor Node types are needed here. */
export type Fetch = (
  url: string,
  init: { method: string; headers: Record<string, string>; body?: string },
  cancelled?: Cancellation,
) => Promise<FetchedResponse>

interface FetchedResponse {
  readonly status: number
  readonly headers: { get(name: string): string | null }
  text(): Promise<string>
  arrayBuffer(): Promise<ArrayBuffer>
}

/** A request as an operation and its input make it. `path` is below the API's address. */
interface HttpRequest {
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | null
}

function httpRequest(entry: Operation, input: Readonly<Record<string, unknown>>): HttpRequest {
  const inPath = pathParameters(entry.path)
  const path = entry.path.replace(/:([a-z_]+)/g, (_, name: string) => encodeURIComponent(String(input[name])))
  const headers: Record<string, string> = {}
  const rest: [string, unknown][] = []
  for (const [name, value] of Object.entries(input)) {
    if (inPath.includes(name) || value === undefined) continue
    const header = entry.headers[name]
    if (header === undefined) rest.push([name, value])
    else headers[header.toLowerCase()] = asText(value)
  }
  if (entry.method === 'POST' || entry.method === 'PATCH')
    return { path, headers, body: JSON.stringify(Object.fromEntries(rest)) }
  const query = rest.map(
    ([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(asText(value))}`,
  )
  return { path: query.length === 0 ? path : `${path}?${query.join('&')}`, headers, body: null }
}

function asText(value: unknown): string {
  return Array.isArray(value) ? value.join(',') : String(value)
}

/**
 * Calls the API at `baseUrl` (`http://127.0.0.1:4747/api/v1`).
 * @param token absent in a browser, where the session's cookie goes along by itself
 */
export function createHttpTransport(baseUrl: string, fetch: Fetch, token?: string): Transport {
  return async (name, input, cancelled) => {
    if (!Object.hasOwn(contract, name)) throw new AppError('route_not_found', { method: 'call', path: name })
    const entry: Operation = contract[name]
    const { path, headers, body } = httpRequest(entry, input as Record<string, unknown>)
    const init = {
      method: entry.method,
      headers: {
        ...headers,
        accept: answersContent(entry) ? '*/*' : 'application/json',
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...(body === null ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === null ? {} : { body }),
    }
    const response = await fetch(baseUrl + path, init, cancelled)
    if (response.status >= 400) throw await failureOf(response)
    if (answersContent(entry)) return contentOf(response)
    const text = await response.text()
    return text === '' ? {} : (JSON.parse(text) as unknown)
  }
}

/** The failure that an answer of 400 and above describes. */
export async function failureOf(response: FetchedResponse): Promise<AppError> {
  const text = await response.text()
  try {
    return AppError.fromProblem(JSON.parse(text) as Problem)
  } catch {
    // Not this API: a proxy, or another server on its port.
    return new AppError('internal')
  }
}

/** A document as an answer carries it. */
export async function contentOf(response: FetchedResponse): Promise<Content> {
  const bytes = new Uint8Array(await response.arrayBuffer())
  const [, start, total] = /^bytes (\d+)-\d+\/(\d+)$/.exec(response.headers.get('content-range') ?? '') ?? []
  const name = /filename="([^"]*)"/.exec(response.headers.get('content-disposition') ?? '')?.[1]
  return {
    media_type: response.headers.get('content-type') ?? 'application/octet-stream',
    file_name: name ?? null,
    bytes,
    offset: Number(start ?? 0),
    total_bytes: Number(total ?? bytes.length),
  }
}

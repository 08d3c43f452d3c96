import type { Answer, ReceivedRequest } from '../capture/received-request.ts'
import type { Sender } from '../engine/ports.ts'
import { sendableHeaders } from '../engine/replay/sendable-headers.ts'

/** What became of a request that was passed on. */
export interface Forwarded {
  readonly url: string
  /** Null: there was no answer. */
  readonly status: number | null
  readonly duration_ms: number
  readonly error: { readonly code: string; readonly message: string } | null
}

const timeoutMs = 30_000

/** The sender keeps no more of an answer, and a part of one must not look like the whole. */
const tooLarge = {
  code: 'response_too_large',
  message: 'The answer of the receiver behind is larger than 64 KiB, more than listen passes back.',
}

/**
 * Passes a request on: same method, headers and bytes, but for the headers of the connection. The answer is that of the
 * receiver behind; 502 where there is none, or not a whole one of at most 64 KiB.
 * @param url an origin alone gets the request's own path and query
 */
export async function forward(
  request: ReceivedRequest,
  url: string,
  sender: Sender,
): Promise<{ readonly forwarded: Forwarded; readonly answer: Answer }> {
  const target = isOriginAlone(url) ? originOf(url) + pathOf(request.target) : url
  const { method, headers, body } = request
  const { response, error, timings } = await sender.send({
    method,
    url: target,
    headers: sendableHeaders(headers),
    ...(body.length === 0 ? {} : { body }),
    timeoutMs,
    followRedirects: false,
    strictUrlRules: false,
    tls: { acceptSelfSigned: true },
  })
  const problem = error ?? (response?.truncated === true ? tooLarge : null)
  const status = response?.status ?? null
  const forwarded = { url: target, status, duration_ms: timings.totalMs, error: problem }
  if (response === null || problem !== null)
    return { forwarded, answer: badGateway(problem?.message ?? 'There was no answer.') }
  const { excerpt } = response
  return {
    forwarded,
    answer: { status: response.status, headers: sendableHeaders(response.headers), body: excerpt },
  }
}

function isOriginAlone(url: string): boolean {
  return /^https?:\/\/[^/?#]+\/?$/i.test(url)
}

function originOf(url: string): string {
  return url.replace(/\/$/, '')
}

/** Of an absolute target the path; what is none (`*`) is the root. */
function pathOf(target: string): string {
  const path = target.replace(/^https?:\/\/[^/?#]*/i, '')
  return path.startsWith('/') ? path : '/'
}

function badGateway(message: string): Answer {
  return {
    status: 502,
    headers: [['Content-Type', 'text/plain; charset=utf-8']],
    body: Buffer.from(`${message}\n`),
  }
}

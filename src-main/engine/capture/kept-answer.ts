import type { Capture, CaptureView, KeptAnswer } from '../../../src-shared/model/capture.ts'
import type { Header } from '../../../src-shared/model/header.ts'

/** How much of an answer's body is kept with each capture, in UTF-16 units. */
const keptLength = 2048

/** What is kept of an answer beside its status. Most have neither headers nor body, and take next to no room. */
export function keptAnswer(headers: readonly Header[], body: string): KeptAnswer {
  return {
    ...(headers.length === 0 ? {} : { headers }),
    ...(body === '' ? {} : { body: body.slice(0, keptLength) }),
    ...(body.length > keptLength ? { bodyBytes: Buffer.byteLength(body) } : {}),
  }
}

/** The answer as it was sent, as far as it is kept: without Date and the headers of the connection. */
export function answeredView({ answeredStatus: status, answer, method }: Capture): CaptureView['answered'] {
  if (answer === undefined) return { status }
  if (answer.sent === false) return { status, sent: false }
  const headers = (answer.headers ?? []).map(([name, value]): [string, string] => [name, value])
  const body = answer.body ?? ''
  const bytes = answer.bodyBytes ?? Buffer.byteLength(body)
  if (status === 204 || status === 304) return { status, sent: true, headers, body: '', body_bytes: 0 }
  headers.push(['Content-Length', String(bytes)])
  // @see RFC 9110, 9.3.2: the length is told, the body isn't sent
  if (method === 'HEAD') return { status, sent: true, headers, body: '', body_bytes: 0 }
  return { status, sent: true, headers, body, body_bytes: bytes }
}

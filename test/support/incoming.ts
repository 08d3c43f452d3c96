import { createHmac } from 'node:crypto'
import type { IncomingRequest } from '../../src-main/engine/capture/capturing.ts'
import type { Header } from '../../src-shared/model/header.ts'
import { fakeStart } from './fake-clock.ts'

/** A request as the receiver hands it to the engine. */
export function incoming(
  slug: string | null,
  headers: Header[],
  body = '{}',
  changes: Partial<IncomingRequest> = {},
): IncomingRequest {
  return {
    receivedAtMs: fakeStart,
    remoteAddress: '127.0.0.1',
    method: 'POST',
    target: slug === null ? '/' : `/in/${slug}`,
    httpVersion: '1.1',
    headers,
    trailers: [],
    body: Buffer.from(body),
    bodyBytes: Buffer.byteLength(body),
    truncated: false,
    aborted: false,
    malformed: null,
    slug,
    ownAnswer: null,
    ...changes,
  }
}

/** Leadpush's headers at the fake clock's start, signed with this key over this body. */
export function leadpushHeaders(key: string | Buffer, id: string, body = '{}'): Header[] {
  const timestamp = String(fakeStart / 1000)
  const signature = createHmac('sha256', key).update(`${timestamp}.${id}.${body}`).digest('hex')
  return [
    ['X-Leadpush-Delivery', id],
    ['X-Leadpush-Event', 'contact.created'],
    ['X-Leadpush-Timestamp', timestamp],
    ['X-Leadpush-Signature', `sha256=${signature}`],
  ]
}

import type { Header } from '../../src-shared/model/header.ts'
import type { ReceivedRequest } from '../engine/capture/received-request.ts'

export type { ReceivedRequest }

/** What the receiver sends back. Content-Length is the receiver's business. */
export interface Answer {
  readonly status: number
  readonly headers: readonly Header[]
  readonly body: Uint8Array
}

/**
 * Takes a request and resolves with its answer once the capture is durable.
 * @param instead what the receiver answers by itself, whatever this resolves with
 */
export type CaptureHandler = (request: ReceivedRequest, instead?: Answer) => Promise<Answer>

/** How much is kept of what isn't kept whole: bodies beyond the limit, malformed requests. */
export const excerptBytes = 64 * 1024

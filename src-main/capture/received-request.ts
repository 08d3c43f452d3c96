import type { Header } from '../../src-shared/model/header.ts'

/** One request as it reached the receiver: nothing parsed, normalised or undone. */
export interface ReceivedRequest {
  /** Wall clock when the request's head had arrived (malformed: when it was found to be so). */
  readonly receivedAtMs: number
  /** `127.0.0.1:50123`, `[::1]:50123`. */
  readonly remoteAddress: string
  /** As sent; of a malformed request what its first line lets see, or ''. */
  readonly method: string
  /** The request target exactly as received: any form, any length, not decoded. */
  readonly target: string
  /** `1.1`, `1.0`; '' when unknown. */
  readonly httpVersion: string
  /** In order, with case and duplicates; latin-1. Empty when the head is what is malformed. */
  readonly headers: readonly Header[]
  readonly trailers: readonly Header[]
  /**
   * The bytes after transfer-decoding; content codings are not undone. Above the limit its first 64 KiB.
   * Of a malformed request the raw bytes from its first one on, head included, at most 64 KiB.
   */
  readonly body: Uint8Array
  /** Length of the whole body: as declared, or as far as it was seen. */
  readonly bodyBytes: number
  /** `body` is not all of it: beyond the limit, or the rest never came. */
  readonly truncated: boolean
  /** Why this is no valid HTTP, in a sentence. */
  readonly malformed: { readonly reason: string } | null
  /** The sender went away, or stopped sending until the time-out, before the request's end. */
  readonly aborted: boolean
}

/** What the receiver sends back. Content-Length is the receiver's business. */
export interface Answer {
  readonly status: number
  readonly headers: readonly Header[]
  readonly body: Uint8Array
}

/** Takes a request and resolves with its answer once the capture is durable. */
export type CaptureHandler = (request: ReceivedRequest) => Promise<Answer>

/** How much is kept of what isn't kept whole: bodies beyond the limit, malformed requests. */
export const excerptBytes = 64 * 1024

import type { WireRequest } from '../../../src-shared/model/capture.ts'

/** One request as the receiver took it from the wire. */
export interface ReceivedRequest extends WireRequest {
  /** Wall clock when the request's head had arrived (malformed: when it was found to be so). */
  readonly receivedAtMs: number
  /**
   * The bytes after transfer-decoding; content codings are not undone. Above the limit its first 64 KiB.
   * Of a malformed request the raw bytes from its first one on, head included, at most 64 KiB.
   */
  readonly body: Uint8Array
}

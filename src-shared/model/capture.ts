import { z } from 'zod'
import { headerSchema, type Header } from './header.ts'
import { captureIdSchema, endpointIdSchema, instantSchema, type CaptureId, type EndpointId } from './ids.ts'
import { causeSchema, type Cause } from './scheme.ts'

export const verdictStatusSchema = z.enum(['verified', 'rejected', 'unsigned', 'unchecked'])
export type VerdictStatus = z.infer<typeof verdictStatusSchema>

/** What became of a capture's signature. */
export interface CaptureVerdict {
  readonly status: VerdictStatus
  readonly cause: Cause
  readonly message: string
  readonly secretName: string | null
}

/** What a user may change of a capture. */
export interface CaptureMarks {
  readonly pinned: boolean
  readonly tags: readonly string[]
  readonly note: string
}

/** One request that reached the receiver, without its body. */
export interface Capture extends CaptureMarks {
  readonly id: CaptureId
  readonly endpointId: EndpointId
  readonly receivedAt: number
  readonly remoteAddress: string
  readonly method: string
  readonly target: string
  readonly httpVersion: string
  readonly headers: readonly Header[]
  readonly trailers: readonly Header[]
  readonly bodyBytes: number
  readonly truncated: boolean
  readonly aborted: boolean
  readonly malformed: { readonly reason: string } | null
  readonly eventType: string | null
  /** The provider's delivery id as the request carries it. */
  readonly deliveryId: string | null
  /** The first capture of this endpoint with the same delivery id. */
  readonly duplicateOf: CaptureId | null
  readonly verdict: CaptureVerdict
  readonly answeredStatus: number
}

/** A capture with what was kept of its body. */
export interface CaptureWithBody extends Capture {
  readonly body: Uint8Array
}

export const captureSummarySchema = z.object({
  id: captureIdSchema,
  endpoint_id: endpointIdSchema,
  received_at: instantSchema,
  remote_address: z.string(),
  method: z.string(),
  target: z.string(),
  http_version: z.string(),
  headers: z.array(headerSchema),
  trailers: z.array(headerSchema),
  body_bytes: z.number().int(),
  truncated: z.boolean(),
  aborted: z.boolean(),
  malformed: z.object({ reason: z.string() }).nullable(),
  event_type: z.string().nullable(),
  delivery_id: z.string().nullable(),
  duplicate_of: captureIdSchema.nullable(),
  verdict: z.object({
    status: verdictStatusSchema,
    cause: causeSchema,
    message: z.string(),
    secret_name: z.string().nullable(),
  }),
  answered: z.object({ status: z.number().int() }),
  pinned: z.boolean(),
  tags: z.array(z.string()),
  note: z.string(),
})
export type CaptureSummary = z.infer<typeof captureSummarySchema>

export const captureViewSchema = captureSummarySchema.extend({
  body_base64: z.string(),
  /** Other requests with the same delivery id at this endpoint, oldest first: the retries of one delivery. */
  same_delivery: z.array(captureIdSchema),
})
export type CaptureView = z.infer<typeof captureViewSchema>

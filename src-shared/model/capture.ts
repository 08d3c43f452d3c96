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

/** A request as it came over the wire, without its body: nothing parsed, normalised or undone. */
export interface WireRequest {
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
  /** Length of the whole body: as declared, or as far as it was seen. */
  readonly bodyBytes: number
  /** Not all of the body was kept: it is beyond the limit, or the rest never came. */
  readonly truncated: boolean
  /** The sender went away, or stopped sending until the time-out, before the request's end. */
  readonly aborted: boolean
  /** Why this is no valid HTTP, in a sentence. */
  readonly malformed: { readonly reason: string } | null
}

/** What a sender was answered, beside the status. What is empty is left out: it is kept with every capture. */
export interface KeptAnswer {
  /** Nobody was there to be answered. */
  readonly sent?: false
  readonly headers?: readonly Header[]
  /** Its beginning. */
  readonly body?: string
  /** Of the whole body, where that is longer. */
  readonly bodyBytes?: number
}

/** One request that reached the receiver, without its body. */
export interface Capture extends WireRequest, CaptureMarks {
  readonly id: CaptureId
  readonly endpointId: EndpointId
  readonly receivedAt: number
  readonly eventType: string | null
  /** The provider's delivery id as the request carries it. */
  readonly deliveryId: string | null
  /** The first capture of this endpoint with the same delivery id. */
  readonly duplicateOf: CaptureId | null
  readonly verdict: CaptureVerdict
  readonly answeredStatus: number
  /** Absent in captures of earlier versions. */
  readonly answer?: KeptAnswer
}

/** A capture with what was kept of its body. */
export interface CaptureWithBody extends Capture {
  readonly body: Uint8Array
}

const verdictSchema = z.object({
  status: verdictStatusSchema,
  cause: causeSchema,
  message: z.string(),
  secret_name: z.string().nullable(),
})

const bodyExcerptSchema = z.object({
  bytes_base64: z.string(),
  /** Of the whole body. */
  total_bytes: z.number().int(),
})

const bodyDifferenceSchema = z.object({
  /** Of the first byte that is another. */
  offset: z.number().int(),
  /** Where both excerpts begin. */
  from: z.number().int(),
  signed: bodyExcerptSchema,
  arrived: bodyExcerptSchema,
})
export type BodyDifferenceView = z.infer<typeof bodyDifferenceSchema>

/** What the signature doctor says of a capture, with the secrets that are known now and the time it was received. */
export const diagnosisSchema = verdictSchema.extend({
  ok: z.boolean(),
  /** Where the body that was signed differs from the one that arrived, where that explains a refusal. */
  difference: bodyDifferenceSchema.nullable(),
})
export type DiagnosisView = z.infer<typeof diagnosisSchema>

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
  verdict: verdictSchema,
  answered: z.object({ status: z.number().int() }),
  pinned: z.boolean(),
  tags: z.array(z.string()),
  note: z.string(),
})
export type CaptureSummary = z.infer<typeof captureSummarySchema>

export const captureViewSchema = captureSummarySchema.extend({
  /** What was sent back; of captures of earlier versions only the status is known. */
  answered: z.object({
    status: z.number().int(),
    /** false: nobody was there to be answered; the sender had gone, or the request was imported. */
    sent: z.boolean().optional(),
    /** In order; Date and the headers of the connection come on top. */
    headers: z.array(headerSchema).optional(),
    /** Its first 2,048 characters. */
    body: z.string().optional(),
    body_bytes: z.number().int().optional(),
  }),
  /** The first 64 KiB. Of a malformed request: of everything that came over the wire, its head included. */
  body_base64: z.string(),
  /** How much of the body is kept; all of it can be had as raw bytes. */
  kept_bytes: z.number().int(),
  /** Other requests with the same delivery id at this endpoint, oldest first: the retries of one delivery. */
  same_delivery: z.array(captureIdSchema),
})
export type CaptureView = z.infer<typeof captureViewSchema>

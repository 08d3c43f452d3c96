import { z } from 'zod'
import { headerSchema, type Header } from './header.ts'
import {
  captureIdSchema,
  deliveryIdSchema,
  destinationIdSchema,
  eventIdSchema,
  instantSchema,
  replayIdSchema,
  subscriptionIdSchema,
  workspaceIdSchema,
  type CaptureId,
  type DeliveryId,
  type DestinationId,
  type EventId,
  type ReplayId,
  type SubscriptionId,
  type WorkspaceId,
} from './ids.ts'
import { replayModeSchema, type ReplayMode } from './replay.ts'

export const deliveryStatuses = ['pending', 'processing', 'retrying', 'succeeded', 'failed'] as const
export const deliveryStatusSchema = z.enum(deliveryStatuses)
export type DeliveryStatus = z.infer<typeof deliveryStatusSchema>
export const originSchema = z.enum(['event', 'test', 'replay', 'manual'])
export type Origin = z.infer<typeof originSchema>

/** Why something did not work: a stable code and a sentence. */
export interface Failure {
  readonly code: string
  readonly message: string
}

interface DeliveryCommon {
  readonly id: DeliveryId
  /** null: a replay of a request that stems from no event here. */
  readonly eventId: EventId | null
  readonly eventType: string
  /** null: a replay of a capture that belongs to no workspace. */
  readonly workspaceId: WorkspaceId | null
  /** null: a replay to a URL. */
  readonly destinationId: DestinationId | null
  /** Of a replay to a URL that URL, without its query. */
  readonly destinationName: string
  readonly subscriptionId: SubscriptionId | null
  readonly origin: Origin
  readonly source: { readonly captureId: CaptureId } | { readonly deliveryId: DeliveryId } | null
  /** The replay that made it. */
  readonly replayId: ReplayId | null
  /** How that one sends it; undefined: no replay. */
  readonly replayMode?: ReplayMode | undefined
  /** Its place in time within a replay at the recorded pace; null once it was wanted at once. */
  readonly notBefore: number | null
  /** The id that the provider's header carries; the same over all attempts. */
  readonly providerDeliveryId: string
  readonly createdAt: number
  readonly updatedAt: number
  /** Attempts ever made, interrupted ones included: the number of the last one. */
  readonly attemptCount: number
  /** Attempts that count against the retry policy since it was last started afresh. */
  readonly policyAttempts: number
  readonly responseStatus: number | null
  /** Of the last attempt; null: there was none, or it was interrupted. */
  readonly durationMs: number | null
  /** What went wrong in the last attempt, whatever came of the delivery later. */
  readonly lastFailure: Failure | null
}

/**
 * A delivery: an event on its way to a destination, or a request that is replayed. Impossible states don't compile.
 * The moves between the states are in engine/dispatch/delivery-state.ts.
 */
export type Delivery = DeliveryCommon &
  (
    | { readonly status: 'pending' }
    | { readonly status: 'processing' }
    | { readonly status: 'retrying'; readonly nextAttemptAt: number }
    | { readonly status: 'succeeded' }
    | { readonly status: 'failed'; readonly reason: Failure }
  )
export type DeliveryIn<Status extends DeliveryStatus> = Extract<Delivery, { status: Status }>

/** One try. Request headers are as sent, signature included. */
export interface Attempt {
  readonly number: number
  readonly startedAt: number
  readonly durationMs: number
  readonly timings: {
    readonly dnsMs: number | null
    readonly connectMs: number | null
    readonly tlsMs: number | null
    readonly firstByteMs: number | null
    readonly totalMs: number
  }
  readonly method: string
  readonly url: string
  readonly requestHeaders: readonly Header[]
  /**
   * The body before a shared secret is put in; null: none was sent; 'payload': byte for byte the event's payload, or
   * the kept body of the replay.
   */
  readonly requestBody: Uint8Array | 'payload' | null
  readonly redirectedTo: readonly string[]
  readonly response: {
    readonly status: number
    readonly headers: readonly Header[]
    readonly excerpt: Uint8Array
    readonly truncated: boolean
  } | null
  readonly error: Failure | null
}

export const failureSchema = z.object({ code: z.string(), message: z.string() })
const milliseconds = z.number().nullable()

export const attemptViewSchema = z.object({
  number: z.number().int(),
  started_at: instantSchema,
  duration_ms: z.number(),
  timings: z.object({
    dns_ms: milliseconds,
    connect_ms: milliseconds,
    tls_ms: milliseconds,
    first_byte_ms: milliseconds,
    total_ms: z.number(),
  }),
  url: z.string(),
  method: z.string(),
  request_headers: z.array(headerSchema),
  redirected_to: z.array(z.string()),
  response_status: z.number().int().nullable(),
  response_headers: z.array(headerSchema),
  response_excerpt: z.string(),
  response_excerpt_base64: z.string(),
  response_truncated: z.boolean(),
  error: failureSchema.nullable(),
})
export type AttemptView = z.infer<typeof attemptViewSchema>

export const deliverySummarySchema = z.object({
  id: deliveryIdSchema,
  event_id: eventIdSchema.nullable(),
  event_type: z.string(),
  workspace_id: workspaceIdSchema.nullable(),
  /** null: a replay to a URL. */
  destination_id: destinationIdSchema.nullable(),
  destination_name: z.string(),
  subscription_id: subscriptionIdSchema.nullable(),
  origin: originSchema,
  source: z
    .union([z.object({ capture_id: captureIdSchema }), z.object({ delivery_id: deliveryIdSchema })])
    .nullable(),
  replay_id: replayIdSchema.nullable(),
  /** null: no replay. */
  replay_mode: replayModeSchema.nullable(),
  provider_delivery_id: z.string(),
  status: deliveryStatusSchema,
  attempt_count: z.number().int(),
  next_attempt_at: instantSchema.nullable(),
  created_at: instantSchema,
  updated_at: instantSchema,
  response_status: z.number().int().nullable(),
  /** Of the last attempt. */
  duration_ms: milliseconds,
  error: failureSchema.nullable(),
  hint: z.string().nullable(),
})
export type DeliverySummary = z.infer<typeof deliverySummarySchema>

export const deliveryViewSchema = deliverySummarySchema.extend({
  request: z.object({
    method: z.string(),
    url: z.string(),
    headers: z.array(headerSchema),
    body_bytes: z.number().int(),
    body_base64: z.string(),
  }),
  attempts: z.array(attemptViewSchema),
})
export type DeliveryView = z.infer<typeof deliveryViewSchema>

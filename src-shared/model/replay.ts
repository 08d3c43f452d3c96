import { z } from 'zod'
import {
  destinationIdSchema,
  instantSchema,
  replayIdSchema,
  type DestinationId,
  type ReplayId,
} from './ids.ts'

export const replayModeSchema = z.enum(['exact', 'resigned'])
export type ReplayMode = z.infer<typeof replayModeSchema>

/** Requests that are sent again, in order. Each is a delivery with origin `replay`. @see product.md, Replay */
export interface Replay {
  readonly id: ReplayId
  readonly createdAt: number
  readonly mode: ReplayMode
  readonly to: { readonly url: string } | { readonly destinationId: DestinationId }
  /** Requests per second; null: as fast as possible, or as recorded. */
  readonly rate: number | null
  readonly asRecorded: boolean
  /** From the first to the last request at the recorded pace, in milliseconds; 0 at any other. */
  readonly spanMs: number
  /** How many deliveries were made, also when some of them are removed from the history by now. */
  readonly total: number
  readonly cancelledAt: number | null
}

/** How the deliveries of a replay stand. */
export interface ReplayCounts {
  /** Not ended: they wait, or are being sent. */
  readonly waiting: number
  readonly succeeded: number
  readonly failed: number
  readonly cancelled: number
}

export const replayViewSchema = z.object({
  id: replayIdSchema,
  status: z.enum(['running', 'done', 'cancelled']),
  mode: replayModeSchema,
  to: z.union([z.object({ url: z.string() }), z.object({ destination_id: destinationIdSchema })]),
  rate: z.number().nullable(),
  as_recorded: z.boolean(),
  created_at: instantSchema,
  total: z.number().int(),
  /** They wait, or are being sent. */
  waiting: z.number().int(),
  succeeded: z.number().int(),
  failed: z.number().int(),
  cancelled: z.number().int(),
  /** Removed from the history since. */
  removed: z.number().int(),
})
export type ReplayView = z.infer<typeof replayViewSchema>

import { z } from 'zod'
import { captureIdSchema, deliveryIdSchema, destinationIdSchema, replayIdSchema } from '../../model/ids.ts'
import { replayModeSchema, replayViewSchema } from '../../model/replay.ts'
import { idempotencyKeyInput, operation, pageInput, pageOf } from '../operation.ts'

const mostSources = 1000

export const replayOperations = {
  'replays.create': operation({
    method: 'POST',
    path: '/replays',
    summary: 'Send captures or deliveries again, in order; answers once the replay is on disk',
    status: 202,
    headers: { idempotency_key: 'Idempotency-Key' },
    input: z.object({
      /** Either these, in the order in which they are to be sent … */
      capture_ids: z.array(captureIdSchema).min(1).max(mostSources).optional(),
      /** … or these. */
      delivery_ids: z.array(deliveryIdSchema).min(1).max(mostSources).optional(),
      /** One of the two. */
      to: z.object({
        url: z.string().min(1).max(8000).optional(),
        destination_id: destinationIdSchema.optional(),
      }),
      /** `exact`: as it was, signature and all; `resigned`: fresh timestamp and signature. */
      mode: replayModeSchema,
      /** Signs instead of the destination's, the endpoint's or the source's own. */
      secret: z.string().min(1).max(1000).optional(),
      /** Whose scheme signs, where that can't be known. */
      provider: z.string().max(100).optional(),
      /** A fresh provider's delivery id instead of the source's. */
      new_id: z.boolean().optional(),
      /** The source's path and query at the URL's host. */
      keep_target: z.boolean().optional(),
      /** Requests per second. */
      rate: z.number().min(0.001).max(1000).optional(),
      /** At the distances in time at which they came. */
      as_recorded: z.boolean().optional(),
      idempotency_key: idempotencyKeyInput,
    }),
    output: z.object({ id: replayIdSchema, deliveries: z.array(z.object({ id: deliveryIdSchema })) }),
  }),

  'replays.list': operation({
    method: 'GET',
    path: '/replays',
    summary: 'Replays and how far they have come, newest first',
    input: z.object(pageInput),
    output: pageOf(replayViewSchema),
  }),

  'replays.get': operation({
    method: 'GET',
    path: '/replays/:id',
    summary: 'How far a replay has come',
    input: z.object({ id: replayIdSchema }),
    output: replayViewSchema,
  }),

  'replays.cancel': operation({
    method: 'POST',
    path: '/replays/:id/cancel',
    summary: 'End everything of a replay that waits; what is being sent ends by itself',
    input: z.object({ id: replayIdSchema }),
    output: replayViewSchema,
  }),
} as const

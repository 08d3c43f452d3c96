import { z } from 'zod'
import { eventViewSchema } from '../../model/event.ts'
import { headerSchema } from '../../model/header.ts'
import {
  deliveryIdSchema,
  destinationIdSchema,
  eventIdSchema,
  subscriptionIdSchema,
  workspaceIdSchema,
} from '../../model/ids.ts'
import { jsonObjectSchema } from '../../model/json.ts'
import { idempotencyKeyInput, operation, pageInput, pageOf } from '../operation.ts'

const previewSchema = z.object({
  event: z.object({ type: z.string(), payload: jsonObjectSchema }),
  deliveries: z.array(
    z.object({
      destination_id: destinationIdSchema,
      destination_name: z.string(),
      subscription_id: subscriptionIdSchema,
      request: z
        .object({
          method: z.string(),
          url: z.string(),
          headers: z.array(headerSchema),
          body_base64: z.string(),
        })
        .nullable(),
      error: z.object({ code: z.string(), message: z.string() }).nullable(),
    }),
  ),
})

const eventInput = {
  workspace_id: workspaceIdSchema,
  type: z.string().min(1).max(200),
  data: jsonObjectSchema.optional(),
  any_event: z.boolean().optional(),
}

export const eventOperations = {
  'events.raise': operation({
    method: 'POST',
    path: '/events',
    summary: 'Raise an event; answers once event and deliveries are on disk',
    status: 202,
    headers: { idempotency_key: 'Idempotency-Key' },
    input: z.object({ ...eventInput, idempotency_key: idempotencyKeyInput }),
    output: z.object({
      event: eventViewSchema,
      deliveries: z.array(z.object({ id: deliveryIdSchema, destination_id: destinationIdSchema })),
    }),
  }),

  'events.preview': operation({
    method: 'POST',
    path: '/events/preview',
    summary: 'What an event would send, without sending',
    input: z.object(eventInput),
    output: previewSchema,
  }),

  'events.list': operation({
    method: 'GET',
    path: '/events',
    summary: 'Past events, newest first',
    input: z.object({
      workspace: workspaceIdSchema.optional(),
      type: z.string().max(200).optional(),
      ...pageInput,
    }),
    output: pageOf(eventViewSchema),
  }),

  'events.get': operation({
    method: 'GET',
    path: '/events/:id',
    summary: 'One event',
    input: z.object({ id: eventIdSchema }),
    output: eventViewSchema,
  }),
} as const

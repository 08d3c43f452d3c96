import { z } from 'zod'
import { captureSummarySchema } from '../model/capture.ts'
import { deliverySummarySchema, failureSchema } from '../model/delivery.ts'
import { eventViewSchema } from '../model/event.ts'
import { captureIdSchema, deliveryIdSchema, destinationIdSchema, instantSchema } from '../model/ids.ts'
import { replayViewSchema } from '../model/replay.ts'

/**
 * What the engine tells whoever listens, after it is on disk: the events of `GET /stream` and of the desktop's IPC.
 * A listener that has every event since it read a list knows that list's state.
 */
export const pushEventSchemas = {
  /** The first event of every connection: from its id on nothing will be missed. */
  ready: z.object({}),
  /** Something happened in a workspace, whether anybody gets it or not. Its payload is in its detail. */
  event: eventViewSchema.omit({ payload: true }),
  delivery: deliverySummarySchema,
  /** One try; what was sent and received is in the delivery's detail. */
  attempt: z.object({
    delivery_id: deliveryIdSchema,
    number: z.number().int(),
    started_at: instantSchema,
    duration_ms: z.number(),
    response_status: z.number().int().nullable(),
    error: failureSchema.nullable(),
  }),
  capture: captureSummarySchema,
  /** A replay and how far it has come: when it is made, cancelled, and as its deliveries end. */
  replay: replayViewSchema,
  destination: z.object({
    destination_id: destinationIdSchema,
    change: z.enum(['changed', 'paused', 'failing']),
  }),
  /** Removed from the history, or brought back by an undo. `ids` is null when they are too many to name. */
  history: z.object({
    of: z.enum(['deliveries', 'captures']),
    change: z.enum(['removed', 'restored']),
    ids: z.array(z.union([deliveryIdSchema, captureIdSchema])).nullable(),
  }),
  /** Something of the configuration was created, changed or deleted. */
  configuration: z.object({
    of: z.enum([
      'workspaces',
      'contacts',
      'destinations',
      'subscriptions',
      'endpoints',
      'schemes',
      'settings',
      'all',
    ]),
    id: z.string().nullable(),
  }),
  /** Events were missed, or the store was recovered: read everything again. */
  reset: z.object({}),
} as const

export type PushEventName = keyof typeof pushEventSchemas
/** One event as it travels. */
export type PushMessage = {
  [Name in PushEventName]: { readonly event: Name; readonly data: z.output<(typeof pushEventSchemas)[Name]> }
}[PushEventName]

import { z } from 'zod'
import {
  deliveryStatusSchema,
  deliverySummarySchema,
  deliveryViewSchema,
  originSchema,
} from '../../model/delivery.ts'
import {
  captureIdSchema,
  deliveryIdSchema,
  destinationIdSchema,
  eventIdSchema,
  replayIdSchema,
  workspaceIdSchema,
} from '../../model/ids.ts'
import { refusalSchema } from '../../model/refusal.ts'
import {
  contentSchema,
  idList,
  operation,
  pageInput,
  pageOf,
  queryBoolean,
  queryList,
  rangeInput,
  removedSchema,
  searchInput,
  timeRange,
} from '../operation.ts'

export const deliveryFilterInput = {
  ids: idList(deliveryIdSchema).optional(),
  q: searchInput,
  workspace: workspaceIdSchema.optional(),
  destination: destinationIdSchema.optional(),
  event: eventIdSchema.optional(),
  event_type: z.string().max(200).optional(),
  status: queryList(deliveryStatusSchema).optional(),
  origin: originSchema.optional(),
  replay: replayIdSchema.optional(),
  /** Replays of this capture … */
  source_capture: captureIdSchema.optional(),
  /** … or of this delivery. */
  source_delivery: deliveryIdSchema.optional(),
  ...timeRange,
}

/** What became of those that could not be moved. */
const refusedOutput = {
  skipped: z.number().int(),
  /** The same by reason. */
  refused: z.array(refusalSchema),
}

export const deliveryOperations = {
  'deliveries.list': operation({
    method: 'GET',
    path: '/deliveries',
    summary: 'Deliveries, newest first',
    input: z.object({ ...deliveryFilterInput, ...pageInput }),
    output: pageOf(deliverySummarySchema),
  }),

  'deliveries.get': operation({
    method: 'GET',
    path: '/deliveries/:id',
    summary: 'One delivery with its attempts',
    input: z.object({ id: deliveryIdSchema }),
    output: deliveryViewSchema,
  }),

  'deliveries.body': operation({
    method: 'GET',
    path: '/deliveries/:id/body',
    summary: 'The body that was sent last, byte for byte',
    headers: { range: 'Range' },
    input: z.object({ id: deliveryIdSchema, range: rangeInput }),
    output: contentSchema,
  }),
  'deliveries.retry-all': operation({
    method: 'POST',
    path: '/deliveries/retry',
    summary: 'Retry all failed deliveries that match',
    input: z.object(deliveryFilterInput),
    output: z.object({ retried: z.number().int(), ...refusedOutput }),
  }),
  'deliveries.send-now-all': operation({
    method: 'POST',
    path: '/deliveries/send-now',
    summary: 'Send all deliveries that match and wait for their retry',
    input: z.object(deliveryFilterInput),
    output: z.object({ sent: z.number().int(), ...refusedOutput }),
  }),
  'deliveries.cancel-all': operation({
    method: 'POST',
    path: '/deliveries/cancel',
    summary: 'Cancel all waiting deliveries that match; `all` without a filter',
    input: z.object({ ...deliveryFilterInput, all: z.boolean().optional() }),
    output: z.object({ cancelled: z.number().int(), ...refusedOutput }),
  }),
  'deliveries.remove': operation({
    method: 'DELETE',
    path: '/deliveries',
    summary: 'Remove all deliveries that match from the history; `all` without a filter',
    input: z.object({ ...deliveryFilterInput, all: queryBoolean.optional() }),
    output: removedSchema,
  }),
  'deliveries.retry': operation({
    method: 'POST',
    path: '/deliveries/:id/retry',
    summary: 'Retry a failed delivery',
    input: z.object({ id: deliveryIdSchema }),
    output: deliverySummarySchema,
  }),

  'deliveries.send-now': operation({
    method: 'POST',
    path: '/deliveries/:id/send-now',
    summary: 'Send a delivery that waits for its retry',
    input: z.object({ id: deliveryIdSchema }),
    output: deliverySummarySchema,
  }),

  'deliveries.cancel': operation({
    method: 'POST',
    path: '/deliveries/:id/cancel',
    summary: 'Cancel a waiting delivery',
    input: z.object({ id: deliveryIdSchema }),
    output: deliverySummarySchema,
  }),

  'deliveries.delete': operation({
    method: 'DELETE',
    path: '/deliveries/:id',
    summary: 'Remove a delivery from the history',
    input: z.object({ id: deliveryIdSchema }),
    output: removedSchema,
  }),
} as const

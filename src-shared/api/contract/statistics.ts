import { z } from 'zod'
import { instantSchema } from '../../model/ids.ts'
import { nothing, operation } from '../operation.ts'

const count = z.number().int()

const percentilesSchema = z.object({ p50: z.number(), p95: z.number(), p99: z.number() })
/** Of durations in milliseconds, to within 2.5 %. */
export type Percentiles = z.infer<typeof percentilesSchema>

const trafficSchema = z.object({
  /** The last hour, oldest first; the last one still goes on. */
  minutes: z.array(
    z.object({
      at: instantSchema,
      /** What came of attempts, and what ended without one; a delivery that is retried counts each time. */
      deliveries: z.object({ succeeded: count, retrying: count, failed: count }),
      captures: z.object({ verified: count, rejected: count, unsigned: count, unchecked: count }),
      attempt_ms: percentilesSchema.nullable(),
    }),
  ),
  /** Of all attempts of the hour; null: there was none. */
  attempt_ms: percentilesSchema.nullable(),
})
export type Traffic = z.infer<typeof trafficSchema>

export const statisticsOperations = {
  'statistics.get': operation({
    method: 'GET',
    path: '/statistics',
    summary:
      'Deliveries, captures and durations of the last hour by the minute; of before the start the latest',
    input: nothing,
    output: trafficSchema,
  }),
} as const

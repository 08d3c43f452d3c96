import { z } from 'zod'
import { deliveryStatuses } from './delivery.ts'

/** Why one of many deliveries was not moved: the status it has, or what it lacks. */
export const refusalReasonSchema = z.enum([...deliveryStatuses, 'destination_deleted', 'not_found'])
export type RefusalReason = z.infer<typeof refusalReasonSchema>

export const refusalSchema = z.object({ reason: refusalReasonSchema, count: z.number().int() })
export type Refusal = z.infer<typeof refusalSchema>

const words: Readonly<Record<RefusalReason, string>> = {
  pending: 'not tried yet',
  processing: 'just being sent',
  retrying: 'waiting for a retry',
  succeeded: 'succeeded already',
  failed: 'failed already',
  destination_deleted: 'with their destination deleted',
  not_found: 'gone',
}

/** `2 succeeded already, 1 gone`. */
export function refusalText(refused: readonly Refusal[]): string {
  return refused.map(({ reason, count }) => `${count} ${words[reason]}`).join(', ')
}

/** Together, the same reasons as one. */
export function joinedRefusals(all: readonly Refusal[]): Refusal[] {
  const counts = new Map<RefusalReason, number>()
  for (const { reason, count } of all) counts.set(reason, (counts.get(reason) ?? 0) + count)
  return [...counts].map(([reason, count]) => ({ reason, count }))
}

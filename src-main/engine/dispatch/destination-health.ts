import type { Delivery } from '../../../src-shared/model/delivery.ts'
import type { DestinationHealth } from '../../../src-shared/model/destination.ts'
import type { Provider } from '../providers/provider.ts'

/** What a delivery that ended says about its destination. */
export interface HealthChange {
  readonly health: DestinationHealth
  /** What is worth telling: it was paused now, or it has failed often enough for a notification. */
  readonly news: 'paused' | 'failing' | null
}

/** Pure. null when nothing changes. @see product.md, Destinations and Deliveries */
export function healthAfter(
  before: DestinationHealth,
  delivery: Delivery,
  provider: Pick<Provider, 'name' | 'pauseAfterFailures'>,
  notifyAfterFailures: number,
  now: number,
): HealthChange | null {
  if (delivery.status === 'succeeded') {
    return before.failures_in_row === 0 ? null : { health: { ...before, failures_in_row: 0 }, news: null }
  }
  if (delivery.status !== 'failed') return null
  const failures = before.failures_in_row + 1
  const limit = provider.pauseAfterFailures
  if (before.paused === null && limit !== null && failures >= limit) {
    const reason = `${provider.name} pauses an endpoint after ${limit} failed deliveries in a row. Resume it when the receiver works again.`
    return {
      health: { failures_in_row: failures, paused: { reason, at: new Date(now).toISOString() } },
      news: 'paused',
    }
  }
  return {
    health: { failures_in_row: failures, paused: before.paused },
    news: before.paused === null && failures === notifyAfterFailures ? 'failing' : null,
  }
}

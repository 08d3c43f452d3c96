import type { Destination, RetryPolicy } from '../../../src-shared/model/destination.ts'
import type { Provider } from '../providers/provider.ts'

/** The destination's own policy or, without one, its provider's. */
export function policyOf(destination: Destination, { retry }: Pick<Provider, 'retry'>): RetryPolicy {
  return destination.retry_policy ?? { delays_seconds: [...retry.delaysSeconds], jitter: retry.jitter }
}

/**
 * When the next attempt follows, in milliseconds from the end of the last one; null when attempts are used up.
 * @param policyAttempts attempts that count against the policy, the last one included
 * @param fraction chance in [0, 1) for the jitter
 */
export function nextDelayMs(policy: RetryPolicy, policyAttempts: number, fraction: number): number | null {
  const delaySeconds = policy.delays_seconds[policyAttempts - 1]
  if (delaySeconds === undefined) return null
  return Math.round(delaySeconds * 1000 * (1 + policy.jitter * fraction))
}

/** The longest that a retry may have to wait under this policy, in milliseconds. */
export function longestDelayMs(policy: RetryPolicy): number {
  return Math.max(0, ...policy.delays_seconds) * 1000 * (1 + policy.jitter)
}

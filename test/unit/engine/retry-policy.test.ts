import { describe, expect, it } from 'vitest'
import { longestDelayMs, nextDelayMs } from '../../../src-main/engine/dispatch/retry-policy.ts'

const policy = { delays_seconds: [10, 60, 300], jitter: 0 }

describe('a retry policy', () => {
  it('of n delays makes n + 1 attempts', () => {
    const delays = [1, 2, 3, 4].map((attempts) => nextDelayMs(policy, attempts, 0))
    expect(delays).toEqual([10_000, 60_000, 300_000, null])
  })

  it('without delays makes one attempt', () => {
    expect(nextDelayMs({ delays_seconds: [], jitter: 1 }, 1, 0.5)).toBeNull()
  })

  it('has jitter that only ever adds, up to its share of the delay', () => {
    const jittered = { ...policy, jitter: 0.5 }
    expect(nextDelayMs(jittered, 1, 0)).toBe(10_000)
    expect(nextDelayMs(jittered, 1, 0.5)).toBe(12_500)
    expect(nextDelayMs(jittered, 1, 0.999_999_9)).toBe(15_000)
    for (let fraction = 0; fraction < 1; fraction += 0.01) {
      const delay = nextDelayMs(jittered, 2, fraction) ?? 0
      expect(delay).toBeGreaterThanOrEqual(60_000)
      expect(delay).toBeLessThanOrEqual(90_000)
    }
  })

  it('allows delays of zero and of fractions of a second', () => {
    expect(nextDelayMs({ delays_seconds: [0, 0.25], jitter: 0 }, 1, 0.5)).toBe(0)
    expect(nextDelayMs({ delays_seconds: [0, 0.25], jitter: 0 }, 2, 0.5)).toBe(250)
  })

  it('knows its longest wait', () => {
    expect(longestDelayMs(policy)).toBe(300_000)
    expect(longestDelayMs({ ...policy, jitter: 1 })).toBe(600_000)
    expect(longestDelayMs({ delays_seconds: [], jitter: 0 })).toBe(0)
  })
})

import type { SampleContext } from '../../../src-main/engine/providers/provider.ts'
import type { Random } from '../../../src-main/engine/ports.ts'

/** Chance that repeats itself: a linear congruential generator. */
export function repeatableRandom(seed = 1): Random {
  let state = seed
  const next = (): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state
  }
  return {
    bytes: (count) => Uint8Array.from({ length: count }, () => next() >>> 24),
    fraction: () => next() / 2 ** 32,
  }
}

export function sampleContext(changes: Partial<SampleContext> = {}): SampleContext {
  return {
    eventId: '01jz6r7h1k6ts70v9x9p0j4r1a',
    occurredAt: Date.UTC(2026, 3, 22, 18, 30),
    workspace: { uuid: '9a8b7c6d-1111-2222-3333-444455556666', name: 'Example Workspace' },
    ...changes,
  }
}

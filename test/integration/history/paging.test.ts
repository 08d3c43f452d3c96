import { expect, it } from 'vitest'
import type { Change } from '../../../src-main/engine/store.ts'
import { startTestHost } from '../../support/test-host.ts'
import { succeeded } from '../storage/records.ts'

it('paging through 50,000 deliveries while 1,000 more arrive shows each one exactly once', async () => {
  const { host, call } = await startTestHost({ dispatch: false })
  const insert = async (from: number, count: number): Promise<void> => {
    const changes: Change[] = []
    for (let n = from; n < from + count; n += 1)
      changes.push({ kind: 'delivery.insert', delivery: succeeded(n) })
    await host.store.commit(changes)
  }
  for (let from = 1; from <= 50_000; from += 1000) await insert(from, 1000)
  const seen: string[] = []
  let cursor: string | undefined
  let arrived = 50_001
  do {
    const page = await call('deliveries.list', { limit: 500, cursor })
    seen.push(...page.items.map(({ id }) => id))
    cursor = page.next_cursor ?? undefined
    if (arrived <= 51_000) {
      await insert(arrived, 10)
      arrived += 10
    }
  } while (cursor !== undefined)
  expect(arrived).toBe(51_001)
  expect(seen).toHaveLength(50_000)
  expect(new Set(seen).size).toBe(50_000)
  expect(seen).toEqual(seen.toSorted().toReversed())
})

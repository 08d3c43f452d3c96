import { describe, expect, it, onTestFinished } from 'vitest'
import { FirstCaptures } from '../../../src-main/storage/first-captures.ts'
import { migrations } from '../../../src-main/storage/migrations/index.ts'
import { Sqlite } from '../../../src-main/storage/sqlite.ts'
import type { EndpointId } from '../../../src-shared/model/ids.ts'

const endpoint = 'endpoint' as EndpointId

async function withCaptures(count: number) {
  const database = await Sqlite.open()
  for (const { statements } of migrations) for (const sql of statements) database.run(sql, [])
  const keep = (n: number, deliveryId: string): void =>
    database.run(
      `INSERT INTO captures (id, endpoint_id, received_at, method, event_type, delivery_id, verdict, pinned)
       VALUES (?, ?, 0, 'POST', NULL, ?, 0, 0)`,
      [String(n).padStart(6, '0'), endpoint, deliveryId],
    )
  database.begin()
  for (let n = 0; n < count; n += 1) keep(n, `delivery-${n}`)
  database.commit()
  let queries = 0
  const firsts = new FirstCaptures(() => {
    queries += 1
    return database
  })
  onTestFinished(() => {
    firsts.close()
    database.close()
  })
  const queriesOf = (work: () => void): number => {
    const before = queries
    work()
    return queries - before
  }
  const filled = async (): Promise<void> => {
    while (queriesOf(() => firsts.find(endpoint, 'unknown')) > 0) await new Promise(setImmediate)
  }
  return { firsts, keep, queriesOf, filled }
}

describe('the first capture of a delivery', () => {
  it('is found while the filter is being filled, and when it is full', async () => {
    const { firsts, filled } = await withCaptures(2200)
    for (const state of ['filling', 'filled']) {
      expect(firsts.find(endpoint, 'delivery-2199'), state).toBe('002199')
      expect(firsts.find(endpoint, 'delivery-0'), state).toBe('000000')
      expect(firsts.find(endpoint, 'delivery-2200'), state).toBeNull()
      expect(firsts.find('other' as EndpointId, 'delivery-1'), state).toBeNull()
      await filled()
    }
  })

  it('costs no query for what is new', async () => {
    const { firsts, queriesOf, filled } = await withCaptures(1000)
    await filled()
    const asked = queriesOf(() => {
      for (let n = 0; n < 10_000; n += 1) firsts.find(endpoint, `new-${n}`)
    })
    // A filter is sometimes unsure.
    expect(asked).toBeLessThan(100)
  })

  it('knows what was kept since, also after it had to grow', async () => {
    const { firsts, keep, queriesOf, filled } = await withCaptures(100)
    await filled()
    keep(100, 'late')
    firsts.note(endpoint, 'late')
    expect(firsts.find(endpoint, 'late')).toBe('000100')
    for (let n = 0; n < 140_000; n += 1) firsts.note(endpoint, `many-${n}`)
    await filled()
    expect(firsts.find(endpoint, 'late')).toBe('000100')
    expect(firsts.find(endpoint, 'delivery-7')).toBe('000007')
    expect(queriesOf(() => firsts.find(endpoint, 'unheard of'))).toBe(0)
  })

  it('is looked for anew in another database', async () => {
    const { firsts, filled, queriesOf } = await withCaptures(100)
    await filled()
    firsts.forget()
    expect(firsts.find(endpoint, 'delivery-5')).toBe('000005')
    await filled()
    expect(queriesOf(() => firsts.find(endpoint, 'unheard of'))).toBe(0)
  })
})

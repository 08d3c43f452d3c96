import { describe, expect, it } from 'vitest'
import { createListStore, type ListSource } from '../../../src-renderer/stores/list-store.ts'
import type { Row } from '../../../src-renderer/stores/live-rows.ts'

interface TestRow extends Row {
  readonly status: string
}
const row = (number: number, status: string): TestRow => ({
  id: `id-${number}`,
  status,
})

/** A source whose answers the test gives. */
function heldSource() {
  const waiting: ((rows: readonly TestRow[]) => void)[] = []
  const source: ListSource<TestRow> = {
    page: () =>
      new Promise((resolve) => {
        waiting.push((rows) => resolve({ rows, nextCursor: null }))
      }),
  }
  return { source, waiting }
}

describe('a list store', () => {
  it('keeps a change that came while the page was read, which may be older', async () => {
    const { source, waiting } = heldSource()
    const store = createListStore(source)
    store.getState().show({})
    store.take([{ id: 'id-1', row: row(1, 'succeeded') }], [])
    waiting[0]?.([row(1, 'processing')])
    await expect.poll(() => store.getState().status).toBe('ready')
    expect(store.getState().live.rows).toEqual([row(1, 'succeeded')])
  })

  it('drops the answer to a filter that was changed meanwhile', async () => {
    const { source, waiting } = heldSource()
    const store = createListStore(source)
    store.getState().show({ q: 'a' })
    store.getState().show({ q: 'b' })
    waiting[1]?.([row(2, 'for b')])
    await expect.poll(() => store.getState().status).toBe('ready')
    waiting[0]?.([row(1, 'for a')])
    await Promise.resolve()
    expect(store.getState().live.rows.map(({ status }) => status)).toEqual(['for b'])
  })

  it('asks whether a row matches when only the engine knows', async () => {
    const asked: unknown[] = []
    const store = createListStore<TestRow>({
      page: (_filter, query) => {
        asked.push(query.ids)
        return Promise.resolve({ rows: query.ids === undefined ? [] : [row(2, 'found')], nextCursor: null })
      },
    })
    store.getState().show({ q: 'x' })
    await expect.poll(() => store.getState().status).toBe('ready')
    store.take([], ['id-1', 'id-2'])
    await expect.poll(() => store.getState().live.rows.length).toBe(1)
    expect(asked).toEqual([undefined, ['id-1', 'id-2']])
  })

  it('forgets the selection of what is gone', async () => {
    const { source, waiting } = heldSource()
    const store = createListStore(source)
    store.getState().show({})
    waiting[0]?.([row(2, ''), row(1, '')])
    await expect.poll(() => store.getState().status).toBe('ready')
    store.getState().select(['id-1', 'id-2'])
    store.take([{ id: 'id-1', row: null }], [])
    expect([...store.getState().selected]).toEqual(['id-2'])
  })

  it('does not follow while something is selected, and catches up afterwards', async () => {
    const { source, waiting } = heldSource()
    const store = createListStore(source)
    store.getState().show({})
    waiting[0]?.([row(1, '')])
    await expect.poll(() => store.getState().status).toBe('ready')
    store.getState().toggle('id-1')
    store.take([{ id: 'id-2', row: row(2, '') }], [])
    expect(store.getState().follow).toBe(false)
    expect(store.getState().live.held.map(({ id }) => id)).toEqual(['id-2'])
    store.getState().toggle('id-1')
    expect(store.getState().live.rows.map(({ id }) => id)).toEqual(['id-2', 'id-1'])
  })

  it('does not follow again by itself when the user has stopped it', async () => {
    const { source, waiting } = heldSource()
    const store = createListStore(source)
    store.getState().show({})
    waiting[0]?.([row(1, '')])
    await expect.poll(() => store.getState().status).toBe('ready')
    store.getState().setFollow(false)
    store.getState().setAway(true)
    store.getState().setAway(false)
    store.take([{ id: 'id-2', row: row(2, '') }], [])
    expect(store.getState().live.held.length).toBe(1)
    store.getState().setFollow(true)
    expect(store.getState().live.held.length).toBe(0)
  })

  it('reads as far down again as it was read, and lets what is new wait', async () => {
    const rows = Array.from({ length: 700 }, (_, index) => row(1700 - index, ''))
    const store = createListStore<TestRow>({
      page: (_filter, { cursor, limit }) => {
        const from = Number(cursor ?? 0)
        const to = Math.min(rows.length, from + limit)
        return Promise.resolve({
          rows: rows.slice(from, to),
          nextCursor: to === rows.length ? null : String(to),
        })
      },
    })
    store.getState().show({})
    await expect.poll(() => store.getState().live.rows.length).toBe(100)
    await store.getState().loadMore()
    store.getState().setAway(true)
    rows.unshift(row(1701, ''))
    await store.getState().reload()
    const { live } = store.getState()
    expect(live.rows[0]?.id).toBe('id-1700')
    expect(live.rows.length).toBe(349)
    expect(live.held.map(({ id }) => id)).toEqual(['id-1701'])
  })
})

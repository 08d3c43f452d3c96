import { describe, expect, it } from 'vitest'
import { createListStore, type ListSource } from '../../../src-renderer/stores/list-store.ts'
import type { Row } from '../../../src-renderer/stores/live-rows.ts'

interface TestRow extends Row {
  readonly status: string
}
const row = (number: number, status: string): TestRow => ({
  id: `id-${number}`,
  at: new Date(number * 1000).toISOString(),
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
})

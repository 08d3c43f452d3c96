import { describe, expect, it } from 'vitest'
import {
  appendPage,
  applyChanges,
  mostHeld,
  noRows,
  readAnew,
  showHeld,
  type LiveRows,
  type Row,
} from '../../../src-renderer/stores/live-rows.ts'

interface TestRow extends Row {
  readonly text: string
}

const idOf = (number: number): string => `id-${String(number).padStart(6, '0')}`
const row = (number: number, text = ''): TestRow => ({
  id: idOf(number),
  text,
})
const page = (...numbers: number[]): LiveRows<TestRow> =>
  appendPage<TestRow>(
    noRows,
    numbers.map((number) => row(number)),
    'more',
  )
const numbers = (rows: readonly TestRow[]): number[] => rows.map(({ id }) => Number(id.slice(3)))
const arrived = (number: number, text = '') => ({ id: idOf(number), row: row(number, text) })

describe('a list that is read in pages while rows arrive', () => {
  it('puts new rows on top while it follows, newest first', () => {
    const live = applyChanges(page(3, 2, 1), [arrived(4), arrived(5)], true)
    expect(numbers(live.rows)).toEqual([5, 4, 3, 2, 1])
    expect(live.held).toEqual([])
  })

  it('holds new rows back while it does not follow, so that nothing jumps', () => {
    const live = applyChanges(page(3, 2, 1), [arrived(4), arrived(5)], false)
    expect(numbers(live.rows)).toEqual([3, 2, 1])
    expect(numbers(live.held)).toEqual([5, 4])
    expect(numbers(showHeld(live).rows)).toEqual([5, 4, 3, 2, 1])
  })

  it('changes a row where it stands, shown or held', () => {
    const holding = applyChanges(page(2, 1), [arrived(3)], false)
    const live = applyChanges(holding, [arrived(3, 'held'), arrived(1, 'shown')], false)
    expect(live.held[0]?.text).toBe('held')
    expect(live.rows[1]?.text).toBe('shown')
  })

  it('takes out what no longer matches', () => {
    const live = applyChanges(page(3, 2, 1), [{ id: idOf(2), row: null }], true)
    expect(numbers(live.rows)).toEqual([3, 1])
  })

  it('puts a row that matches again in its place', () => {
    const live = applyChanges(page(9, 5, 1), [arrived(7)], true)
    expect(numbers(live.rows)).toEqual([9, 7, 5, 1])
  })

  it('leaves what is older than its last row to the page that brings it', () => {
    const live = applyChanges(page(9, 8), [arrived(3)], true)
    expect(numbers(live.rows)).toEqual([9, 8])
    expect(numbers(appendPage(live, [row(3), row(2)], null).rows)).toEqual([9, 8, 3, 2])
  })

  it('appends it where all pages are there', () => {
    const whole = appendPage<TestRow>(noRows, [row(9), row(8)], null)
    expect(numbers(applyChanges(whole, [arrived(3)], true).rows)).toEqual([9, 8, 3])
  })

  it('shows a row once that a page brings again', () => {
    const live = appendPage(applyChanges(page(3, 2), [arrived(4)], true), [row(2), row(1)], null)
    expect(numbers(live.rows)).toEqual([4, 3, 2, 1])
  })

  it('leaves the list as it is when a change concerns nothing in it', () => {
    const live = page(3, 2)
    expect(applyChanges(live, [{ id: idOf(99), row: null }], true)).toEqual(live)
  })

  it('keeps what waits below a bound, says that there is more, and still changes what is kept', () => {
    const made = Array.from({ length: mostHeld + 5 }, (_, index) => arrived(100_000 + index))
    const live = applyChanges(
      applyChanges(page(99_999, 99_998), made, false),
      [arrived(100_001, 'late')],
      false,
    )
    expect(live.held.length).toBe(mostHeld)
    expect(live.heldBeyond).toBe(true)
    expect(live.held.find(({ id }) => id === 'id-100001')?.text).toBe('late')
    expect(live.rows.length).toBe(2)
  })

  it('changes one row of a very long list without looking at the others', () => {
    let looked = 0
    const rows = Array.from({ length: 100_000 }, (_, index) => ({
      text: '',
      get id() {
        looked += 1
        return `id-${900_000 - index}`
      },
    }))
    const live = applyChanges({ ...noRows, rows }, [{ id: 'id-850000', row: row(850_000, 'new') }], false)
    expect(live.rows[50_000]?.text).toBe('new')
    expect(looked).toBeLessThan(100)
  })

  it('keeps the place when it is read anew: what is newer waits', () => {
    const live = readAnew(page(5, 4, 3), page(8, 7, 5, 3))
    expect(numbers(live.rows)).toEqual([5, 3])
    expect(numbers(live.held)).toEqual([8, 7])
  })

  it('begins anew where nothing of before is left', () => {
    expect(numbers(readAnew(page(3, 2), page(9, 8)).rows)).toEqual([9, 8])
  })
})

import { describe, expect, it } from 'vitest'
import {
  appendPage,
  applyChanges,
  noRows,
  showHeld,
  type LiveRows,
  type Row,
} from '../../../src-renderer/stores/live-rows.ts'

interface TestRow extends Row {
  readonly text: string
}

const row = (number: number, text = ''): TestRow => ({
  id: `id-${number}`,
  at: new Date(number * 1000).toISOString(),
  text,
})
const page = (...numbers: number[]): LiveRows<TestRow> =>
  appendPage<TestRow>(
    noRows,
    numbers.map((number) => row(number)),
    'more',
  )
const numbers = (rows: readonly TestRow[]): number[] => rows.map(({ id }) => Number(id.slice(3)))
const arrived = (number: number, text = '') => ({ id: `id-${number}`, row: row(number, text) })

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
    const live = applyChanges(page(3, 2, 1), [{ id: 'id-2', row: null }], true)
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
    expect(applyChanges(live, [{ id: 'id-99', row: null }], true)).toEqual(live)
  })
})

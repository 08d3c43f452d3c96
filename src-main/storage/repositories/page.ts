import type { Page, PageQuery } from '../../engine/store.ts'
import type { SqlValue } from '../journal-record.ts'

/** Conditions of a query, joined by AND, with their parameters. */
export class Conditions {
  readonly #texts: string[] = []
  readonly parameters: SqlValue[] = []

  /** Adds a condition with one parameter, unless the value is undefined. */
  add(text: string, value: SqlValue | undefined): this {
    if (value !== undefined) {
      this.#texts.push(text)
      this.parameters.push(value)
    }
    return this
  }

  addIn(column: string, values: readonly SqlValue[] | undefined): this {
    if (values !== undefined) {
      this.#texts.push(`${column} IN (${values.map(() => '?').join(', ')})`)
      this.parameters.push(...values)
    }
    return this
  }

  /** The column is one of many values. One parameter, so that the statement is the same for any number of them. */
  addAmong(column: string, values: readonly string[] | undefined): this {
    if (values !== undefined) {
      this.#texts.push(`${column} IN (SELECT value FROM json_each(?))`)
      this.parameters.push(JSON.stringify(values))
    }
    return this
  }

  get where(): string {
    return this.#texts.length === 0 ? '' : `WHERE ${this.#texts.join(' AND ')}`
  }
}

/** A page of rows that were read with `limit + 1`: the extra one only tells that there is more. */
export function toPage<Row, T>(
  rows: readonly Row[],
  query: PageQuery,
  item: (row: Row) => T,
  key: (row: Row) => string,
): Page<T> {
  const shown = rows.slice(0, query.limit)
  const last = shown.at(-1)
  return {
    items: shown.map(item),
    nextCursor: rows.length > query.limit && last !== undefined ? key(last) : null,
  }
}

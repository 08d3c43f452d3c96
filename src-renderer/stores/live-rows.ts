/**
 * The rows of a list that is read in pages, newest first, while new ones arrive. Pure.
 *
 * `rows` is what is shown. While the user reads further down, or has something selected, new rows wait in `held` so
 * that nothing jumps; `showHeld` puts them on top.
 */
export interface Row {
  readonly id: string
  /** ISO 8601; lists are in the order of this and then of the id. */
  readonly at: string
}

export interface LiveRows<R extends Row> {
  readonly rows: readonly R[]
  readonly held: readonly R[]
  /** Where the next page begins; null: everything is there. */
  readonly nextCursor: string | null
}

export const noRows: LiveRows<never> = { rows: [], held: [], nextCursor: null }

/** Newer first. */
export function compareRows(a: Row, b: Row): number {
  if (a.at !== b.at) return a.at > b.at ? -1 : 1
  return a.id > b.id ? -1 : a.id < b.id ? 1 : 0
}

/** A change that arrived: the row as it is now, or null when it no longer belongs here. */
export interface RowChange<R extends Row> {
  readonly id: string
  readonly row: R | null
}

/** @param follow new rows go on top at once */
export function applyChanges<R extends Row>(
  live: LiveRows<R>,
  changes: readonly RowChange<R>[],
  follow: boolean,
): LiveRows<R> {
  const changed = new Map(changes.map((change) => [change.id, change.row]))
  const seen = new Set<string>()
  const replaced = (rows: readonly R[]): readonly R[] => {
    let touched = false
    const next: R[] = []
    for (const row of rows) {
      const change = changed.get(row.id)
      if (change === undefined) {
        next.push(row)
        continue
      }
      touched = true
      seen.add(row.id)
      if (change !== null) next.push(change)
    }
    return touched ? next : rows
  }
  const rows = replaced(live.rows)
  const held = replaced(live.held)
  const fresh = [...changed.values()].filter((row): row is R => row !== null && !seen.has(row.id))
  return place({ ...live, rows, held }, fresh, follow)
}

function place<R extends Row>(live: LiveRows<R>, fresh: readonly R[], follow: boolean): LiveRows<R> {
  if (fresh.length === 0) return live
  const top = live.rows[0]
  const bottom = live.rows.at(-1)
  const newer = fresh.filter((row) => top === undefined || compareRows(row, top) < 0)
  // Older than what was read: it comes with its page.
  const between = fresh.filter(
    (row) =>
      !newer.includes(row) &&
      (live.nextCursor === null || (bottom !== undefined && compareRows(row, bottom) < 0)),
  )
  const rows = between.length === 0 ? live.rows : [...live.rows, ...between].sort(compareRows)
  if (newer.length === 0) return { ...live, rows }
  const waiting = [...newer, ...live.held].sort(compareRows)
  return follow || live.rows.length === 0
    ? { ...live, rows: [...waiting, ...rows], held: [] }
    : { ...live, rows, held: waiting }
}

/** Puts what waits on top. */
export function showHeld<R extends Row>(live: LiveRows<R>): LiveRows<R> {
  return live.held.length === 0 ? live : { ...live, rows: [...live.held, ...live.rows], held: [] }
}

/** Appends a page that was read; rows that came in the meantime stand once. */
export function appendPage<R extends Row>(
  live: LiveRows<R>,
  page: readonly R[],
  nextCursor: string | null,
): LiveRows<R> {
  // Sets of the page, not of the list: that may be very long.
  const brought = new Set(page.map((row) => row.id))
  const known = new Set<string>()
  for (const rows of [live.rows, live.held]) for (const { id } of rows) if (brought.has(id)) known.add(id)
  return { ...live, rows: [...live.rows, ...page.filter((row) => !known.has(row.id))], nextCursor }
}

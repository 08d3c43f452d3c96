/**
 * The rows of a list that is read in pages, newest first, while new ones arrive. Pure.
 *
 * `rows` is what is shown. While the user reads further down, or has something selected, new rows wait in `held` so
 * that nothing jumps; `showHeld` puts them on top.
 */
export interface Row {
  /** Ids sort by the order in which they were made; lists begin with the greatest. */
  readonly id: string
}

export interface LiveRows<R extends Row> {
  readonly rows: readonly R[]
  readonly held: readonly R[]
  /** More than these wait: too many to keep. They have to be read. */
  readonly heldBeyond: boolean
  /** Where the next page begins; null: everything is there. */
  readonly nextCursor: string | null
}

export const noRows: LiveRows<never> = { rows: [], held: [], heldBeyond: false, nextCursor: null }

/** More than anybody looks through one by one. */
export const mostHeld = 2000

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
  const pending = new Map(changes.map((change) => [change.id, change.row]))
  const rows = changeKnown(live.rows, pending)
  const held = changeKnown(live.held, pending)
  const fresh = [...pending.values()].filter((row) => row !== null)
  return place({ ...live, rows, held }, fresh, follow)
}

/** Changes the rows that are there, and takes those changes out of `pending`. Costs little in a long list. */
function changeKnown<R extends Row>(rows: readonly R[], pending: Map<string, R | null>): readonly R[] {
  let next: R[] | null = null
  const gone = new Set<string>()
  for (const [id, row] of pending) {
    const at = positionOf(rows, id)
    if (rows[at]?.id !== id) continue
    pending.delete(id)
    next ??= [...rows]
    if (row === null) gone.add(id)
    else next[at] = row
  }
  return next === null ? rows : gone.size === 0 ? next : next.filter(({ id }) => !gone.has(id))
}

/** How many rows are newer. */
function positionOf(rows: readonly Row[], id: string): number {
  let from = 0
  let to = rows.length
  while (from < to) {
    const middle = (from + to) >>> 1
    if ((rows[middle] as Row).id > id) from = middle + 1
    else to = middle
  }
  return from
}

const newestFirst = (a: Row, b: Row): number => (a.id > b.id ? -1 : a.id < b.id ? 1 : 0)

function place<R extends Row>(live: LiveRows<R>, fresh: readonly R[], follow: boolean): LiveRows<R> {
  if (fresh.length === 0) return live
  const top = live.rows[0]
  const bottom = live.rows.at(-1)
  const newer = fresh.filter(({ id }) => top === undefined || id > top.id)
  // Older than what was read: it comes with its page.
  const between = fresh.filter(
    ({ id }) =>
      top !== undefined &&
      id < top.id &&
      (live.nextCursor === null || (bottom !== undefined && id > bottom.id)),
  )
  const rows = between.length === 0 ? live.rows : [...live.rows, ...between].sort(newestFirst)
  if (newer.length === 0) return { ...live, rows }
  const waiting = [...newer, ...live.held].sort(newestFirst)
  if (follow || live.rows.length === 0) return { ...live, rows: [...waiting, ...rows], held: [] }
  return hold({ ...live, rows }, waiting)
}

function hold<R extends Row>(live: LiveRows<R>, waiting: readonly R[]): LiveRows<R> {
  const beyond = live.heldBeyond || waiting.length > mostHeld
  return { ...live, held: beyond ? waiting.slice(-mostHeld) : waiting, heldBeyond: beyond }
}

/** Puts what waits on top. What waits beyond it is not there: then the list has to be read instead. */
export function showHeld<R extends Row>(live: LiveRows<R>): LiveRows<R> {
  return live.held.length === 0 ? live : { ...live, rows: [...live.held, ...live.rows], held: [] }
}

/** Appends a page that was read; rows that came in the meantime stand once. */
export function appendPage<R extends Row>(
  live: LiveRows<R>,
  page: readonly R[],
  nextCursor: string | null,
): LiveRows<R> {
  const known = (rows: readonly R[], { id }: R): boolean => rows[positionOf(rows, id)]?.id === id
  const brought = page.filter((row) => !known(live.rows, row) && !known(live.held, row))
  return { ...live, rows: [...live.rows, ...brought], nextCursor }
}

/** What was read anew, in the place of `before`: what is newer than its top waits, so that nothing jumps. */
export function readAnew<R extends Row>(before: LiveRows<R>, anew: LiveRows<R>): LiveRows<R> {
  const top = before.rows[0]
  if (top === undefined) return anew
  const newer = positionOf(anew.rows, top.id)
  // Without a row that was there before, there is no place to keep.
  if (newer === anew.rows.length) return anew
  return hold({ ...anew, rows: anew.rows.slice(newer) }, anew.rows.slice(0, newer))
}

import { useCallback, useEffect, useLayoutEffect, useRef, useState } from 'react'
import type { PushMessage } from '../../src-shared/api/push-events.ts'
import { useServices } from '../app/services.ts'
import type { Row } from '../parts/virtual-grid.tsx'
import { sentenceOf } from '../stores/problem.ts'

export interface PageQuery {
  readonly cursor?: string
  readonly limit: number
}

export interface PageSource<R extends Row> {
  readonly page: (
    query: PageQuery,
  ) => Promise<{ readonly items: readonly R[]; readonly next_cursor: string | null }>
  /** Whether a message says that what was read is out of date. */
  readonly isStale: (message: PushMessage) => boolean
  /** `top`: newest first, so only the first page is read again. `all`: any row may have changed. */
  readonly again: 'top' | 'all'
}

export interface Pages<R extends Row> {
  readonly rows: readonly R[]
  readonly cursor: string | null
  readonly problem: string | null
  readonly loading: boolean
}

const pageSize = 100
const mostAtOnce = 500
const soonMs = 300

/** Rows by pages, of a list that the push feed only says to be stale. @param source null: there is nothing to read */
export function usePages<R extends Row>(
  source: PageSource<R> | null,
): Pages<R> & { readonly more: () => void } {
  const { feed } = useServices()
  const [state, setState] = useState<Pages<R>>({ rows: [], cursor: null, problem: null, loading: true })
  const latest = useRef(state)
  // Before the list asks for more in an effect of its own.
  useLayoutEffect(() => {
    latest.current = state
  })
  /** Of another source, whose answers are dropped. */
  const reading = useRef<{ source: PageSource<R>; busy: boolean } | null>(null)

  const run = useCallback(
    async (
      mine: { source: PageSource<R>; busy: boolean },
      work: (of: PageSource<R>) => Promise<Partial<Pages<R>>>,
    ) => {
      if (mine.busy) return
      mine.busy = true
      const found = await work(mine.source).catch((error: unknown) => ({ problem: sentenceOf(error) }))
      mine.busy = false
      if (reading.current === mine) setState({ ...latest.current, problem: null, loading: false, ...found })
    },
    [],
  )
  useEffect(() => {
    if (source === null) return
    const mine = { source, busy: false }
    reading.current = mine
    // oxlint-disable-next-line react/set-state-in-effect -- another source is another list
    setState({ rows: [], cursor: null, problem: null, loading: true })
    void run(mine, (of) => firstPage(of))
    let timer: ReturnType<typeof setTimeout> | null = null
    const readAgain = (): void => {
      timer = mine.busy ? setTimeout(readAgain, soonMs) : null
      if (timer === null) void run(mine, (of) => refreshed(of, latest.current))
    }
    const stop = feed.listen((messages) => {
      if (messages.some((message) => message.event === 'reset' || source.isStale(message)))
        timer ??= setTimeout(readAgain, soonMs)
    })
    return () => {
      stop()
      reading.current = null
      if (timer !== null) clearTimeout(timer)
    }
  }, [source, feed, run])
  const more = useCallback(() => {
    const mine = reading.current
    const { cursor } = latest.current
    if (mine === null || cursor === null) return
    void run(mine, async ({ page }) => {
      const { items, next_cursor } = await page({ cursor, limit: pageSize })
      const known = new Set(latest.current.rows.map(({ id }) => id))
      return {
        rows: [...latest.current.rows, ...items.filter(({ id }) => !known.has(id))],
        cursor: next_cursor,
      }
    })
  }, [run])
  return { ...state, more }
}

async function firstPage<R extends Row>({ page }: PageSource<R>): Promise<Partial<Pages<R>>> {
  const { items, next_cursor } = await page({ limit: pageSize })
  return { rows: items, cursor: next_cursor }
}

/** What was read, as it is now. */
async function refreshed<R extends Row>(source: PageSource<R>, before: Pages<R>): Promise<Partial<Pages<R>>> {
  if (source.again === 'top') {
    const { items, next_cursor } = await source.page({ limit: pageSize })
    return withTop(before, items, next_cursor)
  }
  const rows: R[] = []
  let cursor: string | null = null
  do {
    const wanted = Math.max(pageSize, before.rows.length - rows.length)
    const limit = Math.min(mostAtOnce, wanted)
    const page: Awaited<ReturnType<PageSource<R>['page']>> = await source.page({
      limit,
      ...(cursor === null ? {} : { cursor }),
    })
    rows.push(...page.items)
    cursor = page.next_cursor
  } while (cursor !== null && rows.length < before.rows.length)
  return { rows, cursor }
}

/** The top replaces what it reaches; when it does not meet what was read, the list begins anew. */
function withTop<R extends Row>(
  before: Pages<R>,
  top: readonly R[],
  cursor: string | null,
): Partial<Pages<R>> {
  const known = new Set(top.map(({ id }) => id))
  const meets = before.rows.some(({ id }) => known.has(id))
  const rest = meets ? before.rows.filter(({ id }) => !known.has(id)) : []
  return { rows: [...top, ...rest], cursor: rest.length > 0 ? before.cursor : cursor }
}

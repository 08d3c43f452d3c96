import { createStore, type StoreApi } from 'zustand/vanilla'
import {
  appendPage,
  applyChanges,
  noRows,
  readAnew,
  showHeld,
  type LiveRows,
  type Row,
  type RowChange,
} from './live-rows.ts'
import { sentenceOf } from './problem.ts'

export type Filter = Readonly<Record<string, string>>

export interface ListState<R extends Row> {
  readonly live: LiveRows<R>
  readonly filter: Filter
  readonly status: 'idle' | 'loading' | 'ready' | 'failed'
  readonly loadingMore: boolean
  readonly problem: string | null
  /** What the user wants: new rows on top at once. */
  readonly wantsFollow: boolean
  /** Whether it is done: not while something is selected or the user looks at something else than the top. */
  readonly follow: boolean
  readonly selected: ReadonlySet<string>
  /** Shows what matches; nothing happens when it is shown already. */
  readonly show: (filter: Filter) => void
  /**
   * Reads everything again, as far down as it was read; what is shown stays until then. What is new on top waits
   * unless the list follows, but what was brought back goes to its place.
   */
  readonly reload: (why?: 'restored') => Promise<void>
  readonly loadMore: () => Promise<void>
  readonly setFollow: (follow: boolean) => void
  /** @param away the user looks at one row, or further down */
  readonly setAway: (away: boolean) => void
  readonly showHeld: () => void
  readonly toggle: (id: string) => void
  readonly select: (ids: readonly string[]) => void
}
export type ListStore<R extends Row> = StoreApi<ListState<R>> & {
  /** Takes what arrived. `unsure` may match: whether it does has to be asked. */
  readonly take: (changes: readonly RowChange<R>[], unsure: readonly string[]) => void
}

export interface ListSource<R extends Row> {
  readonly page: (
    filter: Filter,
    query: { readonly cursor?: string; readonly limit: number; readonly ids?: readonly string[] },
  ) => Promise<{ readonly rows: readonly R[]; readonly nextCursor: string | null }>
}

/** Enough to fill the screen soon; those after it are so large that taking one in still fits between two frames. */
const firstPage = 100
const laterPage = 250
/** More on top than anybody reads: the list is begun anew instead. */
const mostFollowed = 5000
/** A list that was read further down than this begins anew after a reload. */
const mostReadAnew = 5000
const mostAsked = 200
const askAfterMs = 150

/** A list over cursor paging that stays right while rows arrive, change and go. */
export function createListStore<R extends Row>(source: ListSource<R>): ListStore<R> {
  /** Changes that came while a page was being read: the page may be older than they are. */
  let meanwhile: RowChange<R>[] = []
  let reading = 0
  /** Counts filters and reloads: an answer to an earlier one is dropped. */
  let generation = 0
  let away = false
  const unsureIds = new Set<string>()

  const readPage = async (base: LiveRows<R>, limit: number): Promise<LiveRows<R>> => {
    const cursor = base.nextCursor === null ? {} : { cursor: base.nextCursor }
    const page = await source.page(store.getState().filter, { ...cursor, limit })
    return appendPage(base, page.rows, page.nextCursor)
  }
  /** From the top, as far as `count` rows. @returns null when it is no longer wanted */
  const readTop = async (count: number, mine: number): Promise<LiveRows<R> | null> => {
    let read = await readPage(noRows, firstPage)
    for (;;) {
      if (mine !== generation) return null
      if (read.rows.length >= count || read.nextCursor === null) return read
      read = await readPage(read, laterPage)
    }
  }
  const guarded = async (
    first: boolean,
    work: (mine: number) => Promise<LiveRows<R> | null>,
  ): Promise<void> => {
    const mine = generation
    reading += 1
    try {
      const live = await work(mine)
      if (live === null || mine !== generation) return
      const follow = store.getState().follow || live.rows.length === 0
      store.setState({
        live: applyChanges(live, meanwhile, follow),
        status: 'ready',
        loadingMore: false,
        problem: null,
      })
    } catch (error) {
      if (mine !== generation) return
      store.setState({ status: first ? 'failed' : 'ready', loadingMore: false, problem: sentenceOf(error) })
    } finally {
      reading -= 1
      if (reading === 0) meanwhile = []
    }
  }
  const begin = (keep: 'nothing' | 'depth' | 'place'): Promise<void> => {
    generation += 1
    return guarded(true, async (mine) => {
      const { live, follow } = store.getState()
      const deep = keep !== 'nothing' && !follow && live.rows.length <= mostReadAnew
      const anew = await readTop(deep ? live.rows.length : 0, mine)
      return anew !== null && deep && keep === 'place' ? readAnew(store.getState().live, anew) : anew
    })
  }
  const store = createStore<ListState<R>>((set, get) => {
    const settle = (change: Partial<Pick<ListState<R>, 'wantsFollow' | 'selected'>>): void => {
      const { wantsFollow, selected, follow: before, live } = { ...get(), ...change }
      const follow = wantsFollow && !away && selected.size === 0
      set({ ...change, follow })
      if (follow && !before) catchUp(live)
    }
    const catchUp = (live: LiveRows<R>): void => {
      if (live.heldBeyond) void begin('nothing')
      else set({ live: showHeld(live) })
    }
    return {
      live: noRows,
      filter: {},
      status: 'idle',
      loadingMore: false,
      problem: null,
      wantsFollow: true,
      follow: true,
      selected: new Set(),
      show: (filter) => {
        const { status, filter: before } = get()
        if (status !== 'idle' && sameFilter(filter, before)) return
        set({ filter, status: 'loading', loadingMore: false, live: noRows, problem: null })
        settle({ selected: new Set() })
        void begin('nothing')
      },
      reload: (why) => {
        set({ loadingMore: false })
        return begin(why === 'restored' ? 'depth' : 'place')
      },
      loadMore: () => {
        const { loadingMore, live, status } = get()
        if (loadingMore || live.nextCursor === null || status !== 'ready') return Promise.resolve()
        set({ loadingMore: true })
        return guarded(false, async () => {
          const { rows, nextCursor } = await readPage({ ...noRows, nextCursor: live.nextCursor }, laterPage)
          return appendPage(get().live, rows, nextCursor)
        })
      },
      setFollow: (wantsFollow) => settle({ wantsFollow }),
      setAway: (is) => {
        if (is === away) return
        away = is
        settle({})
      },
      showHeld: () => catchUp(get().live),
      toggle: (id) => {
        const selected = new Set(get().selected)
        if (!selected.delete(id)) selected.add(id)
        settle({ selected })
      },
      select: (ids) => settle({ selected: new Set(ids) }),
    }
  })

  const apply = (changes: readonly RowChange<R>[]): void => {
    const { live, follow, selected, select } = store.getState()
    const next = applyChanges(live, changes, follow)
    store.setState({ live: next })
    const gone = new Set(
      changes.filter(({ id, row }) => row === null && selected.has(id)).map(({ id }) => id),
    )
    if (gone.size > 0) select([...selected].filter((id) => !gone.has(id)))
    if (follow && next.rows.length > mostFollowed && reading === 0) void begin('nothing')
  }
  const ask = async (): Promise<void> => {
    const ids = [...unsureIds].slice(0, mostAsked)
    const more = unsureIds.size > ids.length
    unsureIds.clear()
    if (more) return store.getState().reload()
    const mine = generation
    try {
      const { rows } = await source.page(store.getState().filter, { ids, limit: mostAsked })
      if (mine !== generation) return
      const found = new Map(rows.map((row) => [row.id, row]))
      apply(ids.map((id) => ({ id, row: found.get(id) ?? null })))
    } catch {
      // The connection's state says what is wrong; it ends with a reset.
    }
  }
  return Object.assign(store, {
    take(changes: readonly RowChange<R>[], unsure: readonly string[]) {
      if (store.getState().status === 'idle') return
      if (reading > 0) meanwhile.push(...changes)
      if (changes.length > 0) apply(changes)
      if (unsure.length === 0) return
      if (unsureIds.size === 0) setTimeout(() => void ask(), askAfterMs)
      for (const id of unsure) unsureIds.add(id)
    },
  })
}

function sameFilter(a: Filter, b: Filter): boolean {
  const names = Object.keys(a)
  return names.length === Object.keys(b).length && names.every((name) => a[name] === b[name])
}

import { createStore, type StoreApi } from 'zustand/vanilla'
import {
  appendPage,
  applyChanges,
  noRows,
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
  /** New rows go on top at once. */
  readonly follow: boolean
  readonly selected: ReadonlySet<string>
  /** Shows what matches; nothing happens when it is shown already. */
  readonly show: (filter: Filter) => void
  readonly reload: () => Promise<void>
  readonly loadMore: () => Promise<void>
  readonly setFollow: (follow: boolean) => void
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

const pageSize = 100
/** More on top than anybody reads: the list is begun anew instead. */
const mostFollowed = 5000
const mostHeld = 2000
const mostAsked = 200
const askAfterMs = 150

/** A list over cursor paging that stays right while rows arrive, change and go. */
export function createListStore<R extends Row>(source: ListSource<R>): ListStore<R> {
  /** Changes that came while a page was being read: the page may be older than they are. */
  let meanwhile: RowChange<R>[] = []
  let reading = 0
  /** Counts filters and reloads: an answer to an earlier one is dropped. */
  let generation = 0
  const unsureIds = new Set<string>()

  const store = createStore<ListState<R>>((set, get) => {
    const read = async (first: boolean): Promise<void> => {
      const mine = generation
      const { filter, live } = get()
      const cursor = first ? null : live.nextCursor
      reading += 1
      try {
        const page = await source.page(filter, { ...(cursor === null ? {} : { cursor }), limit: pageSize })
        if (mine !== generation) return
        const base = first ? noRows : get().live
        const read = appendPage<R>(base, page.rows, page.nextCursor)
        set({
          live: applyChanges(read, meanwhile, first || get().follow),
          status: 'ready',
          loadingMore: false,
          problem: null,
        })
      } catch (error) {
        if (mine !== generation) return
        set({ status: first ? 'failed' : 'ready', loadingMore: false, problem: sentenceOf(error) })
      } finally {
        reading -= 1
        if (reading === 0) meanwhile = []
      }
    }
    return {
      live: noRows,
      filter: {},
      status: 'idle',
      loadingMore: false,
      problem: null,
      follow: true,
      selected: new Set(),
      show: (filter) => {
        const { status, filter: before } = get()
        if (status !== 'idle' && sameFilter(filter, before)) return
        generation += 1
        set({ filter, status: 'loading', live: noRows, selected: new Set(), problem: null })
        void read(true)
      },
      reload: () => {
        generation += 1
        set({ loadingMore: false })
        return read(true)
      },
      loadMore: () => {
        const { loadingMore, live, status } = get()
        if (loadingMore || live.nextCursor === null || status !== 'ready') return Promise.resolve()
        set({ loadingMore: true })
        return read(false)
      },
      setFollow: (follow) => {
        if (follow === get().follow) return
        set({ follow, live: follow ? showHeld(get().live) : get().live })
      },
      showHeld: () => set({ live: showHeld(get().live) }),
      toggle: (id) => {
        const selected = new Set(get().selected)
        if (!selected.delete(id)) selected.add(id)
        set({ selected })
      },
      select: (ids) => set({ selected: new Set(ids) }),
    }
  })

  const apply = (changes: readonly RowChange<R>[]): void => {
    const { live, follow, selected } = store.getState()
    const next = applyChanges(live, changes, follow)
    const gone = changes.filter((change) => change.row === null && selected.has(change.id))
    const left = new Set([...selected].filter((id) => !gone.some((change) => change.id === id)))
    store.setState({ live: next, selected: gone.length === 0 ? selected : left })
    if (next.held.length > mostHeld || (follow && next.rows.length > mostFollowed + pageSize))
      void store.getState().reload()
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

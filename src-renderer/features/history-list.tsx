import { ArrowUp } from 'lucide-react'
import { useCallback, useEffect, useRef, type ReactNode } from 'react'
import { useLocation } from 'wouter'
import { useStore } from 'zustand'
import { address } from '../app/location.ts'
import { useServices } from '../app/services.ts'
import { Button } from '../parts/button.tsx'
import { Empty, Loading, Notice } from '../parts/notice.tsx'
import { rowAfter, VirtualGrid, type Column } from '../parts/virtual-grid.tsx'
import { count } from '../parts/words.ts'
import type { HistoryKind } from '../stores/history-actions.ts'
import type { Filter, ListStore } from '../stores/list-store.ts'
import type { Row } from '../stores/live-rows.ts'
import { useListKeys } from './list-keys.ts'

export interface HistoryListProps<R extends Row> {
  readonly of: HistoryKind
  readonly store: ListStore<R>
  readonly columns: readonly Column<R>[]
  readonly filter: Filter
  readonly query: Filter
  readonly openId: string | null
  readonly empty: ReactNode
  /** Beside the number of selected rows. */
  readonly bulk: (ids: readonly string[]) => ReactNode
}

const words = { deliveries: ['delivery', 'deliveries'], captures: ['capture', 'captures'] } as const

/** Opens one, or none. */
function useOpen(of: HistoryKind, query: Filter, openId: string | null) {
  const [, go] = useLocation()
  return useCallback(
    (id: string | null) =>
      go(address(id === null ? `/${of}` : `/${of}/${id}`, query), { replace: openId !== null }),
    [go, of, query, openId],
  )
}

/** Back to the top, with nothing open or selected, and what arrives goes there from now on. */
export function useFollow<R extends Row>(of: HistoryKind, store: ListStore<R>, query: Filter): () => void {
  const open = useOpen(of, query, null)
  return () => {
    const { select, setFollow } = store.getState()
    open(null)
    select([])
    setFollow(true)
    scrollToTop(of)
  }
}

function scrollToTop(of: HistoryKind): void {
  document.querySelector(`.grid.${of}`)?.scrollTo({ top: 0 })
}

/** A live list of the history: it follows what arrives while its top is in view and nothing is open or selected. */
export function HistoryList<R extends Row>(props: HistoryListProps<R>) {
  const { of, store, filter, query, openId } = props
  const { live, problem, selected, loadingMore, show, setAway, showHeld, select } = useStore(store)
  const atTop = useRef(true)
  const [one, many] = words[of]
  useEffect(() => show(filter), [show, filter])
  useEffect(() => setAway(!atTop.current || openId !== null), [setAway, openId])
  const open = useOpen(of, query, openId)
  const onTop = useCallback(
    (top: boolean) => {
      atTop.current = top
      setAway(!top || openId !== null)
    },
    [setAway, openId],
  )
  useHistoryKeys(props, open)
  return (
    <>
      {problem !== null && <Problem {...props} text={problem} />}
      {selected.size > 0 && (
        <div className="bulk-bar" role="region" aria-label="Selection">
          <strong>{count(selected.size, `${one} selected`, `${many} selected`)}</strong>
          {props.bulk([...selected])}
          <Button look="quiet" onClick={() => select([])}>
            Select none
          </Button>
        </div>
      )}
      <div className="rows">
        {live.held.length > 0 && (
          <button
            type="button"
            className="held"
            onClick={() => {
              showHeld()
              scrollToTop(of)
            }}
          >
            <ArrowUp size={14} aria-hidden="true" />
            {live.heldBeyond && 'more than '}
            {count(live.held.length, `new ${one}`, `new ${many}`)}
          </button>
        )}
        <Rows {...props} open={open} onTop={onTop} />
      </div>
      <p className="list-foot quiet">
        {loadingMore
          ? 'Reading more …'
          : `${count(live.rows.length, one, many)}${live.nextCursor === null ? '' : ' read, more below'}`}
      </p>
    </>
  )
}

/** Why the list could not be read; a filter may be what is wrong. */
function Problem<R extends Row>({
  of,
  store,
  filter,
  text,
}: HistoryListProps<R> & { readonly text: string }) {
  const [, go] = useLocation()
  return (
    <Notice
      tone="bad"
      action={
        <>
          {Object.keys(filter).length > 0 && (
            <Button onClick={() => go(`/${of}`)}>Show all {words[of][1]}</Button>
          )}
          <Button onClick={() => void store.getState().reload()}>Try again</Button>
        </>
      }
    >
      {text}
    </Notice>
  )
}

/** The rows, or what stands where none are. */
function Rows<R extends Row>(
  props: HistoryListProps<R> & {
    readonly open: (id: string) => void
    readonly onTop: (top: boolean) => void
  },
) {
  const { of, store, columns, filter, openId, open, onTop } = props
  const { live, status, selected, loadMore, toggle } = useStore(store)
  const [, go] = useLocation()
  const [one, many] = words[of]
  const onEnd = useCallback(() => void loadMore(), [loadMore])
  const filtered = Object.keys(filter).length > 0
  return status === 'loading' || status === 'idle' ? (
    <Loading lines={12} />
  ) : live.rows.length === 0 && live.held.length === 0 && status === 'ready' ? (
    filtered ? (
      <Empty
        title={`No ${one} matches`}
        action={<Button onClick={() => go(`/${of}`)}>Show all {many}</Button>}
      >
        Words are found by their beginnings; all of them must be there.
      </Empty>
    ) : (
      props.empty
    )
  ) : (
    <VirtualGrid
      label={many}
      layout={of}
      columns={columns}
      rows={live.rows}
      openId={openId}
      selected={selected}
      onOpen={open}
      onToggle={toggle}
      onEnd={onEnd}
      onTop={onTop}
      more={live.nextCursor !== null}
    />
  )
}

function useHistoryKeys<R extends Row>(
  { of, store, openId }: HistoryListProps<R>,
  open: (id: string | null) => void,
): void {
  const { history } = useServices()
  const remove = (): void => {
    if (openId !== null) void history.remove(of, [openId]).then(() => open(null))
  }
  useListKeys({
    list: of,
    group: of === 'deliveries' ? 'Deliveries' : 'Captures',
    step: (by) => {
      const row = rowAfter(store.getState().live.rows, openId, by)
      if (row !== undefined) open(row.id)
    },
    enter: {
      label: 'Go to the detail',
      run: () => document.querySelector<HTMLElement>('.detail [role=tab][aria-selected=true]')?.focus(),
    },
    escape: { label: 'Close the detail', run: () => open(null) },
    selection: {
      toggle: () => openId !== null && store.getState().toggle(openId),
      all: () => store.getState().select(store.getState().live.rows.map(({ id }) => id)),
    },
    actions: [
      {
        id: `${of} delete`,
        label: 'Delete',
        group: of === 'deliveries' ? 'Deliveries' : 'Captures',
        key: '#',
        run: remove,
      },
    ],
  })
}

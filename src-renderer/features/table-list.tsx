import { useEffect, useMemo, useState, type ReactNode } from 'react'
import { useCommands } from '../app/keyboard.ts'
import { useFilter } from '../app/location.ts'
import { Button } from '../parts/button.tsx'
import { SearchField } from '../parts/filter-bar.tsx'
import { Menu, type MenuItem } from '../parts/menu.tsx'
import { Empty } from '../parts/notice.tsx'
import { rowAfter, VirtualGrid, type Column, type Row } from '../parts/virtual-grid.tsx'
import { count } from '../parts/words.ts'
import { focusGrid, useListKeys } from './list-keys.ts'

export interface BulkAction {
  readonly label: string
  readonly danger?: boolean
  readonly run: (ids: readonly string[]) => void
}

export interface TableListProps<R extends Row> {
  /** Names the grid and its columns' widths. */
  readonly layout: string
  readonly group: string
  readonly of: readonly [one: string, many: string]
  readonly columns: readonly Column<R>[]
  readonly rows: readonly R[]
  readonly nameOf: (row: R) => string
  readonly onOpen: (id: string) => void
  /** What can be done with a row: its menu, and keys while one is at it. */
  readonly actions: (row: R) => readonly (MenuItem | null)[]
  /** What can be done with the selected ones; absent: nothing is selected. */
  readonly bulk?: readonly BulkAction[]
  /** Makes a new one. */
  readonly create?: { readonly label: string; readonly run: () => void }
  /** Absent: there is nothing to search in. */
  readonly search?: string
  readonly empty: ReactNode
  readonly more?: boolean
  readonly onEnd?: () => void
}

const filterNames = ['q', 'at'] as const

/** A list of what is set up: searched, walked through, selected and acted upon by keys. Where one is stands in the address. */
export function TableList<R extends Row>(props: TableListProps<R>) {
  const { layout, of, rows, bulk, search } = props
  const { filter, change } = useFilter(filterNames)
  const at = rows.find(({ id }) => id === filter['at']) ?? null
  const goTo = (id: string | undefined): void => change({ at: id })
  const { selected, toggle, select } = useSelection(rows)
  useEffect(() => {
    if (at !== null) focusGrid(layout)
    // oxlint-disable-next-line react/exhaustive-deps -- on coming back to the list only
  }, [layout])
  useCreation(props)
  useBulkCommands(props, selected)
  useTableKeys(props, at, goTo, {
    toggle: () => at !== null && toggle(at.id),
    all: () => select(rows.map(({ id }) => id)),
  })
  const columns = useMemo(
    () => [...props.columns, menuColumn(props)],
    // oxlint-disable-next-line react/exhaustive-deps -- the actions of a row are made when its menu is drawn
    [props.columns, props.actions],
  )
  return (
    <>
      {search !== undefined && (
        <div className="filters" role="search" aria-label={`Filter ${of[1]}`}>
          <SearchField
            label={search}
            value={filter['q'] ?? ''}
            onChange={(q) => change({ q, at: undefined })}
          />
        </div>
      )}
      <BulkBar of={of} actions={bulk ?? []} selected={selected} onNone={() => select([])} />
      {rows.length > 0 ? (
        <VirtualGrid
          label={of[1]}
          layout={layout}
          columns={columns}
          rows={rows}
          openId={at?.id ?? null}
          selected={bulk === undefined ? null : selected}
          onOpen={props.onOpen}
          onMove={goTo}
          onToggle={toggle}
          more={props.more === true}
          {...(props.onEnd === undefined ? {} : { onEnd: props.onEnd })}
        />
      ) : filter['q'] === undefined ? (
        props.empty
      ) : (
        <Empty
          title={`No ${of[0]} matches`}
          action={<Button onClick={() => change({ q: undefined })}>Show all {of[1]}</Button>}
        />
      )}
      <p className="list-foot quiet" aria-live="polite">
        {count(rows.length, of[0], of[1])}
        {props.more === true ? ' read, more below' : ''}
      </p>
    </>
  )
}

function useSelection(rows: readonly Row[]) {
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set())
  // What was deleted, or is not found any more, is not selected either.
  const selected = useMemo(
    () => new Set(rows.filter(({ id }) => chosen.has(id)).map(({ id }) => id)),
    [rows, chosen],
  )
  const toggle = (id: string): void => {
    const next = new Set(selected)
    if (!next.delete(id)) next.add(id)
    setChosen(next)
  }
  return { selected, toggle, select: (ids: readonly string[]): void => setChosen(new Set(ids)) }
}

function BulkBar({
  of: [one, many],
  actions,
  selected,
  onNone,
}: {
  readonly of: readonly [one: string, many: string]
  readonly actions: readonly BulkAction[]
  readonly selected: ReadonlySet<string>
  readonly onNone: () => void
}) {
  if (selected.size === 0) return null
  return (
    <div className="bulk-bar" role="region" aria-label="Selection">
      <strong>{count(selected.size, `${one} selected`, `${many} selected`)}</strong>
      {actions.map(({ label, danger = false, run }) => (
        <Button key={label} look={danger ? 'danger' : 'plain'} onClick={() => run([...selected])}>
          {label}
        </Button>
      ))}
      <Button look="quiet" onClick={onNone}>
        Select none
      </Button>
    </div>
  )
}

function useTableKeys<R extends Row>(
  { layout, group, rows, bulk, actions, nameOf, onOpen }: TableListProps<R>,
  at: R | null,
  goTo: (id: string | undefined) => void,
  selection: { readonly toggle: () => void; readonly all: () => void },
): void {
  const offered = at === null ? [] : actions(at).filter((item) => item !== null)
  useListKeys({
    list: layout,
    group,
    step: (by) => goTo(rowAfter(rows, at?.id ?? null, by)?.id),
    enter: { label: 'Open', run: () => at !== null && onOpen(at.id) },
    escape: { label: 'Leave the row', run: () => goTo(undefined) },
    selection: bulk === undefined ? undefined : selection,
    actions: offered.map(({ label, run, key }) => ({
      id: `${layout} action ${label}`,
      label: at === null ? label : `${label}: ${nameOf(at)}`,
      group,
      run,
      ...(key === undefined ? {} : { key }),
    })),
  })
}

function useCreation<R extends Row>({ create, group }: TableListProps<R>): void {
  // In the palette under the same id as from everywhere else; here it has the key too.
  useCommands(
    create === undefined ? [] : [{ id: create.label, label: create.label, group, key: 'n', run: create.run }],
  )
}

function useBulkCommands<R extends Row>(
  { layout, group, bulk = [] }: TableListProps<R>,
  selected: ReadonlySet<string>,
): void {
  useCommands(
    selected.size === 0
      ? []
      : bulk.map(({ label, run }) => ({
          id: `${layout} selected ${label}`,
          label: `${label} the selected`,
          group,
          run: () => run([...selected]),
        })),
  )
}

function menuColumn<R extends Row>({ actions, nameOf }: TableListProps<R>): Column<R> {
  return {
    id: 'menu',
    label: 'Actions',
    cell: (row) => (
      // A press in the menu is none on the row, although the menu is drawn elsewhere on the page.
      <span onClick={(event) => event.stopPropagation()}>
        <Menu label={`Actions for ${nameOf(row)}`} items={actions(row)} />
      </span>
    ),
  }
}

/** Those whose words contain what is searched for. */
export function useSearched<R>(rows: readonly R[], textOf: (row: R) => string): readonly R[] {
  const { filter } = useFilter(filterNames)
  const q = filter['q']?.toLowerCase()
  return useMemo(
    () => (q === undefined ? rows : rows.filter((row) => textOf(row).toLowerCase().includes(q))),
    // oxlint-disable-next-line react/exhaustive-deps -- a function without state of its own
    [rows, q],
  )
}

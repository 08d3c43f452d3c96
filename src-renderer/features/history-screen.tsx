import { Trash2 } from 'lucide-react'
import type { ReactNode } from 'react'
import { useStore } from 'zustand'
import { useCommands } from '../app/keyboard.ts'
import { useFilter } from '../app/location.ts'
import { useServices } from '../app/services.ts'
import { Button } from '../parts/button.tsx'
import { FilterSelect, ScreenHead, SearchField } from '../parts/filter-bar.tsx'
import type { MenuItem } from '../parts/menu.tsx'
import { Split } from '../parts/split.tsx'
import type { Column } from '../parts/virtual-grid.tsx'
import type { HistoryKind } from '../stores/history-actions.ts'
import type { Filter, ListStore } from '../stores/list-store.ts'
import type { Row } from '../stores/live-rows.ts'
import { ActionMenu } from './action-menu.tsx'
import { useListExports } from './export-list.ts'
import { HistoryList, useFollow } from './history-list.tsx'
import { ReplayButton } from './replays/send-again.tsx'

/** One of the choices above the list. */
export interface HistoryFilter {
  /** In the address. */
  readonly name: string
  readonly label: string
  readonly options: readonly (readonly [value: string, label: string])[]
  /** Only shown while it is set: by a link from elsewhere. */
  readonly linked?: boolean
}

export interface HistoryScreenProps<R extends Row> {
  readonly of: HistoryKind
  readonly title: string
  readonly store: ListStore<R>
  readonly columns: readonly Column<R>[]
  readonly filterNames: readonly string[]
  readonly filters: readonly HistoryFilter[]
  readonly searchLabel: string
  /** For everything that matches, beside deleting it. */
  readonly actions?: (filter: Filter) => readonly MenuItem[]
  /** For the selected ones, beside replaying and deleting them. */
  readonly bulk?: (ids: readonly string[]) => ReactNode
  readonly empty: ReactNode
  readonly openId: string | null
  readonly detail: ReactNode | null
}

/** One direction of the history: its live list with filters, and one of it in full. */
export function HistoryScreen<R extends Row>(props: HistoryScreenProps<R>) {
  const { of, title, store, filterNames, openId } = props
  const { history } = useServices()
  const { filter, query } = useFilter(filterNames)
  const exports = useListExports(of, 'all that match')
  const list = (
    <section className="list-pane" aria-label={title}>
      <ScreenHead title={title}>
        <FollowButton of={of} group={title} store={store} query={query} />
        <ActionMenu
          group={title}
          label={`More for these ${of}`}
          items={[
            ...(props.actions?.(filter) ?? []),
            ...exports(filter),
            {
              label: 'Delete all that match',
              danger: true,
              run: () => void history.removeMatching(of, filter),
            },
          ]}
        />
      </ScreenHead>
      <HistoryFilters {...props} />
      <HistoryList
        of={of}
        store={store}
        columns={props.columns}
        filter={filter}
        query={query}
        openId={openId}
        empty={props.empty}
        // oxlint-disable-next-line react/no-unstable-nested-components -- called, not a component
        bulk={(ids) => (
          <>
            {props.bulk?.(ids)}
            <ReplayButton of={of} ids={ids} />
            <Button
              icon={<Trash2 size={14} aria-hidden="true" />}
              onClick={() => void history.remove(of, ids)}
            >
              Delete
            </Button>
            <SelectionMenu of={of} ids={ids} />
          </>
        )}
      />
    </section>
  )
  return <Split name={of} list={list} detail={props.detail} />
}

function SelectionMenu({ of, ids }: { readonly of: HistoryKind; readonly ids: readonly string[] }) {
  const exports = useListExports(of, 'the selected')
  return (
    <ActionMenu label="More for the selected" group="Selection" items={exports({ ids: ids.join(',') })} />
  )
}

/** Whether new ones go on top by themselves; pressed while it pauses, it goes back to the top. */
function FollowButton<R extends Row>({
  of,
  group,
  store,
  query,
}: {
  readonly of: HistoryKind
  readonly group: string
  readonly store: ListStore<R>
  readonly query: Filter
}) {
  const follow = useStore(store, (state) => state.follow)
  const wanted = useStore(store, (state) => state.wantsFollow)
  const goOn = useFollow(of, store, query)
  const toggle = (): void => (follow ? store.getState().setFollow(false) : goOn())
  useCommands([{ id: `${of} follow`, label: 'Follow what is new', group, key: 'f', run: toggle }])
  return (
    <button
      type="button"
      className="button quiet follow"
      aria-pressed={follow}
      title={`New ${of} go on top at once; pauses while one is open or selected, or the list is scrolled`}
      onClick={toggle}
    >
      <span className={`dot ${follow ? 'good' : 'off'}`} aria-hidden="true" />
      {follow ? 'Following' : wanted ? 'Paused' : 'Follow'}
    </button>
  )
}

function HistoryFilters<R extends Row>({
  of,
  filterNames,
  filters,
  searchLabel,
}: Pick<HistoryScreenProps<R>, 'of' | 'filterNames' | 'filters' | 'searchLabel'>) {
  const { filter, change } = useFilter(filterNames)
  const time = { name: 'since', label: 'Time', options: sinceOptions(filter['since']) }
  return (
    <div className="filters" role="search" aria-label={`Filter ${of}`}>
      <SearchField label={searchLabel} value={filter['q'] ?? ''} onChange={(q) => change({ q })} />
      {[...filters, time]
        .filter(({ name, linked }: HistoryFilter) => linked !== true || filter[name] !== undefined)
        .map(({ name, label, options }) => (
          <FilterSelect
            key={name}
            label={label}
            value={filter[name]}
            options={options}
            onChange={(value) => change({ [name]: value })}
          />
        ))}
    </div>
  )
}

const pastHours: readonly (readonly [string, number])[] = [
  ['Last hour', 1],
  ['Last day', 24],
  ['Last week', 168],
]

/** Choices of the time filter; the address has the time itself, so that a link means the same later. */
function sinceOptions(value: string | undefined): readonly (readonly [string, string])[] {
  const hour = 3_600_000
  const start = Math.floor(Date.now() / hour) * hour
  const options = pastHours.map(
    ([label, hours]) => [new Date(start - (hours - 1) * hour).toISOString(), label] as const,
  )
  return value === undefined || options.some(([each]) => each === value)
    ? options
    : [...options, [value, `since ${value}`] as const]
}

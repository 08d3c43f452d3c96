import { Plus } from 'lucide-react'
import { useMemo } from 'react'
import { Link, useLocation } from 'wouter'
import type { EventView } from '../../../src-shared/model/event.ts'
import { address, useFilter } from '../../app/location.ts'
import { useServices, useWorkspace } from '../../app/services.ts'
import { Button, Key } from '../../parts/button.tsx'
import { FilterSelect, ScreenHead } from '../../parts/filter-bar.tsx'
import { Empty, Loading, Notice } from '../../parts/notice.tsx'
import { Split } from '../../parts/split.tsx'
import { Captured, Time } from '../../parts/text.tsx'
import { rowAfter, VirtualGrid, type Column } from '../../parts/virtual-grid.tsx'
import { count } from '../../parts/words.ts'
import { useListKeys } from '../list-keys.ts'
import { usePages, type PageSource } from '../pages.ts'
import { Compose } from './compose.tsx'
import { EventDetail } from './event-detail.tsx'

/** Past events of the workspace, one of them in full, and making a new one. */
export function Events({ id }: { readonly id: string | null }) {
  if (id === 'new') return <Compose />
  return (
    <Split
      name="events"
      list={<EventList openId={id} />}
      detail={id === null ? null : <EventDetail key={id} id={id} />}
    />
  )
}

const filterNames = ['type'] as const

type EventRow = Pick<EventView, 'id' | 'type' | 'occurred_at'>

const columns: readonly Column<EventRow>[] = [
  { id: 'type', label: 'Type', cell: (row) => <Captured>{row.type}</Captured> },
  { id: 'id', label: 'Id', cell: (row) => <span className="mono quiet">{row.id}</span> },
  { id: 'when', label: 'When', cell: (row) => <Time at={row.occurred_at} /> },
]

function EventList({ openId }: { readonly openId: string | null }) {
  const { workspace, provider } = useWorkspace()
  const { filter, query, change } = useFilter(filterNames)
  const [, go] = useLocation()
  const { rows, cursor, problem, loading, more } = useEvents(workspace?.id, filter['type'])
  const open = (id: string | null): void =>
    go(address(id === null ? '/events' : `/events/${id}`, query), { replace: openId !== null })
  useListKeys({
    list: 'events',
    group: 'Events',
    step: (by) => {
      const row = rowAfter(rows, openId, by)
      if (row !== undefined) open(row.id)
    },
    enter: {
      label: 'Go to the detail',
      run: () => document.querySelector<HTMLElement>('.detail [role=tab][aria-selected=true]')?.focus(),
    },
    escape: { label: 'Close the detail', run: () => open(null) },
    actions: [],
  })
  return (
    <section className="list-pane" aria-label="Events">
      <ScreenHead title="Events">
        <Link href="/events/new" className="button primary">
          <Plus size={14} aria-hidden="true" />
          New event
          <Key>n</Key>
        </Link>
      </ScreenHead>
      <div className="filters" role="search" aria-label="Filter events">
        <FilterSelect
          label="Type"
          value={filter['type']}
          options={(provider?.events ?? []).map(({ type }) => [type, type])}
          onChange={(type) => change({ type })}
        />
      </div>
      {problem !== null && <Notice tone="bad">{problem}</Notice>}
      {loading ? (
        <Loading lines={12} />
      ) : rows.length > 0 ? (
        <VirtualGrid<EventRow>
          label="events"
          layout="events"
          columns={columns}
          rows={rows}
          openId={openId}
          selected={null}
          onOpen={open}
          onEnd={more}
          more={cursor !== null}
        />
      ) : (
        <NoEvents type={filter['type']} onAll={() => change({ type: undefined })} />
      )}
      <p className="list-foot quiet" aria-live="polite">
        {count(rows.length, 'event', 'events')}
        {cursor === null ? '' : ' read, more below'}
      </p>
    </section>
  )
}

function NoEvents({ type, onAll }: { readonly type: string | undefined; readonly onAll: () => void }) {
  if (type !== undefined)
    return <Empty title={`No event is a ${type}`} action={<Button onClick={onAll}>Show all events</Button>} />
  return (
    <Empty
      title="No event yet"
      action={
        <Link href="/events/new" className="button primary">
          New event
        </Link>
      }
    >
      Events happen when contacts change, or when you send one.
    </Empty>
  )
}

/** Events by pages; the top is read again when new ones happen. */
function useEvents(workspace: EventView['workspace_id'] | undefined, type: string | undefined) {
  const { call } = useServices()
  const source = useMemo(
    (): PageSource<EventRow> | null =>
      workspace === undefined
        ? null
        : {
            page: async (query) => {
              const { items, next_cursor } = await call('events.list', {
                workspace,
                ...(type === undefined ? {} : { type }),
                ...query,
              })
              // Without their payloads, of which a long list would hold too many.
              const rows = items.map((event) => ({
                id: event.id,
                type: event.type,
                occurred_at: event.occurred_at,
              }))
              return { items: rows, next_cursor }
            },
            isStale: ({ event }) => event === 'event',
            again: 'top',
          },
    [call, workspace, type],
  )
  return usePages(source)
}

import { Plus, X } from 'lucide-react'
import { useCallback, useEffect, useState } from 'react'
import { Link, useLocation } from 'wouter'
import type { EventView } from '../../../src-shared/model/event.ts'
import { useCommands } from '../../app/keyboard.ts'
import { address, useFilter } from '../../app/location.ts'
import { useServices, useWorkspace } from '../../app/services.ts'
import { Button, IconButton } from '../../parts/button.tsx'
import { CopyText } from '../../parts/copy.tsx'
import { FilterSelect, ScreenHead } from '../../parts/filter-bar.tsx'
import { LineView } from '../../parts/line-view.tsx'
import { Empty, Loading, Notice } from '../../parts/notice.tsx'
import { Split } from '../../parts/split.tsx'
import { Captured, ExactTime, Time } from '../../parts/text.tsx'
import { VirtualGrid, type Column } from '../../parts/virtual-grid.tsx'
import { compareRows } from '../../stores/live-rows.ts'
import { sentenceOf } from '../../stores/problem.ts'
import { Compose } from './compose.tsx'

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
const noSelection: ReadonlySet<string> = new Set()

type EventRow = Pick<EventView, 'id' | 'type'> & { readonly at: string }

const columns: readonly Column<EventRow>[] = [
  { id: 'type', label: 'Type', cell: (row) => <Captured>{row.type}</Captured> },
  { id: 'id', label: 'Id', cell: (row) => <span className="mono quiet">{row.id}</span> },
  { id: 'when', label: 'When', cell: (row) => <Time at={row.at} /> },
]

function EventList({ openId }: { readonly openId: string | null }) {
  const { workspace, provider } = useWorkspace()
  const { filter, query, change } = useFilter(filterNames)
  const [, go] = useLocation()
  const { rows, cursor, problem, loading, more } = useEvents(workspace?.id, filter['type'])
  return (
    <section className="list-pane" aria-label="Events">
      <ScreenHead title="Events">
        <Link href="/events/new" className="button primary">
          <Plus size={14} aria-hidden="true" />
          New event
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
        <Loading />
      ) : rows.length === 0 ? (
        <Empty title="No event yet">Events happen when contacts change, or when you send one.</Empty>
      ) : (
        <VirtualGrid<EventRow>
          label="events"
          layout="events"
          columns={columns}
          rows={rows}
          openId={openId}
          selected={noSelection}
          onOpen={(id) => go(address(`/events/${id}`, query))}
          onToggle={(id) => go(address(`/events/${id}`, query))}
          onEnd={more}
          onTop={() => undefined}
          more={cursor !== null}
        />
      )}
    </section>
  )
}

const rowOf = (event: Pick<EventView, 'id' | 'type' | 'occurred_at'>): EventRow => ({
  id: event.id,
  type: event.type,
  at: event.occurred_at,
})

/** What happened now, above what was read. */
function onTop(rows: readonly EventRow[], fresh: readonly EventRow[]): readonly EventRow[] {
  const known = new Set(rows.map(({ id }) => id))
  return [...fresh.filter(({ id }) => !known.has(id)).sort(compareRows), ...rows]
}

const pageSize = 100

/** Events by pages, with those on top that happen meanwhile. */
function useEvents(workspace: EventView['workspace_id'] | undefined, type: string | undefined) {
  const { call, feed } = useServices()
  const [state, setState] = useState({
    rows: [] as readonly EventRow[],
    cursor: null as string | null,
    problem: null as string | null,
    loading: true,
  })
  const read = useCallback(
    async (cursor: string | null) => {
      if (workspace === undefined) return
      try {
        const page = await call('events.list', {
          workspace,
          limit: pageSize,
          ...(type === undefined ? {} : { type }),
          ...(cursor === null ? {} : { cursor }),
        })
        const rows = page.items.map(rowOf)
        setState((before) => merge(before, rows, page.next_cursor, cursor !== null))
      } catch (error) {
        setState((before) => ({ ...before, problem: sentenceOf(error), loading: false }))
      }
    },
    [call, workspace, type],
  )
  useEffect(() => {
    // oxlint-disable-next-line react/set-state-in-effect -- another workspace or type is another list
    setState({ rows: [], cursor: null, problem: null, loading: true })
    void read(null)
    return feed.listen((messages) => {
      const fresh = messages.flatMap((message) =>
        message.event === 'event' &&
        message.data.workspace_id === workspace &&
        (type === undefined || message.data.type === type)
          ? [rowOf(message.data)]
          : [],
      )
      if (fresh.length > 0) setState((before) => ({ ...before, rows: onTop(before.rows, fresh) }))
      if (messages.some(({ event }) => event === 'reset')) void read(null)
    })
  }, [read, feed, workspace, type])
  const more = useCallback(() => {
    if (state.cursor !== null) void read(state.cursor)
  }, [read, state.cursor])
  return { ...state, more }
}

interface EventsRead {
  readonly rows: readonly EventRow[]
  readonly cursor: string | null
  readonly problem: string | null
  readonly loading: boolean
}

/** The top replaces what it reaches; a further page is appended. */
function merge(
  before: EventsRead,
  rows: readonly EventRow[],
  cursor: string | null,
  appended: boolean,
): EventsRead {
  const known = new Set((appended ? before.rows : rows).map(({ id }) => id))
  if (appended)
    return {
      rows: [...before.rows, ...rows.filter(({ id }) => !known.has(id))],
      cursor,
      problem: null,
      loading: false,
    }
  const [top] = rows
  // They happened while the page was on its way.
  const newer = before.rows.filter(
    (row) => !known.has(row.id) && (top === undefined || compareRows(row, top) < 0),
  )
  const meets = before.rows.some(({ id }) => known.has(id))
  const rest = meets ? before.rows.filter((row) => !known.has(row.id) && !newer.includes(row)) : []
  const keeps = meets && before.rows.length > rows.length
  return {
    rows: [...newer, ...rows, ...rest],
    cursor: keeps ? before.cursor : cursor,
    problem: null,
    loading: false,
  }
}

function EventDetail({ id }: { readonly id: string }) {
  const { call } = useServices()
  const [event, setEvent] = useState<EventView | null>(null)
  const [problem, setProblem] = useState<string | null>(null)
  const [, go] = useLocation()
  useEffect(() => {
    call('events.get', { id }).then(setEvent, (error: unknown) => setProblem(sentenceOf(error)))
  }, [call, id])
  const close = (): void => go('/events')
  useCommands([{ id: 'event close', label: 'Close the detail', group: 'Events', key: 'Escape', run: close }])
  if (problem !== null) return <Notice tone="bad">{problem}</Notice>
  if (event === null) return <Loading />
  return (
    <article className="detail" aria-label="Event">
      <header className="detail-head">
        <div className="detail-title">
          <h2>
            <Captured>{event.type}</Captured>
          </h2>
          <IconButton label="Close (Esc)" onClick={close}>
            <X size={16} aria-hidden="true" />
          </IconButton>
        </div>
        <p className="summary">
          <ExactTime at={event.occurred_at} /> · <CopyText text={event.id} />
        </p>
        <div className="actions">
          <Link href={address('/deliveries', { event: event.id })} className="button">
            Its deliveries
          </Link>
          <Button onClick={() => go(address('/events/new', { type: event.type, from: event.id }))}>
            Edit and send again
          </Button>
        </div>
      </header>
      <div className="detail-body">
        <LineView text={JSON.stringify(event.payload, null, 2)} json label="Payload" />
      </div>
    </article>
  )
}

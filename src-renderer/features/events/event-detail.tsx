import { X } from 'lucide-react'
import { useCallback, useEffect, useMemo, useState } from 'react'
import { Link, useLocation } from 'wouter'
import type { EventView } from '../../../src-shared/model/event.ts'
import { AppError } from '../../../src-shared/errors.ts'
import { useCommands } from '../../app/keyboard.ts'
import { address, useFilter } from '../../app/location.ts'
import { useServices } from '../../app/services.ts'
import { Button, IconButton, Key } from '../../parts/button.tsx'
import { CopyText } from '../../parts/copy.tsx'
import { LineView } from '../../parts/line-view.tsx'
import { Empty, Loading, Notice } from '../../parts/notice.tsx'
import { HttpStatus, Status } from '../../parts/status.tsx'
import { Tabs } from '../../parts/tabs.tsx'
import { Captured, ExactTime } from '../../parts/text.tsx'
import type { Column } from '../../parts/virtual-grid.tsx'
import { duration } from '../../parts/words.ts'
import type { DeliveryRow } from '../../stores/deliveries-store.ts'
import { sentenceOf } from '../../stores/problem.ts'
import { RelatedDeliveries } from '../deliveries/related-deliveries.tsx'

const noNames: readonly string[] = []

/** One event: what happened, and what became of it. */
export function EventDetail({ id }: { readonly id: string }) {
  const { call } = useServices()
  const [event, setEvent] = useState<EventView | null>(null)
  const [failure, setFailure] = useState<unknown>(null)
  useEffect(() => {
    call('events.get', { id }).then(setEvent, setFailure)
  }, [call, id])
  if (failure instanceof AppError && (failure.status === 404 || failure.code === 'invalid_input'))
    return (
      <Empty title="There is no such event" action={<Link href="/events">Back to the list</Link>}>
        It left the history with the last of its deliveries, or the address is not right.
      </Empty>
    )
  if (failure !== null) return <Notice tone="bad">{sentenceOf(failure)}</Notice>
  return event === null ? <Loading /> : <Detail event={event} />
}

function Detail({ event }: { readonly event: EventView }) {
  const [, go] = useLocation()
  const { query, change } = useFilter(noNames)
  const { tab, ...rest } = query
  return (
    <article className="detail" aria-label="Event">
      <header className="detail-head">
        <div className="detail-title">
          <h2>
            <Captured>{event.type}</Captured>
          </h2>
          <IconButton label="Close (Esc)" onClick={() => go(address('/events', rest))}>
            <X size={16} aria-hidden="true" />
          </IconButton>
        </div>
        <p className="summary">
          <ExactTime at={event.occurred_at} /> · <CopyText text={event.id} />
        </p>
        <Actions event={event} />
      </header>
      <Tabs
        label="Event"
        value={tab}
        onChange={(to) => change({ tab: to })}
        tabs={[
          {
            id: 'payload',
            label: 'Payload',
            content: <LineView text={JSON.stringify(event.payload, null, 2)} json label="Payload" />,
          },
          { id: 'deliveries', label: 'Deliveries', content: <EventDeliveries id={event.id} /> },
        ]}
      />
    </article>
  )
}

function Actions({ event: { id, type } }: { readonly event: EventView }) {
  const [, go] = useLocation()
  const again = (): void => go(address('/events/new', { type, from: id }))
  const deliveries = address('/deliveries', { event: id })
  useCommands([
    { id: 'event edit', label: 'Edit and send again', group: 'Events', key: 'e', run: again },
    { id: 'event deliveries', label: 'Its deliveries', group: 'Events', key: 'd', run: () => go(deliveries) },
  ])
  return (
    <div className="actions">
      <Link href={deliveries} className="button">
        Its deliveries
        <Key>d</Key>
      </Link>
      <Button hint="e" onClick={again}>
        Edit and send again
      </Button>
    </div>
  )
}

const columns: readonly Column<DeliveryRow>[] = [
  { id: 'status', label: 'Status', cell: (row) => <Status of={row.status} /> },
  { id: 'destination', label: 'Destination', cell: (row) => <Captured>{row.destination_name}</Captured> },
  { id: 'answer', label: 'Answer', cell: (row) => <HttpStatus of={row.response_status} /> },
  {
    id: 'duration',
    label: 'Took',
    cell: (row) => (row.duration_ms === null ? <span className="quiet">–</span> : duration(row.duration_ms)),
  },
]

function EventDeliveries({ id }: { readonly id: EventView['id'] }) {
  const filter = useMemo(() => ({ event: id }), [id])
  const includes = useCallback((delivery: DeliveryRow) => delivery.event_id === id, [id])
  return (
    <RelatedDeliveries
      label="deliveries of the event"
      layout="event-deliveries"
      columns={columns}
      filter={filter}
      includes={includes}
      empty={
        <Empty title="No subscription took this event">It made no delivery, or they were deleted.</Empty>
      }
    />
  )
}

import { useStore } from 'zustand'
import { Link } from 'wouter'
import { deliveryStatuses, originSchema } from '../../../src-shared/model/delivery.ts'
import { useFilter } from '../../app/location.ts'
import { useServices, useWorkspace } from '../../app/services.ts'
import { FilterSelect, ScreenHead, SearchField } from '../../parts/filter-bar.tsx'
import { Empty } from '../../parts/notice.tsx'
import { Split } from '../../parts/split.tsx'
import { HttpStatus, Status } from '../../parts/status.tsx'
import { Captured, Countdown, Time } from '../../parts/text.tsx'
import type { Column } from '../../parts/virtual-grid.tsx'
import { deliveryFilterNames, type DeliveryRow } from '../../stores/deliveries-store.ts'
import { ActionMenu } from '../action-menu.tsx'
import { HistoryList } from '../history-list.tsx'
import { BulkActions } from './bulk-actions.tsx'
import { DeliveryDetail } from './delivery-detail.tsx'

export const deliveryColumns: readonly Column<DeliveryRow>[] = [
  { id: 'status', label: 'Status', cell: (row) => <Status of={row.status} /> },
  { id: 'event', label: 'Event', cell: (row) => <Captured>{row.event_type}</Captured> },
  { id: 'destination', label: 'Destination', cell: (row) => <Captured>{row.destination_name}</Captured> },
  { id: 'answer', label: 'Answer', cell: (row) => <HttpStatus of={row.response_status} /> },
  { id: 'attempts', label: 'Tries', cell: (row) => row.attempt_count },
  {
    id: 'when',
    label: 'When',
    cell: (row) =>
      row.status === 'retrying' && row.next_attempt_at !== null ? (
        <span className="warn">
          <Countdown to={row.next_attempt_at} />
        </span>
      ) : (
        <Time at={row.created_at} />
      ),
  },
]

/** What was sent and will be sent, and one of it in full. */
export function Deliveries({ id }: { readonly id: string | null }) {
  const { deliveries, history } = useServices()
  const { filter, query } = useFilter(deliveryFilterNames)
  const list = (
    <section className="list-pane" aria-label="Deliveries">
      <ScreenHead title="Deliveries">
        <ActionMenu
          group="Deliveries"
          label="More for these deliveries"
          items={[
            {
              label: 'Retry all failed ones that match',
              run: () => void history.moveMatching('retry', filter),
            },
            {
              label: 'Send all that wait for a retry and match now',
              run: () => void history.moveMatching('send-now', filter),
            },
            {
              label: 'Cancel all waiting ones that match',
              run: () => void history.moveMatching('cancel', filter),
            },
            {
              label: 'Delete all that match',
              danger: true,
              run: () => void history.removeMatching('deliveries', filter),
            },
          ]}
        />
      </ScreenHead>
      <DeliveryFilters />
      <HistoryList
        of="deliveries"
        store={deliveries}
        columns={deliveryColumns}
        filter={filter}
        query={query}
        openId={id}
        empty={
          <Empty
            title="Nothing was sent yet"
            action={
              <Link href="/events/new" className="button primary">
                Send an event
              </Link>
            }
          >
            An event that matches a subscription becomes a delivery to its destination.
          </Empty>
        }
        // oxlint-disable-next-line react/no-unstable-nested-components -- called, not a component
        bulk={(ids) => <BulkActions ids={ids} />}
      />
    </section>
  )
  return <Split name="deliveries" list={list} detail={id === null ? null : <DeliveryDetail id={id} />} />
}

const pastHours: readonly (readonly [string, number])[] = [
  ['Last hour', 1],
  ['Last day', 24],
  ['Last week', 168],
]

/** Choices of the time filter; the address has the time itself, so that a link means the same later. */
export function sinceOptions(value: string | undefined): readonly (readonly [string, string])[] {
  const hour = 3_600_000
  const start = Math.floor(Date.now() / hour) * hour
  const options = pastHours.map(
    ([label, hours]) => [new Date(start - (hours - 1) * hour).toISOString(), label] as const,
  )
  return value === undefined || options.some(([each]) => each === value)
    ? options
    : [...options, [value, `since ${value}`] as const]
}

function DeliveryFilters() {
  const { configuration } = useServices()
  const { provider } = useWorkspace()
  const destinations = useStore(configuration, (state) => state.destinations)
  const { filter, change } = useFilter(deliveryFilterNames)
  return (
    <div className="filters" role="search" aria-label="Filter deliveries">
      <SearchField label="Search ids, URLs, text" value={filter['q'] ?? ''} onChange={(q) => change({ q })} />
      <FilterSelect
        label="Status"
        value={filter['status']}
        options={deliveryStatuses.map((status) => [status, status])}
        onChange={(status) => change({ status })}
      />
      <FilterSelect
        label="Destination"
        value={filter['destination']}
        options={destinations.map(({ id, name }) => [id, name])}
        onChange={(destination) => change({ destination })}
      />
      <FilterSelect
        label="Event"
        value={filter['event_type']}
        options={(provider?.events ?? []).map(({ type }) => [type, type])}
        onChange={(event_type) => change({ event_type })}
      />
      <FilterSelect
        label="Origin"
        value={filter['origin']}
        options={originSchema.options.map((origin) => [origin, origin])}
        onChange={(origin) => change({ origin })}
      />
      <FilterSelect
        label="Time"
        value={filter['since']}
        options={sinceOptions(filter['since'])}
        onChange={(since) => change({ since })}
      />
    </div>
  )
}

import { Link } from 'wouter'
import { useStore } from 'zustand'
import { deliveryStatuses, originSchema } from '../../../src-shared/model/delivery.ts'
import { useServices } from '../../app/services.ts'
import { Empty } from '../../parts/notice.tsx'
import { HttpStatus, Status } from '../../parts/status.tsx'
import { Captured, Countdown, Time } from '../../parts/text.tsx'
import type { Column } from '../../parts/virtual-grid.tsx'
import { duration } from '../../parts/words.ts'
import { deliveryFilterNames, type DeliveryRow } from '../../stores/deliveries-store.ts'
import { HistoryScreen, type HistoryFilter } from '../history-screen.tsx'
import { BulkActions } from './bulk-actions.tsx'
import { DeliveryDetail } from './delivery-detail.tsx'

const columns: readonly Column<DeliveryRow>[] = [
  { id: 'status', label: 'Status', cell: (row) => <Status of={row.status} /> },
  { id: 'event', label: 'Event', cell: (row) => <Captured>{row.event_type}</Captured> },
  { id: 'destination', label: 'Destination', cell: (row) => <Captured>{row.destination_name}</Captured> },
  { id: 'answer', label: 'Answer', cell: (row) => <HttpStatus of={row.response_status} /> },
  { id: 'attempts', label: 'Tries', cell: (row) => row.attempt_count },
  {
    id: 'duration',
    label: 'Took',
    cell: (row) => (row.duration_ms === null ? <span className="quiet">–</span> : duration(row.duration_ms)),
  },
  {
    id: 'when',
    label: 'When',
    cell: (row) =>
      row.status === 'retrying' && row.next_attempt_at !== null ? (
        <span className="warn">
          <Countdown to={row.next_attempt_at} coarse />
        </span>
      ) : (
        <Time at={row.created_at} />
      ),
  },
]

/** What was sent and will be sent, and one of it in full. */
export function Deliveries({ id }: { readonly id: string | null }) {
  const { deliveries, history } = useServices()
  return (
    <HistoryScreen
      of="deliveries"
      title="Deliveries"
      store={deliveries}
      columns={columns}
      filterNames={deliveryFilterNames}
      filters={useFilters()}
      searchLabel="Search ids, URLs, text"
      actions={(filter) => [
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
      ]}
      // oxlint-disable-next-line react/no-unstable-nested-components -- called, not a component
      bulk={(ids) => <BulkActions ids={ids} />}
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
      openId={id}
      detail={id === null ? null : <DeliveryDetail id={id} />}
    />
  )
}

const same = (value: string) => [value, value] as const

function useFilters(): readonly HistoryFilter[] {
  const { configuration } = useServices()
  const { destinations, workspaces, providers } = useStore(configuration)
  const used = new Set(workspaces.map(({ provider }) => provider))
  const types = providers.filter(({ id }) => used.has(id)).flatMap(({ events }) => events)
  return [
    { name: 'status', label: 'Status', options: deliveryStatuses.map(same) },
    { name: 'destination', label: 'Destination', options: destinations.map(({ id, name }) => [id, name]) },
    { name: 'event_type', label: 'Event', options: [...new Set(types.map(({ type }) => type))].map(same) },
    { name: 'origin', label: 'Origin', options: originSchema.options.map(same) },
    {
      name: 'workspace',
      label: 'Workspace',
      options: workspaces.map(({ id, name }) => [id, name]),
      linked: workspaces.length < 2,
    },
    { name: 'event', label: 'Of event', options: [], linked: true },
    { name: 'replay', label: 'Of replay', options: [], linked: true },
    { name: 'source_capture', label: 'Replays of capture', options: [], linked: true },
    { name: 'source_delivery', label: 'Replays of delivery', options: [], linked: true },
  ]
}

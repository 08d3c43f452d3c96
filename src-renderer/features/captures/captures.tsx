import { Pin } from 'lucide-react'
import { useStore } from 'zustand'
import { verdictStatusSchema } from '../../../src-shared/model/capture.ts'
import { useServices } from '../../app/services.ts'
import { CopyText } from '../../parts/copy.tsx'
import { Empty } from '../../parts/notice.tsx'
import { HttpStatus, Status } from '../../parts/status.tsx'
import { Captured, Time } from '../../parts/text.tsx'
import type { Column } from '../../parts/virtual-grid.tsx'
import { bytes } from '../../parts/words.ts'
import { captureFilterNames, type CaptureRow } from '../../stores/captures-store.ts'
import { HistoryScreen, type HistoryFilter } from '../history-screen.tsx'
import { CaptureDetail } from './capture-detail.tsx'

const columns: readonly Column<CaptureRow>[] = [
  { id: 'verdict', label: 'Verdict', cell: (row) => <Status of={row.verdict.status} /> },
  {
    id: 'request',
    label: 'Request',
    cell: (row) => (
      <>
        <span className="method">
          <Captured>{row.method === '' ? 'not HTTP' : row.method}</Captured>
        </span>{' '}
        <Captured>{row.target}</Captured>
      </>
    ),
  },
  {
    id: 'event',
    label: 'Event',
    cell: (row) =>
      row.event_type === null ? <span className="quiet">–</span> : <Captured>{row.event_type}</Captured>,
  },
  { id: 'answer', label: 'Answer', cell: (row) => <HttpStatus of={row.answered.status} /> },
  { id: 'size', label: 'Size', cell: (row) => bytes(row.body_bytes) },
  {
    id: 'when',
    label: 'When',
    cell: (row) => (
      <>
        {row.pinned && <Pin size={12} aria-label="pinned" className="pin" />}
        {row.duplicate_of !== null && (
          <span className="tag" title="The same delivery came before">
            again
          </span>
        )}
        <Time at={row.received_at} />
      </>
    ),
  },
]

/** What came in, as it comes in, and one of it in full. */
export function Captures({ id }: { readonly id: string | null }) {
  const { captures } = useServices()
  return (
    <HistoryScreen
      of="captures"
      title="Captures"
      store={captures}
      columns={columns}
      filterNames={captureFilterNames}
      filters={useFilters()}
      searchLabel="Search paths, headers, text"
      empty={<NothingCaptured />}
      openId={id}
      detail={id === null ? null : <CaptureDetail id={id} />}
    />
  )
}

function NothingCaptured() {
  const { connection } = useServices()
  const receiver = useStore(connection, ({ health }) => health?.receiver)
  return (
    <Empty title="Nothing was captured yet">
      {receiver?.url === null || receiver === undefined ? (
        receiver?.problem
      ) : (
        <>
          Send any request to <CopyText text={`${receiver.url}/in/inbox`} />
        </>
      )}
    </Empty>
  )
}

const same = (value: string) => [value, value] as const

function useFilters(): readonly HistoryFilter[] {
  const { configuration } = useServices()
  const endpoints = useStore(configuration, (state) => state.endpoints)
  return [
    { name: 'verdict', label: 'Verdict', options: verdictStatusSchema.options.map(same) },
    { name: 'endpoint', label: 'Endpoint', options: endpoints.map(({ id, name }) => [id, name]) },
    { name: 'method', label: 'Method', options: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'].map(same) },
    {
      name: 'pinned',
      label: 'Pinned',
      options: [
        ['true', 'pinned'],
        ['false', 'not pinned'],
      ],
    },
    { name: 'delivery_id', label: 'Delivery', options: [], linked: true },
  ]
}

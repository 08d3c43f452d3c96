import { Pin } from 'lucide-react'
import { useStore } from 'zustand'
import { verdictStatusSchema } from '../../../src-shared/model/capture.ts'
import { useServices } from '../../app/services.ts'
import { CopyText } from '../../parts/copy.tsx'
import { Empty } from '../../parts/notice.tsx'
import { HttpStatus, Status } from '../../parts/status.tsx'
import { Captured, Time } from '../../parts/text.tsx'
import type { Column } from '../../parts/virtual-grid.tsx'
import { pickFile } from '../../parts/pick-file.ts'
import { bytes, count } from '../../parts/words.ts'
import { captureFilterNames, type CaptureRow } from '../../stores/captures-store.ts'
import { sentenceOf } from '../../stores/problem.ts'
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
  const importInto = useImport()
  return (
    <HistoryScreen
      of="captures"
      title="Captures"
      store={captures}
      columns={columns}
      filterNames={captureFilterNames}
      filters={useFilters()}
      searchLabel="Search paths, headers, text"
      actions={(filter) => [{ label: 'Import requests …', run: () => void importInto(filter['endpoint']) }]}
      empty={<NothingCaptured />}
      openId={id}
      detail={id === null ? null : <CaptureDetail id={id} />}
    />
  )
}

/** Requests of a file become captures of an endpoint, of the inbox where none is chosen. */
function useImport(): (endpointId: string | undefined) => Promise<void> {
  const { call, configuration, toasts } = useServices()
  const { show } = toasts.getState()
  return async (endpointId) => {
    const { endpoints } = configuration.getState()
    const slug = endpoints.find(({ id }) => id === endpointId)?.slug ?? 'inbox'
    try {
      const file = await pickFile('.har,.http,.txt,.sh,.json')
      if (file === null) return
      const { items } = await call('captures.import', { endpoint: slug, requests: [{ raw_base64: file }] })
      show({ text: `${count(items.length, 'request', 'requests')} imported` })
    } catch (error) {
      show({ text: sentenceOf(error), tone: 'bad' })
    }
  }
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

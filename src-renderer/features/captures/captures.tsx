import { Pin, Trash2 } from 'lucide-react'
import { useStore } from 'zustand'
import { verdictStatusSchema } from '../../../src-shared/model/capture.ts'
import { useCommands } from '../../app/keyboard.ts'
import { useFilter } from '../../app/location.ts'
import { useServices } from '../../app/services.ts'
import { Button } from '../../parts/button.tsx'
import { CopyText } from '../../parts/copy.tsx'
import { FilterSelect, ScreenHead, SearchField } from '../../parts/filter-bar.tsx'
import { Empty } from '../../parts/notice.tsx'
import { Split } from '../../parts/split.tsx'
import { HttpStatus, Status } from '../../parts/status.tsx'
import { Captured, Time } from '../../parts/text.tsx'
import type { Column } from '../../parts/virtual-grid.tsx'
import { bytes } from '../../parts/words.ts'
import { captureFilterNames, type CaptureRow } from '../../stores/captures-store.ts'
import { ActionMenu } from '../action-menu.tsx'
import { HistoryList } from '../history-list.tsx'
import { sinceOptions } from '../deliveries/deliveries.tsx'
import { ReplayButton } from '../replays/send-again.tsx'
import { CaptureDetail } from './capture-detail.tsx'

export const captureColumns: readonly Column<CaptureRow>[] = [
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
  const { captures, history, connection } = useServices()
  const { filter, query } = useFilter(captureFilterNames)
  const receiver = useStore(connection, ({ health }) => health?.receiver)
  const list = (
    <section className="list-pane" aria-label="Captures">
      <ScreenHead title="Captures">
        <FollowState />
        <ActionMenu
          group="Captures"
          label="More for these captures"
          items={[
            {
              label: 'Delete all that match',
              danger: true,
              run: () => void history.removeMatching('captures', filter),
            },
          ]}
        />
      </ScreenHead>
      <CaptureFilters />
      <HistoryList
        of="captures"
        store={captures}
        columns={captureColumns}
        filter={filter}
        query={query}
        openId={id}
        empty={
          <Empty title="Nothing was captured yet">
            {receiver?.url === null || receiver === undefined ? (
              receiver?.problem
            ) : (
              <>
                Send any request to <CopyText text={`${receiver.url}/in/inbox`} />
              </>
            )}
          </Empty>
        }
        // oxlint-disable-next-line react/no-unstable-nested-components -- called, not a component
        bulk={(ids) => (
          <>
            <ReplayButton of="captures" ids={ids} />
            <Button
              icon={<Trash2 size={14} aria-hidden="true" />}
              onClick={() => void history.remove('captures', ids)}
            >
              Delete
            </Button>
          </>
        )}
      />
    </section>
  )
  return <Split name="captures" list={list} detail={id === null ? null : <CaptureDetail id={id} />} />
}

/** Whether new captures go on top by themselves. */
function FollowState() {
  const { captures } = useServices()
  const follow = useStore(captures, (state) => state.follow)
  const toggle = (): void => captures.getState().setFollow(!follow)
  useCommands([{ id: 'follow', label: 'Follow what is new', group: 'Captures', key: 'f', run: toggle }])
  return (
    <button
      type="button"
      className="button quiet follow"
      aria-pressed={follow}
      title="New captures go on top at once; pauses while one is open or the list is scrolled"
      onClick={toggle}
    >
      <span className={`dot ${follow ? 'good' : 'off'}`} aria-hidden="true" />
      {follow ? 'Following' : 'Follow'}
    </button>
  )
}

function CaptureFilters() {
  const { configuration } = useServices()
  const endpoints = useStore(configuration, (state) => state.endpoints)
  const { filter, change } = useFilter(captureFilterNames)
  return (
    <div className="filters" role="search" aria-label="Filter captures">
      <SearchField
        label="Search paths, headers, text"
        value={filter['q'] ?? ''}
        onChange={(q) => change({ q })}
      />
      <FilterSelect
        label="Verdict"
        value={filter['verdict']}
        options={verdictStatusSchema.options.map((verdict) => [verdict, verdict])}
        onChange={(verdict) => change({ verdict })}
      />
      <FilterSelect
        label="Endpoint"
        value={filter['endpoint']}
        options={endpoints.map(({ id, name }) => [id, name])}
        onChange={(endpoint) => change({ endpoint })}
      />
      <FilterSelect
        label="Method"
        value={filter['method']}
        options={['GET', 'POST', 'PUT', 'PATCH', 'DELETE'].map((method) => [method, method])}
        onChange={(method) => change({ method })}
      />
      <FilterSelect
        label="Pinned"
        value={filter['pinned']}
        options={[
          ['true', 'pinned'],
          ['false', 'not pinned'],
        ]}
        onChange={(pinned) => change({ pinned })}
      />
      {filter['delivery_id'] !== undefined && (
        <FilterSelect
          label="Delivery"
          value={filter['delivery_id']}
          options={[[filter['delivery_id'], 'one delivery']]}
          onChange={(delivery_id) => change({ delivery_id })}
        />
      )}
      <FilterSelect
        label="Time"
        value={filter['since']}
        options={sinceOptions(filter['since'])}
        onChange={(since) => change({ since })}
      />
    </div>
  )
}

import { useMemo } from 'react'
import { Link, useLocation } from 'wouter'
import type { DeliverySummary } from '../../../src-shared/model/delivery.ts'
import { address } from '../../app/location.ts'
import { useServices } from '../../app/services.ts'
import { Key } from '../../parts/button.tsx'
import { Empty, Loading, Notice } from '../../parts/notice.tsx'
import { HttpStatus, Status } from '../../parts/status.tsx'
import { Captured, Time } from '../../parts/text.tsx'
import { VirtualGrid, type Column } from '../../parts/virtual-grid.tsx'
import type { DeliveryRow } from '../../stores/deliveries-store.ts'
import type { HistoryKind } from '../../stores/history-actions.ts'
import { usePages, type PageSource } from '../pages.ts'

const modes = { exact: 'exactly as it was', resigned: 'signed anew' } as const

/** How a replay sends, in words. */
export function modeWords(mode: DeliverySummary['replay_mode']): string {
  return mode === null ? 'again' : modes[mode]
}

const columns: readonly Column<DeliveryRow>[] = [
  { id: 'status', label: 'Status', cell: (row) => <Status of={row.status} /> },
  { id: 'to', label: 'To', cell: (row) => <Captured>{row.destination_name}</Captured> },
  { id: 'mode', label: 'Sent', cell: (row) => modeWords(row.replay_mode) },
  { id: 'answer', label: 'Answer', cell: (row) => <HttpStatus of={row.response_status} /> },
  { id: 'when', label: 'When', cell: (row) => <Time at={row.created_at} /> },
]

const filterOf = (of: HistoryKind, id: string): Readonly<Record<string, string>> =>
  of === 'captures' ? { source_capture: id } : { source_delivery: id }

/** The deliveries that replays of one capture or delivery made, newest first, as they go. */
export function ReplaysOf({
  of,
  id,
  hint,
}: {
  readonly of: HistoryKind
  readonly id: string
  /** The key that replays it; undefined: another action has it. */
  readonly hint?: string
}) {
  const { call } = useServices()
  const [, go] = useLocation()
  const source = useMemo(
    (): PageSource<DeliveryRow> => ({
      page: (query) => call('deliveries.list', { ...filterOf(of, id), ...query }),
      isStale: (message) =>
        message.event === 'history' || (message.event === 'delivery' && isFrom(message.data, of, id)),
      again: 'all',
    }),
    [call, of, id],
  )
  const { rows, cursor, problem, loading, more } = usePages(source)
  if (problem !== null) return <Notice tone="bad">{problem}</Notice>
  if (loading) return <Loading />
  if (rows.length === 0)
    return (
      <Empty title="Not replayed yet">
        {hint === undefined ? (
          <>
            <strong>Replay</strong>, above,
          </>
        ) : (
          <Key>{hint}</Key>
        )}{' '}
        sends it again to a URL or a destination, exactly as it was or signed anew.
      </Empty>
    )
  return (
    <>
      <VirtualGrid<DeliveryRow>
        label="replays"
        layout="replays"
        columns={columns}
        rows={rows}
        openId={null}
        selected={null}
        onOpen={(delivery) => go(`/deliveries/${delivery}`)}
        onEnd={more}
        more={cursor !== null}
      />
      <p className="list-foot quiet">
        <Link href={address('/deliveries', filterOf(of, id))}>Show them in the list of deliveries</Link>
      </p>
    </>
  )
}

function isFrom({ source }: DeliverySummary, of: HistoryKind, id: string): boolean {
  if (source === null) return false
  return 'capture_id' in source ? of === 'captures' && source.capture_id === id : source.delivery_id === id
}

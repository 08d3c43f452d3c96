import { useCallback, useMemo } from 'react'
import { Link } from 'wouter'
import type { DeliverySummary } from '../../../src-shared/model/delivery.ts'
import { address } from '../../app/location.ts'
import { Key } from '../../parts/button.tsx'
import { Empty } from '../../parts/notice.tsx'
import { HttpStatus, Status } from '../../parts/status.tsx'
import { Captured, Time } from '../../parts/text.tsx'
import type { Column } from '../../parts/virtual-grid.tsx'
import type { DeliveryRow } from '../../stores/deliveries-store.ts'
import type { HistoryKind } from '../../stores/history-actions.ts'
import { RelatedDeliveries } from '../deliveries/related-deliveries.tsx'

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
  const filter = useMemo(() => filterOf(of, id), [of, id])
  const includes = useCallback((delivery: DeliverySummary) => isFrom(delivery, of, id), [of, id])
  return (
    <RelatedDeliveries
      label="replays"
      layout="replays"
      columns={columns}
      filter={filter}
      includes={includes}
      empty={
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
      }
      foot={
        <p className="list-foot quiet">
          <Link href={address('/deliveries', filter)}>Show them in the list of deliveries</Link>
        </p>
      }
    />
  )
}

function isFrom({ source }: DeliverySummary, of: HistoryKind, id: string): boolean {
  if (source === null) return false
  return 'capture_id' in source ? of === 'captures' && source.capture_id === id : source.delivery_id === id
}

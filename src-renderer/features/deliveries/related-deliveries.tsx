import { useMemo, type ReactNode } from 'react'
import { useLocation } from 'wouter'
import type { OperationInput } from '../../../src-shared/api/contract.ts'
import { useServices } from '../../app/services.ts'
import { Loading, Notice } from '../../parts/notice.tsx'
import { VirtualGrid, type Column } from '../../parts/virtual-grid.tsx'
import type { DeliveryRow } from '../../stores/deliveries-store.ts'
import { usePages, type PageSource } from '../pages.ts'

export interface RelatedDeliveriesProps {
  readonly label: string
  /** The class that gives the columns their widths. */
  readonly layout: string
  readonly columns: readonly Column<DeliveryRow>[]
  /** Which ones; the same object as long as they are the same. */
  readonly filter: OperationInput<'deliveries.list'>
  /** Whether a delivery that has just changed is one of them. The same function as long as they are the same. */
  readonly includes: (delivery: DeliveryRow) => boolean
  readonly empty: ReactNode
  readonly foot?: ReactNode
}

/** The deliveries that belong to something else, newest first, as they go; one is opened by a click. */
export function RelatedDeliveries(props: RelatedDeliveriesProps) {
  const { label, layout, columns, filter, includes, empty, foot } = props
  const { call } = useServices()
  const [, go] = useLocation()
  const source = useMemo(
    (): PageSource<DeliveryRow> => ({
      page: (query) => call('deliveries.list', { ...filter, ...query }),
      isStale: (message) =>
        message.event === 'history' || (message.event === 'delivery' && includes(message.data)),
      again: 'all',
    }),
    [call, filter, includes],
  )
  const { rows, cursor, problem, loading, more } = usePages(source)
  if (problem !== null) return <Notice tone="bad">{problem}</Notice>
  if (loading) return <Loading />
  if (rows.length === 0) return empty
  return (
    <>
      <VirtualGrid<DeliveryRow>
        label={label}
        layout={layout}
        columns={columns}
        rows={rows}
        openId={null}
        selected={null}
        onOpen={(delivery) => go(`/deliveries/${delivery}`)}
        onEnd={more}
        more={cursor !== null}
      />
      {foot}
    </>
  )
}

import { useVirtualizer } from '@tanstack/react-virtual'
import { useEffect, useId, useRef, type KeyboardEvent, type ReactNode } from 'react'
import type { Row } from '../stores/live-rows.ts'

export interface Column<R> {
  readonly id: string
  readonly label: string
  readonly cell: (row: R) => ReactNode
}

export interface GridProps<R extends Row> {
  readonly label: string
  /** Names the columns' widths in the style sheet. */
  readonly layout: string
  readonly columns: readonly Column<R>[]
  readonly rows: readonly R[]
  /** The row whose detail is shown. */
  readonly openId: string | null
  readonly selected: ReadonlySet<string>
  readonly onOpen: (id: string) => void
  readonly onToggle: (id: string) => void
  readonly onEnd: () => void
  /** Whether the top is in view. */
  readonly onTop: (top: boolean) => void
  readonly more: boolean
}

const rowPx = 32

/** A table of any length: only what is in view exists. Arrow keys move, x selects. */
export function VirtualGrid<R extends Row>(props: GridProps<R>) {
  const { rows, columns, openId, onEnd, onTop, more } = props
  const scroll = useRef<HTMLDivElement>(null)
  const id = useId()
  // oxlint-disable-next-line react/incompatible-library -- concerns React's compiler, which is not used
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroll.current,
    estimateSize: () => rowPx,
    getItemKey: (index) => rows[index]?.id ?? index,
    overscan: 12,
  })
  const items = virtual.getVirtualItems()
  const lastIndex = items.at(-1)?.index ?? 0
  useEffect(() => {
    if (more && lastIndex >= rows.length - 40) onEnd()
  }, [more, lastIndex, rows.length, onEnd])

  const move = (event: KeyboardEvent): void => {
    const step = steps[event.key]
    const at = rows.findIndex((row) => row.id === openId)
    if (step === undefined || rows.length === 0) return
    event.preventDefault()
    event.stopPropagation()
    const to = Math.max(0, Math.min(rows.length - 1, at === -1 ? 0 : at + step))
    virtual.scrollToIndex(to)
    const row = rows[to]
    if (row !== undefined) props.onOpen(row.id)
  }
  return (
    <div
      className={`grid ${props.layout}`}
      role="grid"
      aria-label={props.label}
      aria-rowcount={more ? -1 : rows.length + 1}
      aria-multiselectable="true"
      aria-activedescendant={openId === null ? undefined : `${id}-${openId}`}
      tabIndex={0}
      onKeyDown={move}
      ref={scroll}
      onScroll={(event) => onTop(event.currentTarget.scrollTop < rowPx)}
    >
      <div className="grid-head" role="row" aria-rowindex={1}>
        <span role="columnheader" className="grid-check">
          <span className="visually-hidden">Selected</span>
        </span>
        {columns.map((column) => (
          <span role="columnheader" key={column.id}>
            {column.label}
          </span>
        ))}
      </div>
      <div className="grid-body" role="presentation" style={{ height: virtual.getTotalSize() }}>
        {items.map((item) => {
          const row = rows[item.index]
          return row === undefined ? null : (
            <GridRow
              key={row.id}
              {...props}
              row={row}
              rowId={`${id}-${row.id}`}
              index={item.index}
              top={item.start}
            />
          )
        })}
      </div>
    </div>
  )
}

const steps: Readonly<Record<string, number>> = {
  ArrowDown: 1,
  ArrowUp: -1,
  PageDown: 15,
  PageUp: -15,
  Home: Number.MIN_SAFE_INTEGER,
}

function GridRow<R extends Row>({
  row,
  rowId,
  index,
  top,
  columns,
  openId,
  selected,
  onOpen,
  onToggle,
}: GridProps<R> & {
  readonly row: R
  readonly rowId: string
  readonly index: number
  readonly top: number
}) {
  const isSelected = selected.has(row.id)
  return (
    <div
      id={rowId}
      role="row"
      aria-rowindex={index + 2}
      aria-selected={isSelected}
      aria-current={row.id === openId ? 'true' : undefined}
      className="grid-row"
      style={{ transform: `translateY(${top}px)` }}
      onClick={() => onOpen(row.id)}
    >
      <span
        role="gridcell"
        className="grid-check"
        onClick={(event) => {
          event.stopPropagation()
          onToggle(row.id)
        }}
      >
        <span className={`check-box ${isSelected ? 'on' : ''}`} aria-hidden="true" />
      </span>
      {columns.map((column) => (
        <span role="gridcell" key={column.id} className={`cell-${column.id}`}>
          {column.cell(row)}
        </span>
      ))}
    </div>
  )
}

import { useVirtualizer } from '@tanstack/react-virtual'
import { useEffect, useId, useRef, type KeyboardEvent, type ReactNode } from 'react'

/** What a grid shows: anything that has an id. */
export interface Row {
  readonly id: string
}

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
  /** The row whose detail is shown, or that the keys are at. */
  readonly openId: string | null
  /** null: rows can't be selected. */
  readonly selected: ReadonlySet<string> | null
  readonly onOpen: (id: string) => void
  /** Keys went to a row; absent: that opens it. */
  readonly onMove?: (id: string) => void
  readonly onToggle?: (id: string) => void
  readonly onEnd?: () => void
  /** Whether the top is in view. */
  readonly onTop?: (top: boolean) => void
  /** There is more than was read. */
  readonly more?: boolean
}

const rowPx = 32
/** Of the head, which stays in view above the rows. */
const headPx = 28

/** A table of any length: only what is in view exists. Arrow keys move, x selects. */
export function VirtualGrid<R extends Row>(props: GridProps<R>) {
  const { rows, columns, openId, onEnd, onTop, more = false } = props
  const scroll = useRef<HTMLDivElement>(null)
  const id = useId()
  // oxlint-disable-next-line react/incompatible-library -- concerns React's compiler, which is not used
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroll.current,
    estimateSize: () => rowPx,
    getItemKey: (index) => rows[index]?.id ?? index,
    overscan: 12,
    scrollMargin: headPx,
    scrollPaddingStart: headPx,
  })
  const items = virtual.getVirtualItems()
  const lastIndex = items.at(-1)?.index ?? 0
  useEffect(() => {
    if (more && lastIndex >= rows.length - 40) onEnd?.()
  }, [more, lastIndex, rows.length, onEnd])

  useEffect(() => {
    const at = rows.findIndex((row) => row.id === openId)
    if (at !== -1) virtual.scrollToIndex(at)
    // oxlint-disable-next-line react/exhaustive-deps -- rows that arrive must not move what is read
  }, [openId])

  const move = (event: KeyboardEvent): void => {
    const step = steps[event.key]
    if (step === undefined || rows.length === 0 || event.target !== event.currentTarget) return
    event.preventDefault()
    event.stopPropagation()
    const row = rowAfter(rows, openId, step)
    if (row !== undefined) (props.onMove ?? props.onOpen)(row.id)
  }
  return (
    <div
      className={`grid ${props.layout}`}
      role="grid"
      aria-label={props.label}
      aria-rowcount={more ? -1 : rows.length + 1}
      aria-multiselectable={props.selected !== null}
      aria-activedescendant={openId === null ? undefined : `${id}-${openId}`}
      tabIndex={0}
      onKeyDown={move}
      ref={scroll}
      onScroll={(event) => onTop?.(event.currentTarget.scrollTop < rowPx)}
    >
      <GridHead columns={columns} selectable={props.selected !== null} />
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
              top={item.start - headPx}
            />
          )
        })}
      </div>
    </div>
  )
}

/** The row that is `by` further than the one with this id; when there is none, a step goes to the first. */
export function rowAfter<R extends Row>(rows: readonly R[], id: string | null, by: number): R | undefined {
  const at = rows.findIndex((row) => row.id === id)
  const to = at === -1 && Math.abs(by) === 1 ? 0 : Math.max(0, at) + by
  return rows[Math.max(0, Math.min(rows.length - 1, to))]
}

function GridHead<R>({
  columns,
  selectable,
}: {
  readonly columns: readonly Column<R>[]
  readonly selectable: boolean
}) {
  return (
    <div className="grid-head" role="row" aria-rowindex={1}>
      {selectable && (
        <span role="columnheader" className="grid-check">
          <span className="visually-hidden">Selected</span>
        </span>
      )}
      {columns.map((column) => (
        <span role="columnheader" key={column.id} className={`head-${column.id}`}>
          {column.id === 'menu' ? <span className="visually-hidden">{column.label}</span> : column.label}
        </span>
      ))}
    </div>
  )
}

const steps: Readonly<Record<string, number>> = {
  ArrowDown: 1,
  ArrowUp: -1,
  PageDown: 15,
  PageUp: -15,
  Home: -1e9,
  End: 1e9,
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
  const isSelected = selected?.has(row.id) === true
  return (
    <div
      id={rowId}
      role="row"
      aria-rowindex={index + 2}
      aria-selected={selected === null ? undefined : isSelected}
      aria-current={row.id === openId ? 'true' : undefined}
      className="grid-row"
      style={{ transform: `translateY(${top}px)` }}
      onClick={() => onOpen(row.id)}
    >
      {selected !== null && (
        <span
          role="gridcell"
          className="grid-check"
          onClick={(event) => {
            event.stopPropagation()
            onToggle?.(row.id)
          }}
        >
          <span className={`check-box ${isSelected ? 'on' : ''}`} aria-hidden="true" />
        </span>
      )}
      {columns.map((column) => (
        <span role="gridcell" key={column.id} className={`cell-${column.id}`}>
          {column.cell(row)}
        </span>
      ))}
    </div>
  )
}

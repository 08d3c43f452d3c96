import { useVirtualizer } from '@tanstack/react-virtual'
import {
  memo,
  useEffect,
  useId,
  useLayoutEffect,
  useRef,
  type KeyboardEvent,
  type ReactNode,
  type RefObject,
} from 'react'

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

const overscan = 6
/** Rows left below the view when more are wanted: so many that a turned wheel seldom waits for them. */
const readAhead = 250

/**
 * A table of any length: only what is in view exists. Arrow keys move, x selects. What is in view stays where it is
 * when rows above it come or go, except at the very top.
 */
export function VirtualGrid<R extends Row>(props: GridProps<R>) {
  const { rows, columns, openId, selected, onOpen, onToggle, onEnd, onTop, more = false } = props
  const scroll = useRef<HTMLDivElement>(null)
  const id = useId()
  // All rows are of one height and none is measured: without keys of their own, nothing has to be made for each.
  // oxlint-disable-next-line react/incompatible-library -- concerns React's compiler, which is not used
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroll.current,
    estimateSize: () => rowPx,
    overscan,
    scrollMargin: headPx,
    scrollPaddingStart: headPx,
  })
  const items = virtual.getVirtualItems()
  const lastIndex = items.at(-1)?.index ?? 0
  useKeepPlace(scroll, rows)
  useEffect(() => onTop?.((scroll.current?.scrollTop ?? 0) < rowPx), [onTop])
  useEffect(() => {
    if (more && lastIndex >= rows.length - readAhead) onEnd?.()
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
  const slots = Math.ceil((virtual.scrollRect?.height ?? 0) / rowPx) + 2 * overscan + 2
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
              // Elements are used again for other rows; counted from the end, so that new rows on top change no other.
              key={(rows.length - item.index) % slots}
              row={row}
              rowId={`${id}-${row.id}`}
              index={item.index}
              top={item.start - headPx}
              columns={columns}
              isOpen={row.id === openId}
              isSelected={selected === null ? null : selected.has(row.id)}
              onOpen={onOpen}
              onToggle={onToggle}
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

/** Scrolls by as much as rows above the first one in view have come or gone. */
function useKeepPlace(scroll: RefObject<HTMLElement | null>, rows: readonly Row[]): void {
  const shown = useRef(rows)
  useLayoutEffect(() => {
    const before = shown.current
    shown.current = rows
    const element = scroll.current
    // At the top one wants to see what comes.
    if (before === rows || element === null || element.scrollTop < rowPx) return
    const shift = rowsAdded(before, rows, Math.floor(element.scrollTop / rowPx))
    if (shift !== 0) element.scrollTo({ top: element.scrollTop + shift * rowPx })
  }, [scroll, rows])
}

/** Further away a row is not looked for. */
const mostShift = 5000

/** How many more rows are above the one that stood at `index`, or above the next that is still there. */
function rowsAdded(before: readonly Row[], after: readonly Row[], index: number): number {
  for (let at = index; at < Math.min(before.length, index + 40); at += 1) {
    const id = before[at]?.id
    for (let distance = 0; distance < mostShift; distance += 1) {
      if (after[at + distance]?.id === id) return distance
      if (after[at - distance]?.id === id) return -distance
      if (at - distance < 0 && at + distance >= after.length) break
    }
  }
  return 0
}

interface GridRowProps {
  readonly row: Row
  readonly rowId: string
  readonly index: number
  readonly top: number
  readonly columns: readonly Column<never>[]
  readonly isOpen: boolean
  /** null: it can't be. */
  readonly isSelected: boolean | null
  readonly onOpen: (id: string) => void
  readonly onToggle: ((id: string) => void) | undefined
}

const GridRow = memo(function GridRow({
  row,
  rowId,
  index,
  top,
  columns,
  isOpen,
  isSelected,
  onOpen,
  onToggle,
}: GridRowProps) {
  return (
    <div
      id={rowId}
      role="row"
      aria-rowindex={index + 2}
      aria-selected={isSelected ?? undefined}
      aria-current={isOpen ? 'true' : undefined}
      className="grid-row"
      style={{ transform: `translateY(${top}px)` }}
      onClick={() => onOpen(row.id)}
    >
      {isSelected !== null && (
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
      <Cells row={row} columns={columns} />
    </div>
  )
})

/** The costly part of a row: it stays as it is while the row only moves. */
const Cells = memo(function Cells({ row, columns }: Pick<GridRowProps, 'row' | 'columns'>) {
  return columns.map((column) => (
    <span role="gridcell" key={column.id} className={`cell-${column.id}`}>
      {column.cell(row as never)}
    </span>
  ))
})

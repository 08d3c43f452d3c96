import { useEffect, useRef, useState } from 'react'
import UPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'

export interface ChartSeries {
  readonly name: string
  /** Its colour, as a class of the style sheet that sets a background. */
  readonly tone: string
  /** One for each time; null: nothing is known. */
  readonly values: readonly (number | null)[]
}

export interface ChartProps {
  /** What it shows, in a sentence, for those who can't see it. */
  readonly label: string
  /** Epoch milliseconds, ascending. */
  readonly times: readonly number[]
  /** `bars` stand upon one another, the first at the bottom. */
  readonly kind: 'bars' | 'lines'
  readonly series: readonly ChartSeries[]
  /** Beside the names while nothing is pointed at. */
  readonly totals: readonly (number | null)[]
  readonly write: (value: number) => string
  /** Changes with the theme, whose colours are read anew then. */
  readonly theme: string
}

const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' })
const heightPx = 132

/** Values over time, drawn by uPlot; the names below tell the values of the moment that is pointed at. */
export function Chart({ label, times, kind, series, totals, write, theme }: ChartProps) {
  const host = useRef<HTMLDivElement>(null)
  const legend = useRef<HTMLUListElement>(null)
  const plot = useRef<UPlot | null>(null)
  const [pointed, setPointed] = useState<number | null>(null)
  const data = dataOf(times, series, kind)
  const latest = useRef(data)
  latest.current = data
  const names = series.map(({ name }) => name).join('\n')

  useEffect(() => {
    const element = host.current
    if (element === null) return
    const colours = [...(legend.current?.querySelectorAll('.swatch') ?? [])].map(
      (swatch) => getComputedStyle(swatch).backgroundColor,
    )
    const { color, borderColor } = getComputedStyle(element)
    const made = new UPlot(
      optionsOf({
        kind,
        colours,
        text: color,
        grid: borderColor,
        width: element.clientWidth,
        write,
        setPointed,
      }),
      latest.current,
      element,
    )
    plot.current = made
    const observer = new ResizeObserver(() => made.setSize({ width: element.clientWidth, height: heightPx }))
    observer.observe(element)
    return () => {
      observer.disconnect()
      made.destroy()
      plot.current = null
    }
    // oxlint-disable-next-line react/exhaustive-deps -- new values go in by the effect below
  }, [kind, names, theme])
  useEffect(() => plot.current?.setData(latest.current))

  const at = pointed === null ? undefined : times[pointed]
  return (
    <>
      <div className="chart" ref={host} role="img" aria-label={label}>
        {at !== undefined && <span className="chart-time">{clock.format(at)}</span>}
      </div>
      <ul className="chart-legend" ref={legend}>
        {series.map(({ name, tone, values }, index) => {
          const value = pointed === null ? totals[index] : values[pointed]
          return (
            <li key={name}>
              <span className={`swatch ${tone}`} aria-hidden="true" />
              {name} <strong>{value === null || value === undefined ? '–' : write(value)}</strong>
            </li>
          )
        })}
      </ul>
    </>
  )
}

/** uPlot's columns; bars are drawn from the tallest sum to the lowest, each over the one before. */
function dataOf(
  times: readonly number[],
  series: readonly ChartSeries[],
  kind: ChartProps['kind'],
): UPlot.AlignedData {
  const seconds = times.map((time) => time / 1000)
  if (kind === 'lines') return [seconds, ...series.map(({ values }) => [...values])]
  const sums: number[][] = []
  for (const { values } of series) {
    const below = sums.at(-1)
    sums.push(values.map((value, index) => (value ?? 0) + (below?.[index] ?? 0)))
  }
  return [seconds, ...sums.toReversed()]
}

function optionsOf(of: {
  readonly kind: ChartProps['kind']
  readonly colours: readonly string[]
  readonly text: string
  readonly grid: string
  readonly width: number
  readonly write: (value: number) => string
  readonly setPointed: (index: number | null) => void
}): UPlot.Options {
  const { kind, colours, text, grid, width, write, setPointed } = of
  const bars = kind === 'bars' ? UPlot.paths.bars?.({ size: [0.7, 12] }) : undefined
  const drawn = kind === 'bars' ? colours.toReversed() : colours
  const axis = { stroke: text, font: '11px system-ui, sans-serif', ticks: { show: false } }
  return {
    width,
    height: heightPx,
    padding: [8, 4, 0, 0],
    legend: { show: false },
    cursor: { drag: { x: false, y: false }, y: false, points: { show: kind === 'lines' } },
    scales: {
      // Half a minute on either side, so that the outermost bars are whole.
      x: { range: (_plot, low, high) => [(low ?? 0) - 30, (high ?? 0) + 30] },
      y: { range: (_plot, _low, high) => [0, Math.max(1, (high ?? 0) * 1.08)] },
    },
    axes: [
      {
        ...axis,
        size: 24,
        space: 60,
        grid: { show: false },
        values: (_plot, splits) => splits.map((second) => clock.format(second * 1000)),
      },
      {
        ...axis,
        size: 48,
        space: 28,
        grid: { stroke: grid, width: 1 },
        ...(kind === 'bars'
          ? { incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 50_000] }
          : {}),
        values: (_plot, splits) => splits.map((value) => (value === 0 ? '0' : write(value))),
      },
    ],
    series: [
      {},
      ...drawn.map((colour) =>
        bars === undefined
          ? { stroke: colour, width: 1.5, points: { show: true, size: 4, fill: colour } }
          : { fill: colour, width: 0, paths: bars, points: { show: false } },
      ),
    ],
    hooks: { setCursor: [(plot) => setPointed(plot.cursor.idx ?? null)] },
  }
}

import { useEffect, useMemo, useState, useSyncExternalStore } from 'react'
import { useStore } from 'zustand'
import type { OperationOutput } from '../../../src-shared/api/contract.ts'
import { useServices } from '../../app/services.ts'
import { Button } from '../../parts/button.tsx'
import type { ChartProps, ChartSeries } from '../../parts/chart.tsx'
import { Chart } from '../../parts/lazy-chart.tsx'
import { Notice } from '../../parts/notice.tsx'
import { duration, number } from '../../parts/words.ts'
import { sentenceOf } from '../../stores/problem.ts'

type Statistics = OperationOutput<'statistics.get'>
type Minute = Statistics['minutes'][number]

/** The last hour, minute by minute: what came of deliveries, what captures were, how long attempts took. */
export function Traffic() {
  const { statistics, problem } = useStatistics()
  const charts = useMemo(() => (statistics === null ? [] : chartsOf(statistics)), [statistics])
  if (problem !== null) return <Notice tone="bad">{problem}</Notice>
  return (
    <div className="charts">
      {statistics === null
        ? titles.map((title) => <section key={title} className="card chart-card" aria-busy="true" />)
        : charts.map((chart) => <ChartCard key={chart.title} {...chart} />)}
    </div>
  )
}

const titles = ['Deliveries a minute', 'Captures a minute', 'Duration of attempts'] as const

type ChartOf = Omit<ChartProps, 'theme' | 'label'> & {
  readonly title: (typeof titles)[number]
  readonly empty: string
}

const percentiles = ['p50', 'p95', 'p99'] as const

function chartsOf({ minutes, attempt_ms: all }: Statistics): readonly ChartOf[] {
  const times = minutes.map(({ at }) => Date.parse(at))
  const bars = (
    title: ChartOf['title'],
    empty: string,
    named: readonly (readonly [name: string, count: (minute: Minute) => number])[],
  ): ChartOf => {
    const series = named.map(([name, count]) => ({
      name,
      tone: `tone-${name}`,
      values: minutes.map(count),
    }))
    const totals = series.map(({ values }) => values.reduce((sum, value) => sum + value, 0))
    return { title, empty, times, kind: 'bars', series, totals, write: number }
  }
  return [
    bars(titles[0], 'No delivery in the last hour.', [
      ['succeeded', ({ deliveries }) => deliveries.succeeded],
      ['retrying', ({ deliveries }) => deliveries.retrying],
      ['failed', ({ deliveries }) => deliveries.failed],
    ]),
    bars(titles[1], 'No capture in the last hour.', [
      ['verified', ({ captures }) => captures.verified],
      ['unchecked', ({ captures }) => captures.unsigned + captures.unchecked],
      ['rejected', ({ captures }) => captures.rejected],
    ]),
    {
      title: titles[2],
      empty: 'No attempt in the last hour.',
      times,
      kind: 'lines',
      series: percentiles.map((name) => ({
        name,
        tone: `tone-${name}`,
        values: minutes.map(({ attempt_ms: of }) => of?.[name] ?? null),
      })),
      totals: percentiles.map((name) => all?.[name] ?? null),
      write: duration,
    },
  ]
}

function ChartCard({ title, empty, ...chart }: ChartOf) {
  const [asTable, setAsTable] = useState(false)
  const theme = useColours()
  const { series, totals, write } = chart
  const nothing = totals.every((total) => total === null || total === 0)
  const told = series.map(({ name }, index) => `${name} ${write(totals[index] ?? 0)}`).join(', ')
  return (
    <section className="card chart-card" aria-label={title}>
      <header className="card-head">
        <h2>
          {title} <span className="quiet card-more">last hour</span>
        </h2>
        {!nothing && (
          <Button look="quiet" aria-pressed={asTable} onClick={() => setAsTable(!asTable)}>
            Table
          </Button>
        )}
      </header>
      {nothing ? (
        <p className="quiet chart-empty">{empty}</p>
      ) : asTable ? (
        <ChartTable title={title} {...chart} />
      ) : (
        <Chart {...chart} theme={theme} label={`${title}, last hour: ${told}`} />
      )}
    </section>
  )
}

const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' })

/** The same in words, newest first; minutes in which nothing happened are left out. */
function ChartTable({ title, times, series, write }: Omit<ChartOf, 'empty'>) {
  const busy = times
    .map((time, index) => ({ time, values: series.map(({ values }: ChartSeries) => values[index] ?? null) }))
    .filter(({ values }) => values.some((value) => value !== null && value !== 0))
    .toReversed()
  return (
    <div className="chart-table" role="region" aria-label={`${title}, as a table`} tabIndex={0}>
      <table>
        <thead>
          <tr>
            <th scope="col">Minute</th>
            {series.map(({ name }) => (
              <th key={name} scope="col">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {busy.map(({ time, values }) => (
            <tr key={time}>
              <th scope="row">{clock.format(time)}</th>
              {values.map((value, index) => (
                <td key={series[index]?.name}>{value === null ? '–' : write(value)}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

const soonMs = 1000
const everyMs = 15_000

/** Read when something happened, but at most once a second, and now and then so that the minutes move on. */
function useStatistics() {
  const { call, feed } = useServices()
  const [statistics, setStatistics] = useState<Statistics | null>(null)
  const [problem, setProblem] = useState<string | null>(null)
  useEffect(() => {
    let wanted = true
    let soon: ReturnType<typeof setTimeout> | null = null
    const read = (): void => {
      soon = null
      if (document.visibilityState !== 'visible') return
      call('statistics.get', {}).then(
        (found) => {
          if (!wanted) return
          setStatistics(found)
          setProblem(null)
        },
        (error: unknown) => wanted && setProblem(sentenceOf(error)),
      )
    }
    read()
    const timer = setInterval(read, everyMs)
    const stop = feed.listen((messages) => {
      if (messages.some(({ event }) => event === 'delivery' || event === 'capture' || event === 'reset'))
        soon ??= setTimeout(read, soonMs)
    })
    document.addEventListener('visibilitychange', read)
    return () => {
      wanted = false
      stop()
      clearInterval(timer)
      if (soon !== null) clearTimeout(soon)
      document.removeEventListener('visibilitychange', read)
    }
  }, [call, feed])
  return { statistics, problem }
}

const dark = matchMedia('(prefers-color-scheme: dark)')

/** Changes whenever the page's colours do. */
function useColours(): string {
  const { preferences } = useServices()
  const theme = useStore(preferences, (state) => state.theme)
  const darkSystem = useSyncExternalStore(
    (listener) => {
      dark.addEventListener('change', listener)
      return () => dark.removeEventListener('change', listener)
    },
    () => dark.matches,
  )
  return `${theme} ${String(darkSystem)}`
}

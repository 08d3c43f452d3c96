import { median, perSecond, type BenchReport } from './bench-report.ts'

/** How fast something went, and what it cost this thread: on a busy machine the cost is the steadier figure. */
export interface Rate {
  readonly perSecond: number
  readonly cpuMicroseconds: number
}

/** Starts measuring. @returns ends it: the rate of `count` operations */
export function startMeter(): (count: number) => Rate {
  const started = performance.now()
  const cpu = process.threadCpuUsage()
  return (count) => {
    const { user, system } = process.threadCpuUsage(cpu)
    return {
      perSecond: count / ((performance.now() - started) / 1000),
      cpuMicroseconds: (user + system) / count,
    }
  }
}

export interface RateComparison {
  readonly name: string
  readonly about: string
  /** The ratio to reach. */
  readonly aim: number
  readonly baseline: { readonly name: string; readonly rates: readonly Rate[] }
  readonly ours: { readonly name: string; readonly rates: readonly Rate[] }
}

/** Ours against a baseline that ran in the same rounds: medians, and the median of the rounds' ratios. */
export function rateReport({ name, about, aim, baseline, ours }: RateComparison): BenchReport {
  const ratios = ours.rates.map(({ perSecond }, round) => perSecond / (baseline.rates[round]?.perSecond ?? 1))
  const cpuRatios = ours.rates.map(
    ({ cpuMicroseconds }, round) => (baseline.rates[round]?.cpuMicroseconds ?? 1) / cpuMicroseconds,
  )
  const rate = (of: readonly Rate[]): number => median(of.map(({ perSecond }) => perSecond))
  const cpu = (of: readonly Rate[]): number => median(of.map(({ cpuMicroseconds }) => cpuMicroseconds))
  const row = (title: string, of: readonly Rate[]): string[] => [
    title,
    perSecond(rate(of)),
    perSecond(Math.min(...of.map(({ perSecond }) => perSecond))),
    perSecond(Math.max(...of.map(({ perSecond }) => perSecond))),
    `${cpu(of).toFixed(1)} µs`,
  ]
  const ratioRow = [median(ratios), Math.min(...ratios), Math.max(...ratios), median(cpuRatios)]
  return {
    name,
    about,
    columns: ['', 'median', 'least', 'most', "this thread's CPU"],
    rows: [
      row(baseline.name, baseline.rates),
      row(ours.name, ours.rates),
      ['ratio within a round', ...ratioRow.map((value) => value.toFixed(2))],
    ],
    notes: [`aim: a ratio of ${aim.toFixed(2)}; ${ours.rates.length} rounds, in turn`],
    figures: {
      perSecond: rate(ours.rates),
      baselinePerSecond: rate(baseline.rates),
      ratio: median(ratios),
      cpuMicroseconds: cpu(ours.rates),
      baselineCpuMicroseconds: cpu(baseline.rates),
      cpuRatio: median(cpuRatios),
      leastCpuMicroseconds: Math.min(...ours.rates.map(({ cpuMicroseconds }) => cpuMicroseconds)),
      mostPerSecond: Math.max(...ours.rates.map(({ perSecond }) => perSecond)),
    },
  }
}

import { cpus, totalmem } from 'node:os'

/** What a benchmark hands back: a table for people, and the same figures by name for programs. */
export interface BenchReport {
  readonly name: string
  /** What was measured, in a sentence. */
  readonly about: string
  readonly columns: readonly string[]
  readonly rows: readonly (readonly string[])[]
  /** What to know when reading the table. */
  readonly notes: readonly string[]
  readonly figures: Readonly<Record<string, number>>
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5)
}

/** The value below which this share of the values lies; between two of them the mean weighted by distance. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  const position = (sorted.length - 1) * share
  const below = sorted[Math.floor(position)] ?? Number.NaN
  const above = sorted[Math.ceil(position)] ?? Number.NaN
  return below + (above - below) * (position - Math.floor(position))
}

export const perSecond = (value: number): string => `${Math.round(value).toLocaleString('en-US')}/s`
export const milliseconds = (value: number): string =>
  `${value < 10 ? value.toFixed(2) : Math.round(value)} ms`
export const megabytes = (bytes: number): string => `${Math.round(bytes / 1024 / 1024)} MB`

/** The machine as far as it matters for figures; nothing that changes from day to day. */
export function machine(): Record<string, string | number> {
  return {
    cores: cpus().length,
    processor: cpus()[0]?.model.trim() ?? 'unknown',
    memory: megabytes(totalmem()),
    node: process.version,
    platform: `${process.platform} ${process.arch}`,
  }
}

export function table({ columns, rows }: Pick<BenchReport, 'columns' | 'rows'>): string[] {
  const widths = columns.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)),
  )
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, column) =>
        column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join('  ')
  return [line(columns), widths.map((width) => '-'.repeat(width)).join('  '), ...rows.map(line)]
}

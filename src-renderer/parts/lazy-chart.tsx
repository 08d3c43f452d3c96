import { lazy, Suspense } from 'react'
import type { ChartProps } from './chart.tsx'

const LoadedChart = lazy(() => import('./chart.tsx').then((module) => ({ default: module.Chart })))

/** A chart, loaded when it is first needed. */
export function Chart(props: ChartProps) {
  return (
    <Suspense fallback={<div className="chart" aria-busy="true" />}>
      <LoadedChart {...props} />
    </Suspense>
  )
}

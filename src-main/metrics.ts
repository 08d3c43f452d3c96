import { monitorEventLoopDelay } from 'node:perf_hooks'
import { Counter, Gauge, Histogram, Registry } from 'prom-client'
import type { PushEvent, PushHub } from './engine/push.ts'

/** What `GET /metrics` tells, in Prometheus' text format. @see https://prometheus.io/docs/instrumenting/exposition_formats/ */
export interface Metrics {
  /** Counts what the engine tells from now on. @param queue how much waits and is under way just now */
  observe(push: PushHub, queue: () => { readonly waiting: number; readonly inFlight: number }): void
  /** One write and fsync of the journal. */
  noteSync(durationMs: number): void
  readonly mediaType: string
  text(): Promise<string>
  close(): void
}

const secondBuckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120]

export function createMetrics(): Metrics {
  const registry = new Registry()
  const registers = [registry]
  const deliveries = new Counter({
    name: 'hookbench_deliveries_total',
    help: 'Outcomes of deliveries; a delivery that is retried counts each time.',
    labelNames: ['outcome'],
    registers,
  })
  const attempts = new Histogram({
    name: 'hookbench_attempt_duration_seconds',
    help: 'From the start of an attempt to the last byte of its answer.',
    buckets: secondBuckets,
    registers,
  })
  const captures = new Counter({
    name: 'hookbench_captures_total',
    help: 'Captured requests by verdict.',
    labelNames: ['verdict'],
    registers,
  })
  const syncs = new Histogram({
    name: 'hookbench_journal_fsync_seconds',
    help: 'Writing and syncing one batch of transactions.',
    buckets: secondBuckets,
    registers,
  })
  const observe = (event: PushEvent): void => {
    if (event.kind === 'attempt') attempts.observe(event.attempt.durationMs / 1000)
    if (event.kind === 'delivery') {
      const { status } = event.delivery
      if (status !== 'pending' && status !== 'processing') deliveries.inc({ outcome: status })
    }
    if (event.kind === 'capture' && event.change === 'received')
      captures.inc({ verdict: event.capture.verdict.status })
  }
  const loop = createLoopDelay(registers)
  let unsubscribe: () => void = () => undefined
  return {
    observe(push, queue) {
      unsubscribe = push.subscribe(observe)
      const waiting = new Gauge({
        name: 'hookbench_queue_length',
        help: 'Deliveries that wait, and that are being sent.',
        labelNames: ['state'],
        registers,
        collect() {
          const { waiting: count, inFlight } = queue()
          waiting.set({ state: 'waiting' }, count)
          waiting.set({ state: 'in_flight' }, inFlight)
        },
      })
    },
    noteSync: (durationMs) => syncs.observe(durationMs / 1000),
    mediaType: registry.contentType,
    text: () => registry.metrics(),
    close() {
      unsubscribe()
      loop.close()
    },
  }
}

/** Measured from the first look on, between looks: watching costs a timer, which an idle program shouldn't pay. */
function createLoopDelay(registers: Registry[]): { close(): void } {
  let histogram: ReturnType<typeof monitorEventLoopDelay> | null = null
  const delay = new Gauge({
    name: 'hookbench_event_loop_delay_seconds',
    help: 'How late the event loop is, since the last scrape.',
    labelNames: ['quantile'],
    registers,
    collect() {
      if (histogram === null) {
        histogram = monitorEventLoopDelay({ resolution: 20 })
        histogram.enable()
        return
      }
      for (const [quantile, nanoseconds] of [
        ['0.5', histogram.percentile(50)],
        ['0.99', histogram.percentile(99)],
        ['1', histogram.max],
      ] as const) {
        delay.set({ quantile }, nanoseconds / 1e9)
      }
      histogram.reset()
    },
  })
  return { close: () => histogram?.disable() }
}

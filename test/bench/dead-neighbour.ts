import { setTimeout as delay } from 'node:timers/promises'
import type { DeliveryId } from '../../src-shared/model/ids.ts'
import { startChild } from '../support/bench-child.ts'
import { addDestination, dataOfSize, startBenchHost, type BenchHost } from '../support/bench-host.ts'
import { median, milliseconds, quantile, type BenchReport } from '../support/bench-report.ts'

const rounds = 7
const perRound = 400
/** The healthy destination's load: well below what it can take, so that its latency is not queueing. */
const everyMs = 5
const waitingForDead = 1000
/** Long enough for its slots to stay full, short enough for time-outs to happen while it is measured. */
const deadTimeoutSeconds = 3

interface Latency {
  readonly p50: number
  readonly p99: number
}

/**
 * A healthy destination's latency from accepted to succeeded, alone and beside one that accepts connections and never
 * answers: its slots are full, and a queue waits for it.
 *
 * @see fault-matrix.md, row 29
 */
export async function deadNeighbour(): Promise<BenchReport> {
  const healthy = startChild(new URL('children/plain-receiver.ts', import.meta.url))
  const silent = startChild(new URL('children/silent-receiver.ts', import.meta.url))
  const hosts: BenchHost[] = []
  try {
    const [{ port }, { port: silentPort }] = await Promise.all([
      healthy.next<{ port: number }>(),
      silent.next<{ port: number }>(),
    ])
    const alone = await startBenchHost()
    hosts.push(alone)
    const beside = await startBenchHost()
    hosts.push(beside)
    for (const bench of hosts)
      await addDestination(bench, 'contact.created', `http://127.0.0.1:${port}/hook`, 8)
    // With as many slots as there are in all, so that it would take every one if it could.
    await addDestination(
      beside,
      'contact.deleted',
      `http://127.0.0.1:${silentPort}/hook`,
      64,
      deadTimeoutSeconds,
    )
    await fillQueue(beside)
    const found = { alone: [] as Latency[], beside: [] as Latency[] }
    for (let round = 0; round <= rounds; round += 1) {
      const one = await measure(alone)
      const other = await measure(beside)
      if (round === 0) continue
      found.alone.push(one)
      found.beside.push(other)
    }
    const { dispatcher } = await beside.client.call('health.get', {})
    if (dispatcher.waiting < waitingForDead / 2) throw new Error(`only ${dispatcher.waiting} deliveries wait`)
    return report(found.alone, found.beside, dispatcher.waiting)
  } finally {
    for (const bench of hosts) await bench.stop()
    await healthy.stop()
    await silent.stop()
  }
}

async function fillQueue({ host, workspace }: BenchHost): Promise<void> {
  const data = dataOfSize(1024)
  const raise = host.handlers['events.raise']
  for (let index = 0; index < waitingForDead + 64; index += 1) {
    await raise({ workspace_id: workspace.id, type: 'contact.deleted', data })
  }
}

/** Raises events at a steady pace. */
async function measure({ host, workspace }: BenchHost): Promise<Latency> {
  const data = dataOfSize(1024)
  const accepted = new Map<DeliveryId, number>()
  const latencies: number[] = []
  const unsubscribe = host.engine.push.subscribe((event) => {
    if (event.kind !== 'delivery' || event.delivery.status !== 'succeeded') return
    const at = accepted.get(event.delivery.id)
    if (at !== undefined) latencies.push(performance.now() - at)
  })
  const raising: Promise<void>[] = []
  for (let index = 0; index < perRound; index += 1) {
    const at = performance.now()
    const raised = host.handlers['events.raise']({
      workspace_id: workspace.id,
      type: 'contact.created',
      data,
    })
    // Before its outcome can be there: the delivery is sent after the fsync that this waits for.
    raising.push(raised.then(({ deliveries }) => deliveries.forEach(({ id }) => accepted.set(id, at))))
    await delay(everyMs)
  }
  await Promise.all(raising)
  while (latencies.length < perRound) await delay(everyMs)
  unsubscribe()
  return { p50: quantile(latencies, 0.5), p99: quantile(latencies, 0.99) }
}

function report(alone: readonly Latency[], beside: readonly Latency[], waiting: number): BenchReport {
  const p50 = (of: readonly Latency[]): number => median(of.map((latency) => latency.p50))
  const p99 = (of: readonly Latency[]): number => median(of.map((latency) => latency.p99))
  const ratio = (which: keyof Latency): number =>
    median(beside.map((latency, round) => latency[which] / (alone[round]?.[which] ?? 1)))
  return {
    name: 'dead neighbour',
    about: `a healthy destination's latency from accepted to succeeded on disk, ${1000 / everyMs} events a second`,
    columns: ['', 'p50', 'p99'],
    rows: [
      ['alone', milliseconds(p50(alone)), milliseconds(p99(alone))],
      ['beside a dead one', milliseconds(p50(beside)), milliseconds(p99(beside))],
      ['ratio within a round', ratio('p50').toFixed(2), ratio('p99').toFixed(2)],
    ],
    notes: [
      `aim: below 1.20; ${rounds} rounds of ${perRound}, in turn; the dead one has 64 slots full and ${waiting} waiting`,
    ],
    figures: {
      aloneP50Ms: p50(alone),
      aloneP99Ms: p99(alone),
      besideP50Ms: p50(beside),
      besideP99Ms: p99(beside),
      ratioP50: ratio('p50'),
      ratioP99: ratio('p99'),
    },
  }
}

import { setTimeout as delay } from 'node:timers/promises'
import type { DeliveryId } from '../../src-shared/model/ids.ts'
import { startChild } from '../support/bench-child.ts'
import { addDestination, dataOfSize, startBenchHost, type BenchHost } from '../support/bench-host.ts'
import { median, milliseconds, quantile, type BenchReport } from '../support/bench-report.ts'

const rounds = 5
const perRound = 400
/** The healthy destination's load: well below what it can take, so that its latency is not queueing. */
const everyMs = 5
const waitingForDead = 1000
/** Concurrency of the dead destination: the default, and as many as there are in all, which it would all take. */
const deadSlots = [8, 64]
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
    for (const slots of [0, ...deadSlots]) {
      const bench = await startBenchHost()
      hosts.push(bench)
      await addDestination(bench, 'contact.created', `http://127.0.0.1:${port}/hook`, 8)
      if (slots === 0) continue
      const deadUrl = `http://127.0.0.1:${silentPort}/hook`
      await addDestination(bench, 'contact.deleted', deadUrl, slots, deadTimeoutSeconds)
      await fillQueue(bench)
    }
    const found: Latency[][] = hosts.map(() => [])
    for (let round = 0; round <= rounds; round += 1) {
      for (const [index, bench] of hosts.entries()) {
        const latency = await measure(bench)
        // The first round warms up.
        if (round > 0) found[index]?.push(latency)
      }
    }
    for (const bench of hosts.slice(1)) await requireQueue(bench)
    return report(found)
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

async function requireQueue({ client }: BenchHost): Promise<void> {
  const { dispatcher } = await client.call('health.get', {})
  if (dispatcher.waiting < waitingForDead / 2) throw new Error(`only ${dispatcher.waiting} deliveries wait`)
}

function report([alone = [], ...beside]: readonly (readonly Latency[])[]): BenchReport {
  const p50 = (of: readonly Latency[]): number => median(of.map((latency) => latency.p50))
  const p99 = (of: readonly Latency[]): number => median(of.map((latency) => latency.p99))
  const ratio = (of: readonly Latency[], which: keyof Latency): number =>
    median(of.map((latency, round) => latency[which] / (alone[round]?.[which] ?? 1)))
  const named = deadSlots.map((slots, index) => ({ slots, latencies: beside[index] ?? [] }))
  return {
    name: 'dead neighbour',
    about: `a healthy destination's latency from accepted to succeeded on disk, ${1000 / everyMs} events a second`,
    columns: ['', 'p50', 'p99', 'p50 to alone', 'p99 to alone'],
    rows: [
      ['alone', milliseconds(p50(alone)), milliseconds(p99(alone)), '', ''],
      ...named.map(({ slots, latencies }) => [
        `beside a dead one with ${slots} of 64 slots`,
        milliseconds(p50(latencies)),
        milliseconds(p99(latencies)),
        ratio(latencies, 'p50').toFixed(2),
        ratio(latencies, 'p99').toFixed(2),
      ]),
    ],
    notes: [
      `aim: below 1.20; ${rounds} rounds of ${perRound}, in turn; the dead one's slots are full and ${waitingForDead} wait`,
    ],
    figures: Object.fromEntries([
      ['aloneP50Ms', p50(alone)],
      ['aloneP99Ms', p99(alone)],
      ...named.flatMap(({ slots, latencies }): [string, number][] => [
        [`beside${slots}P50Ms`, p50(latencies)],
        [`beside${slots}P99Ms`, p99(latencies)],
        [`beside${slots}RatioP50`, ratio(latencies, 'p50')],
        [`beside${slots}RatioP99`, ratio(latencies, 'p99')],
      ]),
    ]),
  }
}

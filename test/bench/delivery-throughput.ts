import { Client } from 'undici'
import { startChild } from '../support/bench-child.ts'
import { addDestination, dataOfSize, startBenchHost, type BenchHost } from '../support/bench-host.ts'
import { rateReport, startMeter, type Rate } from '../support/bench-rate.ts'
import type { BenchReport } from '../support/bench-report.ts'

/** What a benchmark run may be cut short by, for profiling. */
export interface DeliveryRounds {
  readonly rounds: number
  readonly perRound: number
  readonly baseline: boolean
}

const connections = 64
/** Events that are accepted and not yet delivered: always more than the connections, so that none is idle. */
const outstanding = 256
const bodyBytes = 1024

/** Durable deliveries a second, against undici's bare `request` to the same receiver in the same run. */
export async function deliveryThroughput(
  { rounds, perRound, baseline }: DeliveryRounds = { rounds: 5, perRound: 15_000, baseline: true },
): Promise<BenchReport> {
  const receiver = startChild(new URL('children/plain-receiver.ts', import.meta.url))
  try {
    const { port } = await receiver.next<{ port: number }>()
    const bare = startBareRequests(port)
    const ours: Rate[] = []
    const plain: Rate[] = []
    // The first round warms up both.
    for (let round = 0; round <= rounds; round += 1) {
      const requests = baseline ? await bare.run(perRound) : null
      const deliveries = await deliverRound(port, perRound)
      if (round === 0) continue
      if (requests !== null) plain.push(requests)
      ours.push(deliveries)
    }
    await bare.close()
    return rateReport({
      name: 'durable deliveries',
      about: `events accepted until their outcome is on disk; ${connections} connections, ${bodyBytes} byte bodies`,
      aim: 0.45,
      baseline: { name: 'undici request, bare', rates: plain },
      ours: { name: 'hookbench', rates: ours },
    })
  } finally {
    await receiver.stop()
  }
}

async function deliverRound(port: number, count: number): Promise<Rate> {
  const bench = await startBenchHost()
  try {
    await addDestination(bench, 'contact.created', `http://127.0.0.1:${port}/hook`, connections)
    // A new store's first transactions prepare its statements.
    await deliver(bench, 500)
    return await deliver(bench, count)
  } finally {
    await bench.stop()
  }
}

/** Raises `count` events and waits until all of their outcomes are on disk. */
async function deliver({ host, workspace }: BenchHost, count: number): Promise<Rate> {
  const data = dataOfSize(bodyBytes)
  const raise = host.handlers['events.raise']
  const meter = startMeter()
  await new Promise<void>((resolve, reject) => {
    let raised = 0
    let ended = 0
    const raiseOne = (): void => {
      raised += 1
      raise({ workspace_id: workspace.id, type: 'contact.created', data }).catch(reject)
    }
    // Published after the fsync of the outcome.
    const unsubscribe = host.engine.push.subscribe((event) => {
      if (event.kind !== 'delivery') return
      const { status } = event.delivery
      if (status === 'failed' || status === 'retrying') reject(new Error(`a delivery ended as ${status}`))
      if (status !== 'succeeded') return
      ended += 1
      if (raised < count) raiseOne()
      if (ended < count) return
      unsubscribe()
      resolve()
    })
    for (let index = 0; index < Math.min(outstanding, count); index += 1) raiseOne()
  })
  return meter(count)
}

interface BareRequests {
  run(count: number): Promise<Rate>
  close(): Promise<void>
}

/** undici alone: one client with 64 sockets' worth of `request`, body and headers made once. */
function startBareRequests(port: number): BareRequests {
  const clients = Array.from({ length: connections }, () => new Client(`http://127.0.0.1:${port}`))
  const body = Buffer.alloc(bodyBytes, 'x')
  const headers = { 'content-type': 'application/json', 'user-agent': 'Leadpush-Webhooks/1.0' }
  return {
    async run(count) {
      let left = count
      const meter = startMeter()
      await Promise.all(
        clients.map(async (client) => {
          while (left > 0) {
            left -= 1
            const answer = await client.request({ path: '/hook', method: 'POST', headers, body })
            await answer.body.dump()
          }
        }),
      )
      return meter(count)
    },
    async close() {
      await Promise.all(clients.map((client) => client.destroy()))
    },
  }
}

import { createServer, type Server } from 'node:http'
import { createServer as createRawServer, type AddressInfo, type Server as RawServer } from 'node:net'
import { startChild, type BenchChild } from '../support/bench-child.ts'
import { startBenchHost } from '../support/bench-host.ts'
import { rateReport, startMeter, type Rate } from '../support/bench-rate.ts'
import { median, perSecond, type BenchReport } from '../support/bench-report.ts'
import type { LoadOrder } from './children/load-generator.ts'

export interface CaptureRounds {
  readonly rounds: number
  readonly perRound: number
  readonly baseline: boolean
}

const connections = 64
const bodyBytes = 1024
const secret = 'bench-secret'

/** Durable captures a second, against node:http answering 200 in the same process under the same load. */
export async function captureThroughput(
  { rounds, perRound, baseline }: CaptureRounds = { rounds: 5, perRound: 20_000, baseline: true },
): Promise<BenchReport> {
  const load = startChild(new URL('children/load-generator.ts', import.meta.url))
  try {
    const ours: Rate[] = []
    const plain: Rate[] = []
    const raw: Rate[] = []
    // The first round warms up everything.
    for (let round = 0; round <= rounds; round += 1) {
      const sockets = baseline ? await against(createSocketServer(), load, perRound) : null
      const http = baseline ? await against(createPlainServer(), load, perRound) : null
      const captures = await captureRound(load, perRound)
      if (round === 0) continue
      if (sockets !== null) raw.push(sockets)
      if (http !== null) plain.push(http)
      ours.push(captures)
    }
    return report(ours, plain, raw)
  } finally {
    await load.stop()
  }
}

async function captureRound(load: BenchChild, requests: number): Promise<Rate> {
  const bench = await startBenchHost({ capture: { host: '127.0.0.1', port: 0 } })
  try {
    await bench.client.call('endpoints.create', {
      slug: 'bench',
      name: 'bench',
      provider: 'leadpush',
      workspace_id: bench.workspace.id,
      secrets: [{ name: 'current', value: secret }],
    })
    const port = Number(new URL(bench.host.receiver.url ?? '').port)
    await generate(load, { port, path: '/in/bench', requests: 500 })
    const rate = await generate(load, { port, path: '/in/bench', requests })
    const captures = await bench.client.call('captures.list', { limit: 1 })
    if (captures.items[0]?.verdict.status !== 'verified') throw new Error('the captures are not verified')
    return rate
  } finally {
    await bench.stop()
  }
}

async function generate(
  load: BenchChild,
  part: Pick<LoadOrder, 'port' | 'path' | 'requests'>,
): Promise<Rate> {
  const order: LoadOrder = { ...part, connections, bodyBytes, secret }
  // Its requests are signed before the clock starts.
  await load.ask({ prepare: order })
  const meter = startMeter()
  await load.ask({ run: true })
  return meter(part.requests)
}

async function against(server: Server | RawServer, load: BenchChild, requests: number): Promise<Rate> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  try {
    return await generate(load, { port: (server.address() as AddressInfo).port, path: '/in/bench', requests })
  } finally {
    await new Promise((resolve) => server.close(resolve))
  }
}

/** The baseline: reads the request to its end and answers. */
function createPlainServer(): Server {
  return createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      response.writeHead(200, { 'content-length': '0' })
      response.end()
    })
  })
}

/** Answers every packet at once, without looking at it: how fast the load itself is. */
function createSocketServer(): RawServer {
  const answer = Buffer.from('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n', 'latin1')
  return createRawServer({ noDelay: true }, (socket) => {
    socket.on('data', () => socket.write(answer))
    socket.on('error', () => undefined)
  })
}

function report(ours: readonly Rate[], plain: readonly Rate[], raw: readonly Rate[]): BenchReport {
  const loadPerSecond = median(raw.map((rate) => rate.perSecond))
  const room = loadPerSecond / median(plain.map((rate) => rate.perSecond))
  const rates = rateReport({
    name: 'durable captures',
    about: `requests answered after the capture is on disk; ${connections} connections, ${bodyBytes} byte signed bodies`,
    aim: 0.5,
    baseline: { name: 'node:http', rates: plain },
    ours: { name: 'hookbench', rates: ours },
  })
  const enough =
    room > 1.2
      ? `the load alone does ${perSecond(loadPerSecond)}, ${room.toFixed(1)} times node:http`
      : `the load alone does ${perSecond(loadPerSecond)}, not much more than node:http: the ratio is too kind`
  return { ...rates, notes: [...rates.notes, enough], figures: { ...rates.figures, loadPerSecond } }
}

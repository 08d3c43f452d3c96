import { join } from 'node:path'
import { startHost, type Host } from '../../src-main/host.ts'
import { createClient, type Client } from '../../src-shared/api/client.ts'
import { createHttpTransport } from '../../src-shared/api/http-transport.ts'
import { startChild } from '../support/bench-child.ts'
import { compactionWorker, withScratchFolder } from '../support/bench-host.ts'
import { median, milliseconds, quantile, type BenchReport } from '../support/bench-report.ts'
import { madeCapture } from './made-history.ts'

const things = 50_000
const rounds = 40

/** How fast the API answers pages and searches over a full history, over HTTP. */
export async function history(): Promise<BenchReport> {
  return withScratchFolder(async (scratch) => {
    const folder = join(scratch, 'data')
    await buildDeliveries(folder)
    const host = await startHost({
      folder,
      version: 'bench',
      command: 'hookbench bench',
      api: { host: '127.0.0.1', port: 0, uiFolder: null },
      dispatch: false,
      compactionWorker,
      environment: {},
      log: (line) => process.stderr.write(`${line}\n`),
    })
    try {
      await addCaptures(host)
      const { api } = host
      if (api === null) throw new Error('the API is not there')
      const transport = createHttpTransport(`${api.url}/api/v1`, (url, init) => fetch(url, init), api.token)
      return await measure(createClient(transport))
    } finally {
      await host.stop(0)
    }
  })
}

async function buildDeliveries(folder: string): Promise<void> {
  const child = startChild(new URL('children/build-history.ts', import.meta.url), [
    folder,
    String(things),
    '0',
  ])
  try {
    await child.next()
  } finally {
    await child.stop()
  }
}

async function addCaptures({ store }: Host): Promise<void> {
  const [endpoint] = store.endpoints.list()
  if (endpoint === undefined) throw new Error('a fresh folder has an endpoint')
  for (let from = 0; from < things; from += 200) {
    await store.commit(
      Array.from(
        { length: 200 },
        (_, n) => ({ kind: 'capture.insert', capture: madeCapture(endpoint, from + n) }) as const,
      ),
    )
  }
}

async function measure(client: Client): Promise<BenchReport> {
  const call: Client['call'] = (name, input) => client.call(name, input)
  const [destination] = (await call('destinations.list', {})).items
  const started = performance.now()
  await call('captures.list', { q: 'lorem' })
  const firstMs = performance.now() - started
  // What nothing holds is only known when everything is indexed.
  await call('captures.list', { q: 'zeppelin' })
  await call('deliveries.list', { q: 'zeppelin' })
  const indexMs = performance.now() - started
  const timed = async (work: () => Promise<unknown>): Promise<number[]> => {
    const all: number[] = []
    for (let round = 0; round < rounds; round += 1) {
      const begun = performance.now()
      await work()
      all.push(performance.now() - begun)
    }
    return all
  }
  const pages = {
    'statistics of the last hour': () => call('statistics.get', {}),
    'deliveries, unfiltered': () => call('deliveries.list', {}),
    'deliveries of a destination': () => call('deliveries.list', { destination: destination?.id }),
    'deliveries that failed (none)': () => call('deliveries.list', { status: ['failed'] }),
    'captures, rejected (1 in 1,000)': () => call('captures.list', { verdict: ['rejected'] }),
    'captures of an event type': () => call('captures.list', { event_type: 'contact.updated' }),
  }
  const searches = {
    'search captures: one of them': () => call('captures.list', { q: 'user31415' }),
    'search captures: in every one': () => call('captures.list', { q: 'lorem' }),
    'search captures: two words': () => call('captures.list', { q: 'dresden user4' }),
    'search captures: nothing': () => call('captures.list', { q: 'zeppelin' }),
    'search captures: with a filter': () => call('captures.list', { q: 'essen', verdict: ['rejected'] }),
    'search deliveries: in every one': () => call('deliveries.list', { q: 'contact.created' }),
  }
  const rows: string[][] = []
  const figures: Record<string, number> = { first_ms: firstMs, index_ms: indexMs }
  for (const [group, aimMs] of [
    [pages, 15],
    [searches, 50],
  ] as const) {
    for (const [name, work] of Object.entries(group)) {
      const all = await timed(work)
      figures[name] = median(all)
      rows.push([name, milliseconds(median(all)), milliseconds(quantile(all, 0.95)), `< ${aimMs} ms`])
    }
  }
  return {
    name: 'history',
    about: `pages of 50 over HTTP, from ${things.toLocaleString('en-US')} deliveries and as many captures`,
    columns: ['', 'median', 'p95', 'aim (median)'],
    rows,
    notes: [
      `The first search of all took ${milliseconds(firstMs)}; the index was whole after ${milliseconds(indexMs)}.`,
    ],
    figures,
  }
}

import { startHost } from '../../../src-main/host.ts'
import type { Change } from '../../../src-main/engine/store.ts'
import { createClient } from '../../../src-shared/api/client.ts'
import { createLocalTransport } from '../../../src-shared/api/local-transport.ts'
import { compactionWorker } from '../../support/bench-host.ts'
import { delivered, madeCapture } from '../made-history.ts'

/**
 * Fills a data folder with history and ends by SIGKILL: `build-history.ts <folder> <deliveries> <tail> [captures]`.
 * The last `tail` deliveries stand in the journal only.
 */
const [folder = '', deliveries = '0', tail = '0', captures = '0'] = process.argv.slice(2)
const host = await startHost({
  folder,
  version: 'bench',
  command: 'hookbench bench',
  dispatch: false,
  compactionWorker,
  environment: {},
  log: (line) => process.stderr.write(`${line}\n`),
})
const { store } = host
// So that what starts on this folder keeps all of it.
await createClient(createLocalTransport(host.handlers)).call('settings.change', {
  max_deliveries: 1_000_000,
  max_captures: 1_000_000,
  max_database_bytes: 2 ** 31,
})
const [destination] = store.destinations.list()
const [endpoint] = store.endpoints.list()
if (destination === undefined || endpoint === undefined)
  throw new Error('a fresh folder has a destination and an endpoint')
const perTransaction = 100

for (let made = 0; made < Number(deliveries); made += perTransaction) {
  if (made === Number(deliveries) - Number(tail)) await fold()
  await transaction((index) => delivered(destination, made + index))
}
for (let made = 0; made < Number(captures); made += perTransaction)
  await transaction((index) => [{ kind: 'capture.insert', capture: madeCapture(endpoint, made + index) }])
const { journalBytes, databaseBytes } = await store.use()
process.send?.({ journalBytes, databaseBytes }, () => process.kill(process.pid, 'SIGKILL'))

async function transaction(changes: (index: number) => Change[]): Promise<void> {
  await store.commit(Array.from({ length: perTransaction }, (_, index) => changes(index)).flat())
}

async function fold(): Promise<void> {
  // The first may only join one that began earlier.
  await store.compact()
  await store.compact()
}

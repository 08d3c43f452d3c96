import { randomUUID } from 'node:crypto'
import type { Attempt, Delivery } from '../../../src-shared/model/delivery.ts'
import type { WebhookEvent } from '../../../src-shared/model/event.ts'
import type { DeliveryId, EventId } from '../../../src-shared/model/ids.ts'
import { startHost } from '../../../src-main/host.ts'
import type { Change } from '../../../src-main/engine/store.ts'
import { compactionWorker } from '../../support/bench-host.ts'

/**
 * Fills a data folder with delivered history and ends as told: `build-history.ts <folder> <deliveries> <tail>`.
 * The last `tail` deliveries stand in the journal only, and the process ends by SIGKILL.
 */
const [folder = '', deliveries = '0', tail = '0'] = process.argv.slice(2)
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
const [destination] = store.destinations.list()
if (destination === undefined) throw new Error('a fresh folder has a destination')
const payload = new TextEncoder().encode(JSON.stringify({ event: 'contact.created', note: 'x'.repeat(980) }))
const perTransaction = 100

for (let made = 0; made < Number(deliveries); made += perTransaction) {
  if (made === Number(deliveries) - Number(tail)) await fold()
  await store.commit(Array.from({ length: perTransaction }, (_, index) => delivered(made + index)).flat())
}
const { journalBytes, databaseBytes } = await store.use()
process.send?.({ journalBytes, databaseBytes }, () => process.kill(process.pid, 'SIGKILL'))

async function fold(): Promise<void> {
  // The first may only join one that began earlier.
  await store.compact()
  await store.compact()
}

/** What the engine writes for an event and its one delivery, from the first transaction to the last. */
function delivered(index: number): Change[] {
  const at = Date.now() - 86_400_000 + index
  const id = randomUUID() as DeliveryId
  const {
    id: destinationId,
    workspace_id: workspaceId,
    name,
  } = destination as NonNullable<typeof destination>
  const event: WebhookEvent = {
    id: randomUUID() as EventId,
    workspaceId,
    type: 'contact.created',
    occurredAt: at,
    payload,
  }
  const pending: Delivery = {
    id,
    eventId: event.id,
    eventType: event.type,
    workspaceId,
    destinationId,
    destinationName: name,
    subscriptionId: null,
    origin: 'event',
    source: null,
    replayId: null,
    notBefore: null,
    providerDeliveryId: id,
    createdAt: at,
    updatedAt: at,
    attemptCount: 0,
    policyAttempts: 0,
    responseStatus: null,
    lastFailure: null,
    status: 'pending',
  }
  const ended: Delivery = {
    ...pending,
    status: 'succeeded',
    attemptCount: 1,
    policyAttempts: 1,
    responseStatus: 200,
  }
  return [
    { kind: 'event.insert', event },
    { kind: 'delivery.insert', delivery: pending },
    { kind: 'delivery.claim', id },
    { kind: 'attempt.insert', deliveryId: id, attempt: attemptOf(id, at) },
    { kind: 'delivery.update', delivery: ended },
  ]
}

function attemptOf(id: string, at: number): Attempt {
  return {
    number: 1,
    startedAt: at,
    durationMs: 12.3456789,
    timings: { dnsMs: null, connectMs: null, tlsMs: null, firstByteMs: 11.3456789, totalMs: 12.3456789 },
    method: 'POST',
    url: 'https://receiver.example.com/webhooks/leadpush',
    requestHeaders: [
      ['host', 'receiver.example.com'],
      ['connection', 'keep-alive'],
      ['User-Agent', 'Leadpush-Webhooks/1.0'],
      ['Content-Type', 'application/json'],
      ['X-Leadpush-Delivery', id],
      ['X-Leadpush-Event', 'contact.created'],
      ['X-Leadpush-Timestamp', '1700000000'],
      ['X-Leadpush-Signature', `sha256=${'ab12'.repeat(16)}`],
      ['content-length', '1024'],
    ],
    requestBody: 'payload',
    redirectedTo: [],
    response: {
      status: 200,
      headers: [
        ['content-type', 'text/plain'],
        ['content-length', '2'],
        ['Date', 'Sat, 01 Jan 2000 00:00:00 GMT'],
        ['Connection', 'keep-alive'],
      ],
      excerpt: Buffer.from('ok'),
      truncated: false,
    },
    error: null,
  }
}

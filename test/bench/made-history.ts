import { randomUUID } from 'node:crypto'
import type { CaptureWithBody } from '../../src-shared/model/capture.ts'
import type { Attempt, Delivery } from '../../src-shared/model/delivery.ts'
import type { Destination } from '../../src-shared/model/destination.ts'
import type { Endpoint } from '../../src-shared/model/endpoint.ts'
import type { WebhookEvent } from '../../src-shared/model/event.ts'
import type { CaptureId, DeliveryId, EventId } from '../../src-shared/model/ids.ts'
import type { Change } from '../../src-main/engine/store.ts'

/** History as the engine would have written it, made without sending and receiving. */

const payload = new TextEncoder().encode(JSON.stringify({ event: 'contact.created', note: 'x'.repeat(980) }))
const cities = ['Aachen', 'Bremen', 'Chemnitz', 'Dresden', 'Essen', 'Freiburg', 'Gera']

function idOf(index: number): string {
  return `01890000-0000-7000-8000-${String(index).padStart(12, '0')}`
}

/** What the engine writes for an event and its one delivery, from the first transaction to the last. */
export function delivered(destination: Destination, index: number): Change[] {
  const at = Date.now() - 86_400_000 + index
  const id = idOf(index) as DeliveryId
  const { id: destinationId, workspace_id: workspaceId, name } = destination
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
    durationMs: null,
    lastFailure: null,
    status: 'pending',
  }
  const ended: Delivery = {
    ...pending,
    status: 'succeeded',
    attemptCount: 1,
    policyAttempts: 1,
    responseStatus: 200,
    durationMs: 12.5,
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

/** A capture of 1 KB; one in a thousand is rejected. Later ones have greater ids, as in life. */
export function madeCapture(endpoint: Endpoint, index: number): CaptureWithBody {
  return {
    id: idOf(index) as CaptureId,
    endpointId: endpoint.id,
    receivedAt: Date.now(),
    remoteAddress: '127.0.0.1',
    method: 'POST',
    target: `/in/${endpoint.slug}?n=${index}`,
    httpVersion: '1.1',
    headers: [
      ['Host', '127.0.0.1:4848'],
      ['Content-Type', 'application/json'],
      ['User-Agent', 'Leadpush-Webhooks/1.0'],
      ['X-Leadpush-Delivery', randomUUID()],
      ['X-Leadpush-Signature', `sha256=${randomUUID().replaceAll('-', '').repeat(2)}`],
    ],
    trailers: [],
    body: new TextEncoder().encode(
      JSON.stringify({
        event: 'contact.created',
        contact: {
          name: `Person ${index}`,
          email: `user${index}@example.com`,
          city: cities[index % cities.length],
        },
        note: 'lorem ipsum dolor sit amet consectetur '.repeat(18),
      }),
    ),
    bodyBytes: 1024,
    truncated: false,
    aborted: false,
    malformed: null,
    eventType: index % 5 === 0 ? 'contact.updated' : 'contact.created',
    deliveryId: randomUUID(),
    duplicateOf: null,
    verdict: {
      status: index % 1000 === 0 ? 'rejected' : 'verified',
      cause: index % 1000 === 0 ? 'unknown' : 'none',
      message: '',
      secretName: 'secret',
    },
    answeredStatus: 200,
    pinned: false,
    tags: [],
    note: '',
  }
}

import type { Change } from '../../../src-main/engine/store.ts'
import type { CaptureWithBody } from '../../../src-shared/model/capture.ts'
import type { Contact } from '../../../src-shared/model/contact.ts'
import type { Attempt, Delivery } from '../../../src-shared/model/delivery.ts'
import type { WebhookEvent } from '../../../src-shared/model/event.ts'
import type {
  CaptureId,
  ContactId,
  DeliveryId,
  DestinationId,
  EndpointId,
  EventId,
  WorkspaceId,
} from '../../../src-shared/model/ids.ts'
import type { Workspace } from '../../../src-shared/model/workspace.ts'

/** Builders of stored things: `n` makes the id, so that later ones sort behind earlier ones. */

const uuid = (n: number): string => `00000000-0000-7000-8000-${String(n).padStart(12, '0')}`
export const workspaceId = uuid(1) as WorkspaceId
export const destinationId = uuid(2) as DestinationId
export const endpointId = uuid(3) as EndpointId
export const eventId = (n: number): EventId => uuid(n) as EventId
export const deliveryId = (n: number): DeliveryId => uuid(n) as DeliveryId
export const captureId = (n: number): CaptureId => uuid(n) as CaptureId

export const workspace = (n: number): Workspace => ({
  id: uuid(n) as WorkspaceId,
  name: `workspace ${n}`,
  provider: 'leadpush',
})

export const contact = (id: string): Contact => ({
  _id: id as ContactId,
  workspace_uuid: workspaceId,
  subscribed: true,
  provider: null,
  attributes: { first_name: 'Ünïcøde 🚀' },
  created_at: '2024-01-01T00:00:00.000Z',
  updated_at: '2024-01-01T00:00:00.000Z',
})

/** Bytes that tell from which `n` and `length` they were made. */
export function bytesOf(n: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length)
  for (let index = 0; index < length; index += 1) bytes[index] = (index * 31 + n * 7 + (index >> 8)) & 255
  return bytes
}

export const event = (
  n: number,
  payload: Uint8Array = bytesOf(n, 40),
  type = 'contact.created',
): WebhookEvent => ({
  id: eventId(n),
  workspaceId,
  type,
  occurredAt: 1_700_000_000_000 + n,
  payload,
})

type DeliveryChange = Partial<Omit<Delivery, 'status'>>

export const delivery = (n: number, change: DeliveryChange = {}): Delivery => ({
  ...common(n, change),
  status: 'pending',
})

export const retrying = (n: number, nextAttemptAt: number): Delivery => ({
  ...common(n, {}),
  status: 'retrying',
  nextAttemptAt,
})

export const succeeded = (n: number, change: DeliveryChange = {}): Delivery => ({
  ...common(n, change),
  status: 'succeeded',
})

function common(n: number, change: DeliveryChange): Omit<Delivery, 'status'> {
  return {
    id: deliveryId(n),
    eventId: eventId(n),
    eventType: 'contact.created',
    workspaceId,
    destinationId,
    destinationName: 'CRM',
    subscriptionId: null,
    origin: 'event',
    source: null,
    replayId: null,
    notBefore: null,
    providerDeliveryId: `provider-${n}`,
    createdAt: 1_700_000_000_000 + n,
    updatedAt: 1_700_000_000_000 + n,
    attemptCount: 0,
    policyAttempts: 0,
    responseStatus: null,
    durationMs: null,
    lastFailure: null,
    ...change,
  }
}

export const attempt = (
  number: number,
  requestBody: Attempt['requestBody'],
  excerpt: Uint8Array,
): Attempt => ({
  number,
  startedAt: 1_700_000_000_000,
  durationMs: 12.5,
  timings: { dnsMs: 0.1, connectMs: null, tlsMs: null, firstByteMs: 3, totalMs: 12.5 },
  method: 'POST',
  url: 'http://127.0.0.1:1/hook',
  requestHeaders: [['Content-Type', 'application/json']],
  requestBody,
  redirectedTo: [],
  response: { status: 200, headers: [['X-Answer', 'é']], excerpt, truncated: false },
  error: null,
})

export const capture = (
  n: number,
  body: Uint8Array,
  change: Partial<CaptureWithBody> = {},
): CaptureWithBody => ({
  id: captureId(n),
  endpointId,
  receivedAt: 1_700_000_000_000 + n,
  remoteAddress: '127.0.0.1',
  method: 'POST',
  target: '/in/inbox',
  httpVersion: '1.1',
  headers: [['Host', 'localhost']],
  trailers: [],
  bodyBytes: body.length,
  truncated: false,
  aborted: false,
  malformed: null,
  eventType: 'contact.created',
  deliveryId: null,
  duplicateOf: null,
  verdict: { status: 'unchecked', cause: 'none', message: '', secretName: null },
  answeredStatus: 200,
  pinned: false,
  tags: [],
  note: '',
  body,
  ...change,
})

/** An event and its delivery. */
export const accepted = (n: number, payload?: Uint8Array): Change[] => [
  { kind: 'event.insert', event: event(n, payload) },
  { kind: 'delivery.insert', delivery: delivery(n) },
]

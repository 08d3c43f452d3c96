import type { JsonObject } from '../../../src-shared/model/json.ts'
import { signatureHeaderNames } from '../signing/describe-request.ts'
import { catalogue, defaultTimeoutSeconds, leadWith, methodsWithBody, scheme } from './common.ts'
import type { Provider, SampleContext } from './provider.ts'
import { sampleId } from './sample-ids.ts'
import { textSecret } from './secrets.ts'
import { dayMs, isoMilliseconds } from './times.ts'

const breakcoldScheme = scheme({
  content: ['timestamp', { literal: '.' }, 'body'],
  header: 'X-Webhook-Signature',
  format: 'sha256={signature}',
  timestamp_header: 'X-Webhook-Timestamp',
  id_header: 'X-Webhook-Delivery-Id',
  event_header: 'X-Webhook-Event',
})

/** Breakcold's current API: record events in one envelope. */
export const breakcold: Provider = {
  id: 'breakcold',
  name: 'Breakcold',
  contactEvent: null,
  sends: true,
  documentation: 'The webhook pages of the documentation of Breakcold’s current API.',
  assumptions: [
    'The documentation shows a sample of record.created only: what record.updated adds (changes) is assumed.',
    'The form of its secrets is not documented: 40 letters and digits are generated.',
  ],
  events: catalogue({
    'record.created': 'A record (person, company, deal) was created',
    'record.updated': 'Fields of a record changed',
    'record.deleted': 'A record was deleted',
  }),
  openCatalogue: false,
  testEventType: null,
  eventIdKind: 'uuid',
  scheme: breakcoldScheme,
  headerOrder: ['signature', 'event', 'id', 'timestamp'],
  secret: textSecret(),
  methods: ['POST'],
  defaultMethod: 'POST',
  methodsWithBody,
  reservedHeaders: ['user-agent', ...signatureHeaderNames(breakcoldScheme)],
  retry: { delaysSeconds: [5, 30], jitter: 0 },
  pauseAfterFailures: 50,
  defaultTimeoutSeconds,
  headers: () => [['User-Agent', 'Breakcold-Webhooks/1.0']],
  productionChecks: () => [],
  sample: (type, context) => ({
    eventId: context.eventId,
    timestamp: isoMilliseconds(context.occurredAt),
    workspaceId: context.workspace.uuid,
    event: type,
    data: sampleRecord(type, context),
  }),
  setEnvelope: (payload, { eventId, type, occurredAt, workspace }) =>
    leadWith(
      { eventId, timestamp: isoMilliseconds(occurredAt), workspaceId: workspace.uuid, event: type },
      payload,
    ),
}

function sampleRecord(type: string, context: SampleContext): JsonObject {
  const { occurredAt } = context
  const createdAt = type === 'record.created' ? occurredAt : occurredAt - dayMs
  const record: JsonObject = {
    id: sampleId(context, 'rec_', 'record_id'),
    objectType: 'person',
    objectTypeName: 'Person',
    name: 'Ada Lovelace',
    fields: { name: 'Ada Lovelace', email: 'ada@example.com', company: 'Analytical Engines Ltd' },
    createdAt: isoMilliseconds(createdAt),
    updatedAt: isoMilliseconds(occurredAt),
  }
  if (type === 'record.updated') {
    record.changes = { company: { from: 'Difference Engines Ltd', to: 'Analytical Engines Ltd' } }
  }
  if (type === 'record.deleted') record.deletedAt = isoMilliseconds(occurredAt)
  return record
}

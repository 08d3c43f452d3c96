import type { JsonObject } from '../../../src-shared/model/json.ts'
import { signatureHeaderNames } from '../signing/describe-request.ts'
import { catalogue, defaultTimeoutSeconds, leadWith, methodsWithBody, scheme } from './common.ts'
import type { Provider, SampleContext } from './provider.ts'
import { sampleId } from './sample-ids.ts'
import { base64Secret } from './secrets.ts'
import { isoMilliseconds } from './times.ts'

const secretPrefix = 'whsec_'

const standardScheme = scheme({
  content: ['id', { literal: '.' }, 'timestamp', { literal: '.' }, 'body'],
  header: 'webhook-signature',
  format: 'v1,{signature}',
  encoding: 'base64',
  timestamp_header: 'webhook-timestamp',
  id_header: 'webhook-id',
  event_path: 'type',
  secret_encoding: 'base64',
  secret_prefix: secretPrefix,
  multiple: true,
})

/**
 * The Standard Webhooks specification: any event type, base64 secrets, several signatures while one is rotated.
 *
 * @see https://www.standardwebhooks.com
 */
export const standardWebhooks: Provider = {
  id: 'standard-webhooks',
  name: 'Standard Webhooks',
  contactEvent: null,
  sends: true,
  documentation: 'The Standard Webhooks specification, https://www.standardwebhooks.com',
  assumptions: [
    'The specification leaves event types to the sender: those listed are examples, any other may be sent.',
    'The specification names no User-Agent: Standard-Webhooks/1.0 is assumed.',
    'The specification recommends a timeout of 15 to 30 s; 10 s, the default of Hookbench, is assumed.',
    'The specification recommends jitter without naming an amount: none is added.',
  ],
  events: catalogue({
    'user.created': 'Example: a user was created',
    'user.updated': 'Example: a user changed',
    'user.deleted': 'Example: a user was deleted',
    'invoice.paid': 'Example: an invoice was paid',
  }),
  openCatalogue: true,
  testEventType: null,
  eventIdKind: 'uuid',
  scheme: standardScheme,
  headerOrder: ['id', 'timestamp', 'signature'],
  secret: base64Secret({ prefix: secretPrefix, generatedBytes: 24, minBytes: 24, maxBytes: 64 }),
  methods: ['POST'],
  defaultMethod: 'POST',
  methodsWithBody,
  reservedHeaders: signatureHeaderNames(standardScheme),
  retry: { delaysSeconds: [5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400], jitter: 0 },
  pauseAfterFailures: null,
  defaultTimeoutSeconds,
  headers: () => [['User-Agent', 'Standard-Webhooks/1.0']],
  productionChecks: () => [],
  sample: (type, context) => ({
    type,
    timestamp: isoMilliseconds(context.occurredAt),
    data: sampleData(type, context),
  }),
  setEnvelope: (payload, { type, occurredAt }) =>
    leadWith({ type, timestamp: isoMilliseconds(occurredAt) }, payload),
}

function sampleData(type: string, context: SampleContext): JsonObject {
  if (type.startsWith('invoice.')) {
    return {
      id: sampleId(context, 'inv_', 'inv_1042'),
      number: '2026-1042',
      customer: { id: 'cus_abc123', name: 'Zoë Example', email: 'zoe@example.com' },
      currency: 'EUR',
      total: 11_900,
      paid_at: isoMilliseconds(context.occurredAt),
    }
  }
  return {
    id: sampleId(context, 'usr_', 'usr_abc123'),
    email: 'zoe@example.com',
    name: 'Zoë Example',
    updated_at: isoMilliseconds(context.occurredAt),
  }
}

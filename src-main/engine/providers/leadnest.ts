import type { JsonObject } from '../../../src-shared/model/json.ts'
import { signatureHeaderNames } from '../signing/describe-request.ts'
import { catalogue, defaultTimeoutSeconds, leadWith, methodsWithBody, scheme } from './common.ts'
import { httpsCheck } from './production-checks.ts'
import type { Provider, SampleContext } from './provider.ts'
import { sampleId } from './sample-ids.ts'
import { textSecret } from './secrets.ts'
import { dayMs, isoSeconds } from './times.ts'

const leadnestScheme = scheme({
  header: 'X-LeadNest-Signature',
  timestamp_path: 'timestamp',
  event_path: 'event',
})

/** LeadNest: email, SMS, WhatsApp and subscriber events; replay is judged by the timestamp in the body. */
export const leadnest: Provider = {
  id: 'leadnest',
  name: 'LeadNest',
  contactEvent: null,
  sends: true,
  documentation: 'The webhook pages of the LeadNest documentation.',
  assumptions: [
    'Retries are not documented: 3 attempts in all, after 30 s and 120 s, are assumed.',
    'No User-Agent is documented: LeadNest-Webhooks/1.0 is assumed.',
    'No timeout is documented: 10 s is assumed.',
    'Only email.opened has a documented sample: the data of the other events is assumed.',
  ],
  events: catalogue({
    'email.sent': 'An email was sent',
    'email.delivered': 'An email reached the mail server of its recipient',
    'email.opened': 'An email was opened',
    'email.clicked': 'A link in an email was clicked',
    'email.bounced': 'An email bounced',
    'email.unsubscribed': 'A recipient unsubscribed by a link in an email',
    'email.spam': 'A recipient marked an email as spam',
    'sms.sent': 'A text message was sent',
    'sms.delivered': 'A text message was delivered',
    'sms.failed': 'A text message could not be delivered',
    'sms.replied': 'A recipient answered a text message',
    'whatsapp.sent': 'A WhatsApp message was sent',
    'whatsapp.delivered': 'A WhatsApp message was delivered',
    'whatsapp.read': 'A WhatsApp message was read',
    'whatsapp.replied': 'A recipient answered a WhatsApp message',
    'subscriber.created': 'A subscriber was created',
    'subscriber.updated': 'A subscriber changed',
    'subscriber.deleted': 'A subscriber was deleted',
  }),
  openCatalogue: false,
  testEventType: null,
  eventIdKind: 'uuid',
  scheme: leadnestScheme,
  headerOrder: ['signature'],
  secret: textSecret(),
  methods: ['POST'],
  defaultMethod: 'POST',
  methodsWithBody,
  reservedHeaders: signatureHeaderNames(leadnestScheme),
  retry: { delaysSeconds: [30, 120], jitter: 0 },
  pauseAfterFailures: null,
  defaultTimeoutSeconds,
  headers: () => [['User-Agent', 'LeadNest-Webhooks/1.0']],
  productionChecks: (url) => httpsCheck('LeadNest', url),
  sample: (type, context) => ({
    event: type,
    timestamp: isoSeconds(context.occurredAt),
    data: sampleData(type, context),
  }),
  setEnvelope: (payload, { type, occurredAt }) =>
    leadWith({ event: type, timestamp: isoSeconds(occurredAt) }, payload),
}

function sampleData(type: string, context: SampleContext): JsonObject {
  const [family = '', action = ''] = type.split('.')
  const at = isoSeconds(context.occurredAt)
  switch (family) {
    case 'sms':
      return { ...messageIds(context), ...phoneNumbers(), ...smsDetails(action, at) }
    case 'whatsapp':
      return { ...messageIds(context), ...phoneNumbers(), ...whatsappDetails(action, at) }
    case 'subscriber':
      return subscriberData(action, context)
    default:
      return { ...messageIds(context), email: 'user@example.com', ...emailDetails(action, at) }
  }
}

function messageIds(context: SampleContext): JsonObject {
  return {
    message_id: sampleId(context, 'msg_', 'msg_abc123'),
    campaign_id: sampleId(context, 'camp_', 'camp_xyz789'),
  }
}

function phoneNumbers(): JsonObject {
  return { phone: '+15550100123', from: '+15550100999' }
}

function emailDetails(action: string, at: string): JsonObject {
  const client = { user_agent: 'Mozilla/5.0', ip_address: '192.168.1.1' }
  switch (action) {
    case 'sent':
      return { subject: 'Welcome to LeadNest', from: 'hello@example.com', sent_at: at }
    case 'delivered':
      return { delivered_at: at, smtp_response: '250 2.0.0 OK' }
    case 'clicked':
      return { url: 'https://www.example.com/pricing', clicked_at: at, ...client }
    case 'bounced':
      return { bounced_at: at, bounce_type: 'hard', reason: '550 5.1.1 The email account does not exist' }
    case 'unsubscribed':
      return { unsubscribed_at: at, reason: 'No longer interested' }
    case 'spam':
      return { reported_at: at, feedback_type: 'abuse' }
    default:
      return { opened_at: at, ...client }
  }
}

function smsDetails(action: string, at: string): JsonObject {
  switch (action) {
    case 'delivered':
      return { delivered_at: at, carrier: 'Example Mobile' }
    case 'failed':
      return { failed_at: at, error_code: '30003', error_message: 'Unreachable destination handset' }
    case 'replied':
      return { reply: 'YES', replied_at: at }
    default:
      return {
        text: 'Your appointment is tomorrow at 10:00. Reply YES to confirm.',
        segments: 1,
        sent_at: at,
      }
  }
}

function whatsappDetails(action: string, at: string): JsonObject {
  switch (action) {
    case 'delivered':
      return { delivered_at: at }
    case 'read':
      return { read_at: at }
    case 'replied':
      return { reply: { type: 'text', text: 'Thanks, that works for me 👍' }, replied_at: at }
    default:
      return { template: 'order_update', language: 'en', text: 'Your order #1042 has shipped.', sent_at: at }
  }
}

function subscriberData(action: string, context: SampleContext): JsonObject {
  const { occurredAt } = context
  const at = isoSeconds(occurredAt)
  const subscriber: JsonObject = {
    subscriber_id: sampleId(context, 'sub_', 'sub_def456'),
    email: 'user@example.com',
    phone: '+15550100123',
    first_name: 'Noor',
    last_name: 'Haddad',
    status: action === 'deleted' ? 'deleted' : 'active',
    lists: ['newsletter'],
    custom_fields: { company: 'Example GmbH', city: 'Zürich' },
    created_at: action === 'created' ? at : isoSeconds(occurredAt - 3 * dayMs),
    updated_at: at,
  }
  if (action === 'updated') subscriber.changes = { first_name: { from: 'Nora', to: 'Noor' } }
  if (action === 'deleted') subscriber.deleted_at = at
  return subscriber
}

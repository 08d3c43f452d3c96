import type { JsonObject } from '../../../src-shared/model/json.ts'
import { signatureHeaderNames } from '../signing/describe-request.ts'
import { defaultTimeoutSeconds, leadWith, methodsWithBody, objectAt, scheme } from './common.ts'
import { httpsCheck, publicAddressCheck } from './production-checks.ts'
import type { ContactChanges, Envelope, Provider, SampleContext } from './provider.ts'
import { sampleId } from './sample-ids.ts'
import { textSecret } from './secrets.ts'
import { dayMs, hourMs, isoWithOffset, minuteMs } from './times.ts'

const leadpushScheme = scheme({
  content: ['timestamp', { literal: '.' }, 'id', { literal: '.' }, 'body'],
  header: 'X-Leadpush-Signature',
  format: 'sha256={signature}',
  timestamp_header: 'X-Leadpush-Timestamp',
  id_header: 'X-Leadpush-Delivery',
  event_header: 'X-Leadpush-Event',
})

/** The payload of a contact event, in Leadpush's order. */
export function contactEventPayload(
  envelope: Envelope,
  contact: JsonObject,
  changes: ContactChanges,
): JsonObject {
  return {
    event: { id: envelope.eventId, type: envelope.type, occurred_at: isoWithOffset(envelope.occurredAt) },
    workspace: { uuid: envelope.workspace.uuid, name: envelope.workspace.name },
    contact,
    changes: { before: changes.before, after: changes.after },
    campaign: null,
  }
}

/** Leadpush: contact events, signed over timestamp, delivery id and body. */
export const leadpush: Provider = {
  id: 'leadpush',
  name: 'Leadpush',
  contactEvent: contactEventPayload,
  sends: true,
  documentation: 'The webhook pages of the Leadpush documentation.',
  assumptions: [
    'Retries are not documented: 5 attempts in all, after 10 s, 60 s, 5 min and 30 min, are assumed.',
    'The payload of webhook.test is not documented: a sample contact with the event type webhook.test is assumed.',
  ],
  events: [
    { type: 'contact.created', description: 'A contact was created', subscribable: true },
    { type: 'contact.updated', description: 'Attributes of a contact changed', subscribable: true },
    { type: 'contact.deleted', description: 'A contact was deleted', subscribable: true },
    { type: 'contact.subscribed', description: 'A contact subscribed', subscribable: true },
    { type: 'contact.unsubscribed', description: 'A contact unsubscribed', subscribable: true },
    {
      type: 'webhook.test',
      description: 'A test delivery, sent by hand to one destination',
      subscribable: false,
    },
  ],
  openCatalogue: false,
  testEventType: 'webhook.test',
  eventIdKind: 'ulid',
  scheme: leadpushScheme,
  headerOrder: ['id', 'event', 'timestamp', 'signature'],
  secret: textSecret(),
  methods: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'],
  defaultMethod: 'POST',
  methodsWithBody,
  reservedHeaders: ['user-agent', ...signatureHeaderNames(leadpushScheme)],
  retry: { delaysSeconds: [10, 60, 300, 1800], jitter: 0 },
  pauseAfterFailures: null,
  defaultTimeoutSeconds,
  headers: () => [['User-Agent', 'Leadpush-Webhooks/1.0']],
  productionChecks: (url) => [...publicAddressCheck('Leadpush', url), ...httpsCheck('Leadpush', url)],
  sample: (type, context) =>
    contactEventPayload({ ...context, type }, sampleContact(type, context), sampleChanges(type)),
  setEnvelope: (payload, { eventId, type, occurredAt, workspace }) =>
    leadWith(
      {
        event: leadWith(
          { id: eventId, type, occurred_at: isoWithOffset(occurredAt) },
          objectAt(payload, 'event'),
        ),
        workspace: leadWith({ uuid: workspace.uuid, name: workspace.name }, objectAt(payload, 'workspace')),
      },
      payload,
    ),
}

function sampleContact(type: string, context: SampleContext): JsonObject {
  const { occurredAt } = context
  const createdAt =
    type === 'contact.created' ? occurredAt : occurredAt - (2 * dayMs + 4 * hourMs + 15 * minuteMs)
  return {
    _id: sampleId(context, 'contact_', 'contact_123'),
    workspace_uuid: context.workspace.uuid,
    subscribed: type !== 'contact.unsubscribed',
    provider: null,
    attributes: { email: 'person@example.com', first_name: 'Avery' },
    created_at: isoWithOffset(createdAt),
    updated_at: isoWithOffset(occurredAt),
  }
}

function sampleChanges(type: string): ContactChanges {
  const whole = {
    subscribed: true,
    'attributes.email': 'person@example.com',
    'attributes.first_name': 'Avery',
  }
  switch (type) {
    case 'contact.created':
      return { before: {}, after: whole }
    case 'contact.deleted':
      return { before: whole, after: {} }
    case 'contact.subscribed':
      return { before: { subscribed: false }, after: { subscribed: true } }
    case 'contact.unsubscribed':
      return { before: { subscribed: true }, after: { subscribed: false } }
    case 'contact.updated':
      return { before: { 'attributes.first_name': 'Ava' }, after: { 'attributes.first_name': 'Avery' } }
    default:
      return { before: {}, after: {} }
  }
}

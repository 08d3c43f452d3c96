import type { JsonObject } from '../../../src-shared/model/json.ts'
import { signatureHeaderNames } from '../signing/describe-request.ts'
import { catalogue, defaultTimeoutSeconds, leadWith, methodsWithBody, scheme } from './common.ts'
import type { Provider, SampleContext } from './provider.ts'
import { sampleNumber } from './sample-ids.ts'
import { textSecret } from './secrets.ts'
import { dayMs, isoSeconds } from './times.ts'

const leadhubScheme = scheme({
  header: 'X-LeadHub-Signature',
  format: 'sha256={signature}',
  event_path: 'event',
})

/** LeadHub: lead and form events; the secret is optional, without one nothing is signed. */
export const leadhub: Provider = {
  id: 'leadhub',
  name: 'LeadHub',
  contactEvent: null,
  sends: true,
  documentation: 'The webhook pages of the LeadHub documentation.',
  assumptions: [
    'The base of the exponential backoff is not documented: retries after 60 s, 120 s and 240 s are assumed.',
    'No User-Agent is documented: LeadHub-Webhooks/1.0 is assumed.',
    'No timeout is documented: 10 s is assumed.',
    'Only lead.created has a documented sample: what lead.stage_changed, lead.assigned and form.submitted add is assumed.',
  ],
  events: catalogue({
    'lead.created': 'A lead was created',
    'lead.updated': 'Fields of a lead changed',
    'lead.deleted': 'A lead was deleted',
    'lead.stage_changed': 'A lead moved to another stage of its pipeline',
    'lead.assigned': 'A lead was assigned to a person',
    'form.submitted': 'A form was submitted, and gave a lead',
  }),
  openCatalogue: false,
  testEventType: null,
  eventIdKind: 'uuid',
  scheme: leadhubScheme,
  headerOrder: ['signature'],
  secret: textSecret({ required: false }),
  methods: ['POST'],
  defaultMethod: 'POST',
  methodsWithBody,
  reservedHeaders: signatureHeaderNames(leadhubScheme),
  retry: { delaysSeconds: [60, 120, 240], jitter: 0 },
  pauseAfterFailures: null,
  defaultTimeoutSeconds,
  headers: () => [['User-Agent', 'LeadHub-Webhooks/1.0']],
  productionChecks: () => [],
  sample: (type, context) => ({
    event: type,
    occurred_at: isoSeconds(context.occurredAt),
    lead: sampleLead(type, context),
    ...sampleExtras(type, context),
  }),
  setEnvelope: (payload, { type, occurredAt }) =>
    leadWith({ event: type, occurred_at: isoSeconds(occurredAt) }, payload),
}

function sampleLead(type: string, context: SampleContext): JsonObject {
  const isNew = type === 'lead.created' || type === 'form.submitted'
  return {
    id: sampleNumber(context, 99_999, 123),
    first_name: 'Jane',
    last_name: 'Smith',
    email: 'jane@example.com',
    phone: '+1-555-000-0000',
    source: 'web_form',
    status: isNew ? 'new' : 'contacted',
    lead_score: isNew ? 45 : 60,
    pipeline: 'Sales Pipeline',
    stage: type === 'lead.stage_changed' ? 'Qualified' : 'New Lead',
    assigned_to: 'sam@example.com',
    tags: ['vip', 'from-webinar'],
    created_at: isoSeconds(isNew ? context.occurredAt : context.occurredAt - dayMs),
  }
}

function sampleExtras(type: string, context: SampleContext): JsonObject {
  switch (type) {
    case 'lead.updated':
      return { changes: { lead_score: { from: 45, to: 60 }, status: { from: 'new', to: 'contacted' } } }
    case 'lead.stage_changed':
      return { previous_stage: 'New Lead' }
    case 'lead.assigned':
      return { previous_assigned_to: null }
    case 'form.submitted':
      return {
        form: {
          id: 42,
          name: 'Contact us',
          page_url: 'https://www.example.com/contact',
          submitted_at: isoSeconds(context.occurredAt),
          fields: {
            first_name: 'Jane',
            last_name: 'Smith',
            email: 'jane@example.com',
            message: 'Please call me back about the Pro plan.',
          },
        },
      }
    default:
      return {}
  }
}

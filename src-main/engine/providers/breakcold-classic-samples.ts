import type { JsonObject } from '../../../src-shared/model/json.ts'
import type { SampleContext } from './provider.ts'
import { sampleUuid } from './sample-ids.ts'
import { dayMs, isoMilliseconds } from './times.ts'

const leadUuid = 'e106db1f-aba3-40ba-97a7-507b54757ef8'

/** The `payload` of an event, by its family. */
export function breakcoldClassicPayload(type: string, context: SampleContext): JsonObject {
  const [family = '', ...rest] = type.split('.')
  const action = rest.at(-1) ?? ''
  if (family === 'lead' && rest[0] === 'task') return taskPayload(action, context)
  if (family === 'lead' && rest[0] === 'note') return notePayload(action, context)
  switch (family) {
    case 'campaign':
      return {
        ...named(context, 'Spring outreach', action),
        status: 'active',
        leads_count: 120,
        steps_count: 3,
      }
    case 'list':
      return { ...named(context, 'Webinar leads', action), emoji: '🎥', order: 0 }
    case 'status':
      return { ...named(context, 'Qualified', action), color: '#22c55e', order: 2 }
    case 'tag':
      return { ...named(context, 'vip', action), color: '#f59e0b' }
    default:
      return leadPayload(type, context)
  }
}

/** A lead with the complete field list, and what the event is about. */
function leadPayload(type: string, context: SampleContext): JsonObject {
  const at = isoMilliseconds(context.occurredAt)
  const created = isoMilliseconds(context.occurredAt - dayMs)
  const lead = leadFields(context)
  const later: JsonObject = { ...lead, created_at: created, updated_at: at }
  switch (type) {
    case 'lead.update':
      return {
        ...later,
        email: 'jean@example.com',
        company: 'Example SARL',
        company_role: 'Head of Sales',
        city: 'Lyon',
      }
    case 'lead.delete':
      return { ...later, is_deleted: true, is_deleted_at: at }
    case 'lead.status.update':
      return { ...later, status: reference('Qualified'), previous_status: reference('New') }
    case 'lead.list.update':
      return { ...later, lists: [reference('Webinar leads')], previous_lists: [] }
    case 'lead.tags.update':
      return {
        ...later,
        tags: [reference('vip'), reference('webinar')],
        previous_tags: [reference('webinar')],
      }
    case 'lead.track':
      return { ...later, is_tracked: true, linkedin_url: 'https://www.linkedin.com/in/jean-example' }
    default:
      return lead
  }
}

/** The documented fields of a lead, in their order. */
function leadFields(context: SampleContext): JsonObject {
  return {
    id: sampleUuid(context, leadUuid),
    email: null,
    company: null,
    notes: null,
    phone: null,
    linkedin_url: null,
    created_at: isoMilliseconds(context.occurredAt),
    updated_at: null,
    first_name: 'Jean',
    icebreaker: '',
    last_name: 'remove',
    website_url: null,
    timezone: null,
    city: null,
    company_role: null,
    twitter_name: null,
    avatar_url: null,
    icebreaker_2: '',
    icebreaker_3: '',
    icebreaker_4: '',
    email_bounce_score: null,
    twitter_company_name: null,
    is_deleted: false,
    is_deleted_at: null,
    company_enrich: null,
    custom_fields: null,
    custom_fields_schema: null,
    order: 0,
    contract_value: 0,
    is_tracked: false,
    id_import_task: null,
    id_linkedin_company: null,
    id_linkedin: null,
    id_space: context.workspace.uuid,
    id_twitter_company: null,
    id_twitter: null,
  }
}

function taskPayload(action: string, context: SampleContext): JsonObject {
  return {
    id: sampleUuid(context, '5b0c8a1e-7c9c-4c58-9d0a-3f1d2b6a7e10'),
    id_lead: leadUuid,
    id_space: context.workspace.uuid,
    title: 'Call back',
    description: 'Ask about the budget for next quarter',
    due_at: isoMilliseconds(context.occurredAt + dayMs),
    is_done: action === 'update',
    assigned_to: 'sam@example.com',
    ...lifeTimes(action, context),
  }
}

function notePayload(action: string, context: SampleContext): JsonObject {
  return {
    id: sampleUuid(context, '0f9f2d4c-2a77-4b7a-8d35-6f8f0c9d1b22'),
    id_lead: leadUuid,
    id_space: context.workspace.uuid,
    content: 'Met at the fair, wants a demo in May.',
    author: 'sam@example.com',
    ...lifeTimes(action, context),
  }
}

function named(context: SampleContext, name: string, action: string): JsonObject {
  return {
    id: sampleUuid(context, referenceUuids[name] ?? leadUuid),
    id_space: context.workspace.uuid,
    name,
    ...lifeTimes(action, context),
  }
}

function lifeTimes(action: string, context: SampleContext): JsonObject {
  const at = isoMilliseconds(context.occurredAt)
  const isNew = action === 'create'
  return {
    created_at: isNew ? at : isoMilliseconds(context.occurredAt - dayMs),
    updated_at: isNew ? null : at,
    is_deleted: action === 'delete',
  }
}

const referenceUuids: Readonly<Record<string, string>> = {
  'Spring outreach': '7d3f3f6e-51c5-4d0b-9a55-0d5d7a4f6c01',
  'Webinar leads': '7d3f3f6e-51c5-4d0b-9a55-0d5d7a4f6c02',
  New: '7d3f3f6e-51c5-4d0b-9a55-0d5d7a4f6c03',
  Qualified: '7d3f3f6e-51c5-4d0b-9a55-0d5d7a4f6c04',
  vip: '7d3f3f6e-51c5-4d0b-9a55-0d5d7a4f6c05',
  webinar: '7d3f3f6e-51c5-4d0b-9a55-0d5d7a4f6c06',
}

function reference(name: string): JsonObject {
  return { id: referenceUuids[name] ?? leadUuid, name }
}

import { z } from 'zod'
import { captureSummarySchema, captureViewSchema, verdictStatusSchema } from '../model/capture.ts'
import { contactSchema } from '../model/contact.ts'
import {
  deliveryStatusSchema,
  deliverySummarySchema,
  deliveryViewSchema,
  originSchema,
} from '../model/delivery.ts'
import { destinationSettingsSchema, destinationViewSchema } from '../model/destination.ts'
import { endpointSettingsSchema, endpointViewSchema } from '../model/endpoint.ts'
import { eventViewSchema } from '../model/event.ts'
import { headerSchema } from '../model/header.ts'
import {
  captureIdSchema,
  contactIdSchema,
  deliveryIdSchema,
  destinationIdSchema,
  endpointIdSchema,
  eventIdSchema,
  instantSchema,
  schemeIdSchema,
  subscriptionIdSchema,
  workspaceIdSchema,
} from '../model/ids.ts'
import { jsonObjectSchema } from '../model/json.ts'
import { ownSchemeSchema } from '../model/own-scheme.ts'
import { signatureSchemeSchema } from '../model/scheme.ts'
import { settingsSchema } from '../model/settings.ts'
import { subscriptionSchema } from '../model/subscription.ts'
import { verifyCaseSchema, verifyResultSchema } from '../model/verify-case.ts'
import { nameSchema, workspaceSchema } from '../model/workspace.ts'
import {
  operation,
  pageInput,
  pageOf,
  queryBoolean,
  queryList,
  type InputOf,
  type OutputOf,
  type ParsedInputOf,
} from './operation.ts'

/**
 * Every operation once. The HTTP API, the typed client and the command line are derived from this table: a new
 * operation costs one entry here and one handler.
 */

const nothing = z.object({})
const secretInput = z.string().min(1).max(1000)
const timeRange = { since: instantSchema.optional(), until: instantSchema.optional() }
const maskedSecret = z.object({ secret: z.string().nullable() })

const providerSchema = z.object({
  id: z.string(),
  name: z.string(),
  sends: z.boolean(),
  events: z.array(z.object({ type: z.string(), description: z.string(), subscribable: z.boolean() })),
  open_catalogue: z.boolean(),
  test_event_type: z.string().nullable(),
  scheme: signatureSchemeSchema,
  secret_required: z.boolean(),
  has_contacts: z.boolean(),
  methods: z.array(z.string()),
  default_method: z.string(),
  retry: z.object({ delays_seconds: z.array(z.number()), jitter: z.number() }),
  pause_after_failures: z.number().nullable(),
  default_timeout_seconds: z.number(),
  assumptions: z.array(z.string()),
})

const destinationInput = destinationSettingsSchema.partial().extend({
  /** Absent: generated on creation, kept on change. null: none, where the provider allows it. */
  secret: secretInput.nullable().optional(),
})

const endpointInput = endpointSettingsSchema.partial()

export const deliveryFilterInput = {
  workspace: workspaceIdSchema.optional(),
  destination: destinationIdSchema.optional(),
  event: eventIdSchema.optional(),
  event_type: z.string().max(200).optional(),
  status: queryList(deliveryStatusSchema).optional(),
  origin: originSchema.optional(),
  ...timeRange,
}

const captureFilterInput = {
  endpoint: endpointIdSchema.optional(),
  method: z.string().max(100).optional(),
  event_type: z.string().max(200).optional(),
  delivery_id: z.string().max(500).optional(),
  verdict: queryList(verdictStatusSchema).optional(),
  pinned: queryBoolean.optional(),
  ...timeRange,
}

export const storageUseSchema = z.object({
  folder: z.string(),
  deliveries: z.number().int(),
  captures: z.number().int(),
  events: z.number().int(),
  database_bytes: z.number().int(),
  journal_bytes: z.number().int(),
  bodies: z.number().int(),
  bodies_bytes: z.number().int(),
})

export const healthSchema = z.object({
  status: z.enum(['ok', 'degraded']),
  version: z.string(),
  storage: z.object({
    writable: z.boolean(),
    problem: z.string().nullable(),
    set_aside: z.array(z.string()),
  }),
  dispatcher: z.object({ waiting: z.number().int(), in_flight: z.number().int() }),
  receiver: z.object({ listening: z.boolean(), url: z.string().nullable(), problem: z.string().nullable() }),
  secrets_available: z.boolean(),
})
export type Health = z.infer<typeof healthSchema>

const previewSchema = z.object({
  event: z.object({ type: z.string(), payload: jsonObjectSchema }),
  deliveries: z.array(
    z.object({
      destination_id: destinationIdSchema,
      destination_name: z.string(),
      subscription_id: subscriptionIdSchema,
      request: z
        .object({
          method: z.string(),
          url: z.string(),
          headers: z.array(headerSchema),
          body_base64: z.string(),
        })
        .nullable(),
      error: z.object({ code: z.string(), message: z.string() }).nullable(),
    }),
  ),
})

const eventInput = {
  workspace_id: workspaceIdSchema,
  type: z.string().min(1).max(200),
  data: jsonObjectSchema.optional(),
  any_event: z.boolean().optional(),
}

export const contract = {
  'health.get': operation({
    method: 'GET',
    path: '/health',
    summary: 'State of dispatcher, receiver and storage',
    input: nothing,
    output: healthSchema,
  }),
  'providers.list': operation({
    method: 'GET',
    path: '/providers',
    summary: 'All providers with their event catalogues',
    input: nothing,
    output: z.object({ items: z.array(providerSchema) }),
  }),
  'providers.sample': operation({
    method: 'GET',
    path: '/providers/:id/sample',
    summary: 'A realistic payload of an event',
    input: z.object({ id: z.string(), type: z.string() }),
    output: jsonObjectSchema,
  }),
  'settings.get': operation({
    method: 'GET',
    path: '/settings',
    summary: 'Settings of the data folder',
    input: nothing,
    output: settingsSchema,
  }),
  'settings.change': operation({
    method: 'PATCH',
    path: '/settings',
    summary: 'Change settings',
    input: z.object(settingsFields()).partial(),
    output: settingsSchema,
  }),
  'storage.get': operation({
    method: 'GET',
    path: '/storage',
    summary: 'What is used',
    input: nothing,
    output: storageUseSchema,
  }),

  'workspaces.list': operation({
    method: 'GET',
    path: '/workspaces',
    summary: 'All workspaces',
    input: nothing,
    output: pageOf(workspaceSchema),
  }),
  'workspaces.create': operation({
    method: 'POST',
    path: '/workspaces',
    summary: 'Create a workspace',
    status: 201,
    input: z.object({ name: nameSchema, provider: z.string() }),
    output: workspaceSchema,
  }),
  'workspaces.get': operation({
    method: 'GET',
    path: '/workspaces/:id',
    summary: 'One workspace',
    input: z.object({ id: workspaceIdSchema }),
    output: workspaceSchema,
  }),
  'workspaces.change': operation({
    method: 'PATCH',
    path: '/workspaces/:id',
    summary: 'Rename a workspace',
    input: z.object({ id: workspaceIdSchema, name: nameSchema }),
    output: workspaceSchema,
  }),
  'workspaces.delete': operation({
    method: 'DELETE',
    path: '/workspaces/:id',
    summary: 'Delete a workspace with everything that is set up in it; history stays',
    input: z.object({ id: workspaceIdSchema }),
    output: nothing,
  }),

  'contacts.list': operation({
    method: 'GET',
    path: '/contacts',
    summary: 'Contacts of a workspace',
    input: z.object({ workspace: workspaceIdSchema, ...pageInput }),
    output: pageOf(contactSchema),
  }),
  'contacts.create': operation({
    method: 'POST',
    path: '/contacts',
    summary: 'Create a contact; raises contact.created',
    status: 201,
    input: z.object({
      workspace_id: workspaceIdSchema,
      _id: contactIdSchema.optional(),
      attributes: jsonObjectSchema.default({}),
      subscribed: z.boolean().default(true),
      provider: z.string().nullable().default(null),
    }),
    output: z.object({
      contact: contactSchema,
      event_id: eventIdSchema.nullable(),
      deliveries: z.array(z.object({ id: deliveryIdSchema, destination_id: destinationIdSchema })),
    }),
  }),
  'contacts.get': operation({
    method: 'GET',
    path: '/contacts/:id',
    summary: 'One contact',
    input: z.object({ id: contactIdSchema, workspace: workspaceIdSchema.optional() }),
    output: contactSchema,
  }),
  'contacts.change': operation({
    method: 'PATCH',
    path: '/contacts/:id',
    summary: 'Change a contact; raises the event that the change is, or none',
    input: z.object({
      id: contactIdSchema,
      workspace_id: workspaceIdSchema.optional(),
      attributes: jsonObjectSchema.optional(),
      subscribed: z.boolean().optional(),
      provider: z.string().nullable().optional(),
    }),
    output: z.object({
      contact: contactSchema,
      event_id: eventIdSchema.nullable(),
      deliveries: z.array(z.object({ id: deliveryIdSchema, destination_id: destinationIdSchema })),
    }),
  }),
  'contacts.delete': operation({
    method: 'DELETE',
    path: '/contacts/:id',
    summary: 'Delete a contact; raises contact.deleted',
    input: z.object({ id: contactIdSchema, workspace: workspaceIdSchema.optional() }),
    output: z.object({
      event_id: eventIdSchema.nullable(),
      deliveries: z.array(z.object({ id: deliveryIdSchema, destination_id: destinationIdSchema })),
    }),
  }),

  'destinations.list': operation({
    method: 'GET',
    path: '/destinations',
    summary: 'Destinations',
    input: z.object({ workspace: workspaceIdSchema.optional() }),
    output: pageOf(destinationViewSchema),
  }),
  'destinations.create': operation({
    method: 'POST',
    path: '/destinations',
    summary: 'Create a destination; its secret is in this answer and in no other',
    status: 201,
    input: destinationInput.extend({
      workspace_id: workspaceIdSchema,
      name: nameSchema,
      url_template: destinationSettingsSchema.shape.url_template,
    }),
    output: destinationViewSchema.extend(maskedSecret.shape),
  }),
  'destinations.get': operation({
    method: 'GET',
    path: '/destinations/:id',
    summary: 'One destination',
    input: z.object({ id: destinationIdSchema }),
    output: destinationViewSchema,
  }),
  'destinations.change': operation({
    method: 'PATCH',
    path: '/destinations/:id',
    summary: 'Change a destination',
    input: destinationInput.extend({ id: destinationIdSchema }),
    output: destinationViewSchema,
  }),
  'destinations.delete': operation({
    method: 'DELETE',
    path: '/destinations/:id',
    summary: 'Delete a destination; what waits for it ends as failed',
    input: z.object({ id: destinationIdSchema }),
    output: z.object({ failed_deliveries: z.number().int() }),
  }),
  'destinations.rotate-secret': operation({
    method: 'POST',
    path: '/destinations/:id/rotate-secret',
    summary: 'A new signing secret, shown in this answer only',
    input: z.object({
      id: destinationIdSchema,
      secret: secretInput.optional(),
      keep_previous_seconds: z.number().int().min(0).max(31_536_000).default(0),
    }),
    output: destinationViewSchema.extend(maskedSecret.shape),
  }),
  'destinations.test': operation({
    method: 'POST',
    path: '/destinations/:id/test',
    summary: 'Send a test delivery',
    status: 202,
    input: z.object({ id: destinationIdSchema }),
    output: z.object({
      event: eventViewSchema,
      deliveries: z.array(z.object({ id: deliveryIdSchema, destination_id: destinationIdSchema })),
    }),
  }),
  'destinations.resume': operation({
    method: 'POST',
    path: '/destinations/:id/resume',
    summary: 'Resume a paused destination and reset its count',
    input: z.object({ id: destinationIdSchema }),
    output: destinationViewSchema,
  }),

  'subscriptions.list': operation({
    method: 'GET',
    path: '/subscriptions',
    summary: 'Subscriptions',
    input: z.object({ workspace: workspaceIdSchema.optional(), destination: destinationIdSchema.optional() }),
    output: pageOf(subscriptionSchema),
  }),
  'subscriptions.create': operation({
    method: 'POST',
    path: '/subscriptions',
    summary: 'Subscribe a destination to events',
    status: 201,
    input: z.object({
      destination_id: destinationIdSchema,
      name: nameSchema.optional(),
      enabled: z.boolean().default(true),
      event_types: z.array(z.string().min(1).max(200)).min(1, 'must name at least one event type').max(200),
    }),
    output: subscriptionSchema,
  }),
  'subscriptions.get': operation({
    method: 'GET',
    path: '/subscriptions/:id',
    summary: 'One subscription',
    input: z.object({ id: subscriptionIdSchema }),
    output: subscriptionSchema,
  }),
  'subscriptions.change': operation({
    method: 'PATCH',
    path: '/subscriptions/:id',
    summary: 'Change a subscription',
    input: z.object({
      id: subscriptionIdSchema,
      name: nameSchema.optional(),
      enabled: z.boolean().optional(),
      event_types: z.array(z.string().min(1).max(200)).min(1).max(200).optional(),
    }),
    output: subscriptionSchema,
  }),
  'subscriptions.delete': operation({
    method: 'DELETE',
    path: '/subscriptions/:id',
    summary: 'Delete a subscription',
    input: z.object({ id: subscriptionIdSchema }),
    output: nothing,
  }),

  'endpoints.list': operation({
    method: 'GET',
    path: '/endpoints',
    summary: 'Capture endpoints',
    input: nothing,
    output: pageOf(endpointViewSchema),
  }),
  'endpoints.create': operation({
    method: 'POST',
    path: '/endpoints',
    summary: 'Create a capture endpoint',
    status: 201,
    input: endpointInput.extend({ name: nameSchema }),
    output: endpointViewSchema,
  }),
  'endpoints.get': operation({
    method: 'GET',
    path: '/endpoints/:id',
    summary: 'One capture endpoint',
    input: z.object({ id: endpointIdSchema }),
    output: endpointViewSchema,
  }),
  'endpoints.change': operation({
    method: 'PATCH',
    path: '/endpoints/:id',
    summary: 'Change a capture endpoint; its unchecked captures are judged again',
    input: endpointInput.extend({ id: endpointIdSchema }),
    output: endpointViewSchema,
  }),
  'endpoints.delete': operation({
    method: 'DELETE',
    path: '/endpoints/:id',
    summary: 'Delete a capture endpoint; its captures stay',
    input: z.object({ id: endpointIdSchema }),
    output: nothing,
  }),

  'schemes.list': operation({
    method: 'GET',
    path: '/schemes',
    summary: 'Own signature schemes',
    input: nothing,
    output: pageOf(ownSchemeSchema),
  }),
  'schemes.create': operation({
    method: 'POST',
    path: '/schemes',
    summary: 'Describe a signature scheme',
    status: 201,
    input: ownSchemeSchema.omit({ id: true }),
    output: ownSchemeSchema,
  }),
  'schemes.get': operation({
    method: 'GET',
    path: '/schemes/:id',
    summary: 'One own scheme',
    input: z.object({ id: schemeIdSchema }),
    output: ownSchemeSchema,
  }),
  'schemes.change': operation({
    method: 'PATCH',
    path: '/schemes/:id',
    summary: 'Change an own scheme',
    input: ownSchemeSchema.partial().extend({ id: schemeIdSchema }),
    output: ownSchemeSchema,
  }),
  'schemes.delete': operation({
    method: 'DELETE',
    path: '/schemes/:id',
    summary: 'Delete an own scheme',
    input: z.object({ id: schemeIdSchema }),
    output: nothing,
  }),

  'events.raise': operation({
    method: 'POST',
    path: '/events',
    summary: 'Raise an event; answers once event and deliveries are on disk',
    status: 202,
    input: z.object(eventInput),
    output: z.object({
      event: eventViewSchema,
      deliveries: z.array(z.object({ id: deliveryIdSchema, destination_id: destinationIdSchema })),
    }),
  }),
  'events.preview': operation({
    method: 'POST',
    path: '/events/preview',
    summary: 'What an event would send, without sending',
    input: z.object(eventInput),
    output: previewSchema,
  }),
  'events.list': operation({
    method: 'GET',
    path: '/events',
    summary: 'Past events, newest first',
    input: z.object({
      workspace: workspaceIdSchema.optional(),
      type: z.string().max(200).optional(),
      ...pageInput,
    }),
    output: pageOf(eventViewSchema),
  }),
  'events.get': operation({
    method: 'GET',
    path: '/events/:id',
    summary: 'One event',
    input: z.object({ id: eventIdSchema }),
    output: eventViewSchema,
  }),

  'deliveries.list': operation({
    method: 'GET',
    path: '/deliveries',
    summary: 'Deliveries, newest first',
    input: z.object({ ...deliveryFilterInput, ...pageInput }),
    output: pageOf(deliverySummarySchema),
  }),
  'deliveries.get': operation({
    method: 'GET',
    path: '/deliveries/:id',
    summary: 'One delivery with its attempts',
    input: z.object({ id: deliveryIdSchema }),
    output: deliveryViewSchema,
  }),
  'deliveries.retry': operation({
    method: 'POST',
    path: '/deliveries/:id/retry',
    summary: 'Retry a failed delivery',
    input: z.object({ id: deliveryIdSchema }),
    output: deliverySummarySchema,
  }),
  'deliveries.send-now': operation({
    method: 'POST',
    path: '/deliveries/:id/send-now',
    summary: 'Send a delivery that waits for its retry',
    input: z.object({ id: deliveryIdSchema }),
    output: deliverySummarySchema,
  }),
  'deliveries.cancel': operation({
    method: 'POST',
    path: '/deliveries/:id/cancel',
    summary: 'Cancel a waiting delivery',
    input: z.object({ id: deliveryIdSchema }),
    output: deliverySummarySchema,
  }),
  'deliveries.delete': operation({
    method: 'DELETE',
    path: '/deliveries/:id',
    summary: 'Remove a delivery from the history',
    input: z.object({ id: deliveryIdSchema }),
    output: nothing,
  }),

  'captures.list': operation({
    method: 'GET',
    path: '/captures',
    summary: 'Captures, newest first',
    input: z.object({ ...captureFilterInput, ...pageInput }),
    output: pageOf(captureSummarySchema),
  }),
  'captures.get': operation({
    method: 'GET',
    path: '/captures/:id',
    summary: 'One capture',
    input: z.object({ id: captureIdSchema }),
    output: captureViewSchema,
  }),
  'captures.change': operation({
    method: 'PATCH',
    path: '/captures/:id',
    summary: 'Pin, tag or annotate a capture',
    input: z.object({
      id: captureIdSchema,
      pinned: z.boolean().optional(),
      tags: z.array(z.string().min(1).max(100)).max(50).optional(),
      note: z.string().max(10_000).optional(),
    }),
    output: captureSummarySchema,
  }),
  'captures.delete': operation({
    method: 'DELETE',
    path: '/captures/:id',
    summary: 'Remove a capture',
    input: z.object({ id: captureIdSchema }),
    output: nothing,
  }),
  'captures.import': operation({
    method: 'POST',
    path: '/captures/import',
    summary: 'Keep raw HTTP requests as captures',
    status: 201,
    input: z.object({
      endpoint: z.string().default('inbox'),
      requests: z
        .array(z.object({ raw_base64: z.base64() }))
        .min(1)
        .max(1000),
    }),
    output: z.object({ items: z.array(captureSummarySchema) }),
  }),

  'verify.run': operation({
    method: 'POST',
    path: '/verify',
    summary: 'Verify one request',
    input: verifyCaseSchema,
    output: verifyResultSchema,
  }),
} as const

function settingsFields() {
  const fields = settingsSchema.shape
  // Defaults would turn an absent field of a change into a reset.
  return Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, field.unwrap()])) as {
    [Name in keyof typeof fields]: ReturnType<(typeof fields)[Name]['unwrap']>
  }
}

export type Contract = typeof contract
export type OperationName = keyof Contract
export type OperationInput<Name extends OperationName> = InputOf<Contract[Name]>
export type OperationParsedInput<Name extends OperationName> = ParsedInputOf<Contract[Name]>
export type OperationOutput<Name extends OperationName> = OutputOf<Contract[Name]>

/** What a handler table must hold: one function for each operation. */
export type Handlers = {
  readonly [Name in OperationName]: (input: OperationParsedInput<Name>) => Promise<OperationOutput<Name>>
}

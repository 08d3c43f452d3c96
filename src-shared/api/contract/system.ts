import { z } from 'zod'
import { jsonObjectSchema } from '../../model/json.ts'
import { signatureSchemeSchema } from '../../model/scheme.ts'
import { settingsSchema } from '../../model/settings.ts'
import { verifyCaseSchema, verifyResultSchema } from '../../model/verify-case.ts'
import { contentSchema, nothing, operation } from '../operation.ts'
import { snippetLanguageSchema, snippetSchema } from '../../model/snippet.ts'

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

const storageUseSchema = z.object({
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
  dispatcher: z.object({
    waiting: z.number().int(),
    in_flight: z.number().int(),
    /** By the user, for all destinations. */
    paused: z.boolean(),
  }),
  receiver: z.object({ listening: z.boolean(), url: z.string().nullable(), problem: z.string().nullable() }),
  secrets_available: z.boolean(),
})
export type Health = z.infer<typeof healthSchema>

function settingsFields() {
  const fields = settingsSchema.shape
  // Defaults would turn an absent field of a change into a reset.
  return Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, field.unwrap()])) as {
    [Name in keyof typeof fields]: ReturnType<(typeof fields)[Name]['unwrap']>
  }
}

export const systemOperations = {
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

  'providers.snippet': operation({
    method: 'GET',
    path: '/providers/:id/snippet',
    summary: "A receiver in one file that checks the provider's signature",
    input: z.object({ id: z.string(), language: snippetLanguageSchema }),
    output: snippetSchema,
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

  'verify.run': operation({
    method: 'POST',
    path: '/verify',
    summary: 'Verify one request',
    input: verifyCaseSchema,
    output: verifyResultSchema,
  }),

  'undo.run': operation({
    method: 'POST',
    path: '/undo/:token',
    summary: 'Bring back what a removal took, within a minute of it',
    input: z.object({ token: z.string().max(100) }),
    output: z.object({ restored: z.number().int() }),
  }),

  'metrics.get': operation({
    method: 'GET',
    path: '/metrics',
    summary: 'Counters and durations as Prometheus text',
    input: nothing,
    output: contentSchema,
  }),
} as const

import { z } from 'zod'
import { mostConfigBytes } from '../../model/config-file.ts'
import { captureIdSchema, deliveryIdSchema, destinationIdSchema } from '../../model/ids.ts'
import { contentSchema, operation, queryBoolean } from '../operation.ts'
import { captureFilterInput } from './captures.ts'
import { deliveryFilterInput } from './deliveries.ts'

const configFormat = z.enum(['yaml', 'json'])
const configSelection = {
  format: configFormat.default('yaml'),
  /** Only this one, with its workspace and subscriptions. */
  destination: destinationIdSchema.optional(),
}

/** `http`: as on the wire. `http-file`: for editors that send requests. */
export const requestFormats = ['curl', 'http', 'http-file', 'har', 'postman'] as const
export type RequestFormat = (typeof requestFormats)[number]
const requestSelection = {
  format: z.enum(requestFormats).default('curl'),
  /** Otherwise signatures, credentials and secrets are masked, and the document says so. */
  include_secrets: queryBoolean.default(false),
}

export const listFormats = ['jsonl', 'csv', 'har'] as const
const listSelection = {
  format: z.enum(listFormats).default('jsonl'),
  /** Otherwise signatures and credentials are masked. */
  include_secrets: queryBoolean.default(false),
}

export const planEntrySchema = z.object({
  action: z.enum(['create', 'change', 'unchanged', 'delete']),
  kind: z.enum(['settings', 'scheme', 'workspace', 'destination', 'subscription', 'endpoint']),
  name: z.string(),
  workspace: z.string().nullable(),
  /** Of a subscription. */
  destination: z.string().nullable(),
  /** Secrets are not in it: `(set)`, `(another)` or null stand for them. */
  changes: z.array(z.object({ path: z.string(), before: z.unknown(), after: z.unknown() })),
  /** Deliveries that wait for a destination which is deleted; they end as failed. */
  waiting_deliveries: z.number().int(),
})
export type PlanEntry = z.infer<typeof planEntrySchema>

export const importPlanSchema = z.object({
  applied: z.boolean(),
  plan: z.array(planEntrySchema),
  counts: z.object({
    create: z.number().int(),
    change: z.number().int(),
    unchanged: z.number().int(),
    delete: z.number().int(),
  }),
  /** `${NAME}` without a value here: what had a secret kept it. */
  unresolved: z.array(z.string()),
})
export type ImportPlan = z.infer<typeof importPlanSchema>

export const transferOperations = {
  'configuration.export': operation({
    method: 'GET',
    path: '/export/config',
    summary: 'The configuration as a file for git; secrets are ${NAME} references',
    input: z.object(configSelection),
    output: contentSchema,
  }),

  'configuration.export-encrypted': operation({
    method: 'POST',
    path: '/export/config',
    summary: 'The configuration as a file; secrets are encrypted with the passphrase, if there is one',
    input: z.object({
      ...configSelection,
      passphrase: z.string().min(8, 'must have at least 8 characters').max(1000).optional(),
    }),
    output: contentSchema,
  }),

  'configuration.import': operation({
    method: 'POST',
    path: '/import',
    summary: 'Import a configuration, whole or not at all; answers what changes',
    input: z.object({
      text: z.string().max(mostConfigBytes, `must not be longer than ${mostConfigBytes} bytes`),
      /** By the content when absent. */
      format: configFormat.optional(),
      /** Only tell what would change. */
      dry_run: z.boolean().default(false),
      /** Delete what the file doesn't have. */
      prune: z.boolean().default(false),
      /** Values of the file's `${NAME}` references. */
      secrets: z.record(z.string().max(200), z.string().min(1).max(1_000_000)).default({}),
      passphrase: z.string().min(1).max(1000).optional(),
    }),
    output: importPlanSchema,
  }),

  'captures.export-list': operation({
    method: 'GET',
    path: '/export/captures',
    summary:
      'All captures that match, newest first, as JSON lines, CSV (without headers) or HAR 1.2 (with bodies)',
    input: z.object({ ...captureFilterInput, ...listSelection }),
    output: contentSchema,
  }),

  'deliveries.export-list': operation({
    method: 'GET',
    path: '/export/deliveries',
    summary:
      'All deliveries that match, newest first, as JSON lines, CSV or HAR 1.2 (their last requests and answers)',
    input: z.object({ ...deliveryFilterInput, ...listSelection }),
    output: contentSchema,
  }),

  'captures.export': operation({
    method: 'GET',
    path: '/export/captures/:id',
    summary: 'A capture as cURL command, raw HTTP, .http file, HAR 1.2 or Postman collection',
    input: z.object({ id: captureIdSchema, ...requestSelection }),
    output: contentSchema,
  }),

  'deliveries.export': operation({
    method: 'GET',
    path: '/export/deliveries/:id',
    summary:
      "A delivery's last request as cURL command, raw HTTP, .http file, HAR 1.2 or Postman collection (with the answer)",
    input: z.object({ id: deliveryIdSchema, ...requestSelection }),
    output: contentSchema,
  }),
} as const

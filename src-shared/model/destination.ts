import { z } from 'zod'
import { destinationIdSchema, instantSchema, workspaceIdSchema } from './ids.ts'
import type { StoredSecret } from './secret.ts'
import { nameSchema } from './workspace.ts'

const template = z.string().max(1_000_000)
const namedTemplate = z.object({ name: z.string().min(1).max(1000), value: template })

export const retryPolicySchema = z.object({
  delays_seconds: z.array(z.number().min(0).max(2_592_000)).max(50),
  jitter: z.number().min(0).max(1).default(0),
})
/** n delays are n + 1 attempts. A delay counts from the end of the attempt before; jitter adds up to that share. */
export type RetryPolicy = z.infer<typeof retryPolicySchema>

export const tlsSchema = z.object({
  accept_self_signed: z.boolean().default(false),
  ca: z.string().max(200_000).nullable().default(null),
  client_certificate: z.string().max(200_000).nullable().default(null),
  client_key: z.string().max(200_000).nullable().default(null),
})

/** What a user sets on a destination. @see product.md, Destinations */
export const destinationSettingsSchema = z.object({
  name: nameSchema,
  enabled: z.boolean(),
  method: z.string(),
  url_template: template.min(1, 'must not be empty'),
  headers_template: z.array(namedTemplate).max(100),
  query_template: z.array(namedTemplate).max(100),
  body_template: template.nullable(),
  timeout_seconds: z.number().min(1, 'must be at least 1').max(120, 'must be at most 120'),
  retry_policy: retryPolicySchema.nullable(),
  concurrency: z.number().int().min(1).max(256),
  rate_limit: z
    .object({ requests: z.number().int().min(1).max(100_000), per_seconds: z.number().min(0.1).max(86_400) })
    .nullable(),
  follow_redirects: z.boolean(),
  strict_url_rules: z.boolean(),
  tls: tlsSchema,
})
export type DestinationSettings = z.infer<typeof destinationSettingsSchema>

/** A destination as it is kept: settings, sealed secrets, no key of TLS in the clear. */
export interface Destination extends Omit<DestinationSettings, 'tls'> {
  readonly id: z.infer<typeof destinationIdSchema>
  readonly workspace_id: z.infer<typeof workspaceIdSchema>
  readonly created_at: string
  readonly tls: {
    readonly accept_self_signed: boolean
    readonly ca: string | null
    readonly client_certificate: string | null
    /** Sealed. */
    readonly client_key: string | null
  }
  readonly secret: StoredSecret | null
  readonly previous_secret: (StoredSecret & { readonly valid_until: string }) | null
}

/** What follows from deliveries rather than from the user: kept apart so that it can change with each of them. */
export interface DestinationHealth {
  readonly failures_in_row: number
  readonly paused: { readonly reason: string; readonly at: string } | null
}

export const destinationStatusSchema = z.enum(['active', 'disabled', 'paused'])

/** A destination as the API shows it. */
export const destinationViewSchema = destinationSettingsSchema.extend({
  id: destinationIdSchema,
  workspace_id: workspaceIdSchema,
  tls: z.object({
    accept_self_signed: z.boolean(),
    ca: z.string().nullable(),
    client_certificate: z.string().nullable(),
    client_key_set: z.boolean(),
  }),
  secret_set: z.boolean(),
  secret_last4: z.string().nullable(),
  previous_secret: z.object({ last4: z.string(), valid_until: instantSchema }).nullable(),
  status: destinationStatusSchema,
  paused: z.object({ reason: z.string(), at: instantSchema }).nullable(),
  failures_in_row: z.number().int(),
  waiting_deliveries: z.number().int(),
  production_checks: z.array(z.string()),
})
export type DestinationView = z.infer<typeof destinationViewSchema>

import { z } from 'zod'
import { headerSchema, type Header } from './header.ts'
import { destinationIdSchema, endpointIdSchema, schemeIdSchema, workspaceIdSchema } from './ids.ts'
import { endpointSecretInputSchema, endpointSecretViewSchema, type StoredSecret } from './secret.ts'
import { nameSchema } from './workspace.ts'

export const slugSchema = z
  .string()
  .regex(/^[a-z0-9][a-z0-9_-]{0,62}$/, 'may hold lower-case letters, digits, - and _ only (63 at most)')

export const answerSchema = z.object({
  status: z.number().int().min(200).max(599),
  headers: z.array(headerSchema).max(100),
  body: z.string().max(1_000_000),
})

export const retentionSchema = z
  .object({
    max_captures: z.number().int().min(1).max(1_000_000).nullable(),
    max_age_days: z.number().min(0.01).max(3650).nullable(),
  })
  .nullable()

/** What a user sets on a capture endpoint. @see product.md, Capture */
export const endpointSettingsSchema = z.object({
  name: nameSchema,
  slug: slugSchema,
  workspace_id: workspaceIdSchema.nullable(),
  /** Whose scheme verifies; `scheme_id` (one of the user's own) goes before it. */
  provider: z.string().nullable(),
  scheme_id: schemeIdSchema.nullable(),
  /** Follows the current and previous secrets of this destination. */
  destination_id: destinationIdSchema.nullable(),
  forward_to: z.array(z.string()).max(10),
  secrets: z.array(endpointSecretInputSchema).max(20),
  answer: answerSchema,
  retention: retentionSchema,
})
export type EndpointSettings = z.infer<typeof endpointSettingsSchema>

export interface StoredEndpointSecret extends StoredSecret {
  readonly name: string
  readonly previous: boolean
  readonly valid_until: string | null
}

/** An endpoint as it is kept. */
export interface Endpoint extends Omit<EndpointSettings, 'secrets' | 'answer'> {
  readonly id: z.infer<typeof endpointIdSchema>
  readonly secrets: readonly StoredEndpointSecret[]
  readonly answer: { readonly status: number; readonly headers: readonly Header[]; readonly body: string }
}

/** An endpoint as the API shows it. */
export const endpointViewSchema = endpointSettingsSchema.extend({
  id: endpointIdSchema,
  url: z.string(),
  secrets: z.array(endpointSecretViewSchema),
})
export type EndpointView = z.infer<typeof endpointViewSchema>

/** The endpoint that takes what belongs to no other. */
export const inboxSlug = 'inbox'

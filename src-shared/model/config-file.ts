import { z } from 'zod'
import { destinationSettingsSchema, tlsSchema } from './destination.ts'
import { endpointSettingsSchema, slugSchema } from './endpoint.ts'
import { instantSchema } from './ids.ts'
import { portableSettingsSchema } from './settings.ts'
import { signatureSchemeSchema } from './scheme.ts'
import { nameSchema } from './workspace.ts'

/**
 * `hookbench.config/v1`: the configuration as a file for git. No ids and no timestamps of its own; a stable order.
 *
 * Who is who, as ids differ from machine to machine:
 *
 * | thing | is the same when it has the same |
 * |---|---|
 * | workspace | name and provider |
 * | destination | name, within its workspace |
 * | subscription | name, within its destination |
 * | endpoint | slug |
 * | own scheme | name |
 *
 * Names may stand several times: then the n-th of the file is the n-th that there is, in the order in which they were
 * made. `number` says which one is meant where the ones before it are not in the file (an export of one destination),
 * and in references.
 *
 * What a file leaves out stays as it is, or gets its default in something new. Pruning deletes only what belongs to a
 * list that the file has. Response rules will be a list `rules` of an endpoint.
 */
export const configVersion = 'hookbench.config/v1'

/** A secret never stands here in the clear: `${NAME}`, or text encrypted with a passphrase. */
const secretText = z.string().min(1).max(2_000_000)
const number = z.number().int().min(1).max(10_000)

/** Something of this name; the first one unless its number says otherwise. */
const referenceSchema = z.union([nameSchema, z.strictObject({ name: nameSchema, number })], {
  error: 'must be a name, or name and number',
})
export type ConfigReference = z.infer<typeof referenceSchema>

const destinationReferenceSchema = z.strictObject({
  workspace: referenceSchema,
  name: nameSchema,
  number: number.optional(),
})

const subscriptionEntrySchema = z.strictObject({
  name: nameSchema,
  enabled: z.boolean().optional(),
  event_types: z.array(z.string().min(1).max(200)).min(1, 'must name at least one event type').max(200),
})

const namedTemplate = destinationSettingsSchema.shape.headers_template.element.strict()
const tls = tlsSchema.shape

const destinationEntrySchema = z.strictObject({
  ...destinationSettingsSchema.partial().shape,
  name: nameSchema,
  number: number.optional(),
  headers_template: z.array(namedTemplate).max(100).optional(),
  query_template: z.array(namedTemplate).max(100).optional(),
  retry_policy: destinationSettingsSchema.shape.retry_policy.unwrap().strict().nullable().optional(),
  rate_limit: destinationSettingsSchema.shape.rate_limit.unwrap().strict().nullable().optional(),
  tls: z
    .strictObject({
      accept_self_signed: tls.accept_self_signed.unwrap(),
      ca: tls.ca.unwrap(),
      client_certificate: tls.client_certificate.unwrap(),
      client_key: secretText.nullable(),
    })
    .partial()
    .optional(),
  secret: secretText.nullable().optional(),
  previous_secret: z.strictObject({ value: secretText, valid_until: instantSchema }).nullable().optional(),
  subscriptions: z.array(subscriptionEntrySchema).max(1000).optional(),
})

const workspaceEntrySchema = z.strictObject({
  name: nameSchema,
  number: number.optional(),
  provider: z.string(),
  destinations: z.array(destinationEntrySchema).max(10_000).optional(),
})

const schemeEntrySchema = z.strictObject({ name: nameSchema, scheme: signatureSchemeSchema.strict() })

const { answer, retention } = endpointSettingsSchema.shape

const endpointEntrySchema = z.strictObject({
  ...endpointSettingsSchema.omit({ workspace_id: true, scheme_id: true, destination_id: true }).partial()
    .shape,
  slug: slugSchema,
  workspace: referenceSchema.nullable().optional(),
  scheme: referenceSchema.nullable().optional(),
  destination: destinationReferenceSchema.nullable().optional(),
  secrets: z
    .array(
      z.strictObject({
        name: z.string().min(1).max(100),
        value: secretText,
        previous: z.boolean().default(false),
        valid_until: instantSchema.nullable().default(null),
      }),
    )
    .max(20)
    .optional(),
  answer: answer.strict().optional(),
  retention: retention.unwrap().strict().nullable().optional(),
})

// A default would turn what a file leaves out into a reset.
const settingsEntrySchema = z
  .strictObject(
    Object.fromEntries(
      Object.entries(portableSettingsSchema.shape).map(([name, field]) => [name, field.unwrap()]),
    ) as { [Name in keyof typeof portableSettingsSchema.shape]: z.ZodNumber },
  )
  .partial()

export const configFileSchema = z.strictObject({
  version: z.literal(configVersion, { error: `must be "${configVersion}"` }),
  /** Not everything that there is: nothing can be pruned by it. */
  partial: z.boolean().optional(),
  settings: settingsEntrySchema.optional(),
  schemes: z.array(schemeEntrySchema).max(1000).optional(),
  workspaces: z.array(workspaceEntrySchema).max(1000).optional(),
  endpoints: z.array(endpointEntrySchema).max(10_000).optional(),
})
export type ConfigFile = z.infer<typeof configFileSchema>
export type WorkspaceEntry = z.infer<typeof workspaceEntrySchema>
export type DestinationEntry = z.infer<typeof destinationEntrySchema>
export type SubscriptionEntry = z.infer<typeof subscriptionEntrySchema>
export type EndpointEntry = z.infer<typeof endpointEntrySchema>
export type SchemeEntry = z.infer<typeof schemeEntrySchema>

/** Bytes of a file that is read at all. */
export const mostConfigBytes = 4 * 1024 * 1024

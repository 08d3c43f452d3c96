import { z } from 'zod'
import { instantSchema } from './ids.ts'

/** A secret at rest: sealed by the data folder's key, with the four characters that may be shown. */
export interface StoredSecret {
  readonly sealed: string
  readonly last4: string
}

/** What may be shown of a secret: the last four characters, fewer of a short one. */
export function lastFour(secret: string): string {
  return secret.length >= 8 ? secret.slice(-4) : secret.slice(-Math.floor(secret.length / 2)).slice(0, 4)
}

/** A secret that an endpoint verifies with, as it comes in. `value` is write only. */
export const endpointSecretInputSchema = z.object({
  name: z.string().min(1).max(100).default('secret'),
  value: z.string().min(1, 'must not be empty').max(1000),
  previous: z.boolean().default(false),
  valid_until: instantSchema.nullable().default(null),
})

/** A secret of an endpoint as it is shown. */
export const endpointSecretViewSchema = z.object({
  name: z.string(),
  last4: z.string(),
  previous: z.boolean(),
  valid_until: instantSchema.nullable(),
})

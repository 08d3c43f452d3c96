import { z } from 'zod'
import { schemeIdSchema } from './ids.ts'
import { signatureSchemeSchema } from './scheme.ts'
import { nameSchema } from './workspace.ts'

export const ownSchemeSchema = z.object({
  id: schemeIdSchema,
  name: nameSchema,
  scheme: signatureSchemeSchema,
})
/** A signature scheme that the user described. */
export type OwnScheme = z.infer<typeof ownSchemeSchema>

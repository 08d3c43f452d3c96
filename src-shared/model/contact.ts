import { z } from 'zod'
import { contactIdSchema, instantSchema, workspaceIdSchema } from './ids.ts'
import { jsonObjectSchema } from './json.ts'

/** A contact of a leadpush workspace, in the provider's own shape. @see providers.md, leadpush */
export const contactSchema = z.object({
  _id: contactIdSchema,
  workspace_uuid: workspaceIdSchema,
  subscribed: z.boolean(),
  provider: z.string().nullable(),
  attributes: jsonObjectSchema,
  created_at: instantSchema,
  updated_at: instantSchema,
})
export type Contact = z.infer<typeof contactSchema>

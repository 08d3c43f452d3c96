import { z } from 'zod'
import { workspaceIdSchema } from './ids.ts'

export const nameSchema = z
  .string()
  .trim()
  .min(1, 'must not be empty')
  .max(200, 'must not be longer than 200 characters')

export const workspaceSchema = z.object({ id: workspaceIdSchema, name: nameSchema, provider: z.string() })
/** A workspace belongs to one provider and holds contacts, destinations and subscriptions. */
export type Workspace = z.infer<typeof workspaceSchema>

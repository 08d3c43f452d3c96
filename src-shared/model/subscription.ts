import { z } from 'zod'
import { destinationIdSchema, subscriptionIdSchema, workspaceIdSchema } from './ids.ts'
import { nameSchema } from './workspace.ts'

export const subscriptionSchema = z.object({
  id: subscriptionIdSchema,
  workspace_id: workspaceIdSchema,
  destination_id: destinationIdSchema,
  name: nameSchema,
  enabled: z.boolean(),
  /** Event types of the provider, or `*` for all that can be subscribed to. */
  event_types: z.array(z.string()),
})
/** Which events of a workspace become deliveries to a destination. */
export type Subscription = z.infer<typeof subscriptionSchema>

import { z } from 'zod'
import { eventIdSchema, instantSchema, workspaceIdSchema, type EventId, type WorkspaceId } from './ids.ts'
import { jsonObjectSchema } from './json.ts'

/** Something that happened in a workspace. `payload` is the exact JSON text (UTF-8) that receivers get by default. */
export interface WebhookEvent {
  readonly id: EventId
  readonly workspaceId: WorkspaceId
  readonly type: string
  readonly occurredAt: number
  readonly payload: Uint8Array
}

export const eventViewSchema = z.object({
  id: eventIdSchema,
  workspace_id: workspaceIdSchema,
  type: z.string(),
  occurred_at: instantSchema,
  payload: jsonObjectSchema,
})
export type EventView = z.infer<typeof eventViewSchema>

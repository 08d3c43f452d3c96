import { z } from 'zod'
import { destinationSettingsSchema, destinationViewSchema } from '../../model/destination.ts'
import { eventViewSchema } from '../../model/event.ts'
import { deliveryIdSchema, destinationIdSchema, workspaceIdSchema } from '../../model/ids.ts'
import { nameSchema } from '../../model/workspace.ts'
import { operation, pageOf } from '../operation.ts'

const secretInput = z.string().min(1).max(1000)
const maskedSecret = z.object({ secret: z.string().nullable() })

const destinationInput = destinationSettingsSchema.partial().extend({
  /** Absent: generated on creation, kept on change. null: none, where the provider allows it. */
  secret: secretInput.nullable().optional(),
})

export const destinationOperations = {
  'destinations.list': operation({
    method: 'GET',
    path: '/destinations',
    summary: 'Destinations',
    input: z.object({ workspace: workspaceIdSchema.optional() }),
    output: pageOf(destinationViewSchema),
  }),

  'destinations.create': operation({
    method: 'POST',
    path: '/destinations',
    summary: 'Create a destination; its secret is in this answer and in no other',
    status: 201,
    input: destinationInput.extend({
      workspace_id: workspaceIdSchema,
      name: nameSchema,
      url_template: destinationSettingsSchema.shape.url_template,
    }),
    output: destinationViewSchema.extend(maskedSecret.shape),
  }),

  'destinations.get': operation({
    method: 'GET',
    path: '/destinations/:id',
    summary: 'One destination',
    input: z.object({ id: destinationIdSchema }),
    output: destinationViewSchema,
  }),

  'destinations.change': operation({
    method: 'PATCH',
    path: '/destinations/:id',
    summary: 'Change a destination',
    input: destinationInput.extend({ id: destinationIdSchema }),
    output: destinationViewSchema,
  }),

  'destinations.delete': operation({
    method: 'DELETE',
    path: '/destinations/:id',
    summary: 'Delete a destination; what waits for it ends as failed',
    input: z.object({ id: destinationIdSchema }),
    output: z.object({ failed_deliveries: z.number().int() }),
  }),

  'destinations.rotate-secret': operation({
    method: 'POST',
    path: '/destinations/:id/rotate-secret',
    summary: 'A new signing secret, shown in this answer only',
    input: z.object({
      id: destinationIdSchema,
      secret: secretInput.optional(),
      keep_previous_seconds: z.number().int().min(0).max(31_536_000).default(0),
    }),
    output: destinationViewSchema.extend(maskedSecret.shape),
  }),

  'destinations.test': operation({
    method: 'POST',
    path: '/destinations/:id/test',
    summary: 'Send a test delivery',
    status: 202,
    input: z.object({ id: destinationIdSchema }),
    output: z.object({
      event: eventViewSchema,
      deliveries: z.array(z.object({ id: deliveryIdSchema, destination_id: destinationIdSchema })),
    }),
  }),

  'destinations.resume': operation({
    method: 'POST',
    path: '/destinations/:id/resume',
    summary: 'Resume a paused destination and reset its count',
    input: z.object({ id: destinationIdSchema }),
    output: destinationViewSchema,
  }),
} as const

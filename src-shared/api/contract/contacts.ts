import { z } from 'zod'
import { contactSchema } from '../../model/contact.ts'
import {
  contactIdSchema,
  deliveryIdSchema,
  destinationIdSchema,
  eventIdSchema,
  workspaceIdSchema,
} from '../../model/ids.ts'
import { jsonObjectSchema } from '../../model/json.ts'
import { operation, pageInput, pageOf, searchInput } from '../operation.ts'

export const contactOperations = {
  'contacts.list': operation({
    method: 'GET',
    path: '/contacts',
    summary: 'Contacts of a workspace',
    input: z.object({
      workspace: workspaceIdSchema,
      /** A part of the id or of the text of any attribute, whatever its case. */
      q: searchInput,
      ...pageInput,
    }),
    output: pageOf(contactSchema),
  }),

  'contacts.create': operation({
    method: 'POST',
    path: '/contacts',
    summary: 'Create a contact; raises contact.created',
    status: 201,
    input: z.object({
      workspace_id: workspaceIdSchema,
      _id: contactIdSchema.optional(),
      attributes: jsonObjectSchema.default({}),
      subscribed: z.boolean().default(true),
      provider: z.string().nullable().default(null),
    }),
    output: z.object({
      contact: contactSchema,
      event_id: eventIdSchema.nullable(),
      deliveries: z.array(z.object({ id: deliveryIdSchema, destination_id: destinationIdSchema })),
    }),
  }),

  'contacts.get': operation({
    method: 'GET',
    path: '/contacts/:id',
    summary: 'One contact',
    input: z.object({ id: contactIdSchema, workspace: workspaceIdSchema.optional() }),
    output: contactSchema,
  }),

  'contacts.change': operation({
    method: 'PATCH',
    path: '/contacts/:id',
    summary: 'Change a contact; raises the event that the change is, or none',
    input: z.object({
      id: contactIdSchema,
      workspace_id: workspaceIdSchema.optional(),
      attributes: jsonObjectSchema.optional(),
      subscribed: z.boolean().optional(),
      provider: z.string().nullable().optional(),
    }),
    output: z.object({
      contact: contactSchema,
      event_id: eventIdSchema.nullable(),
      deliveries: z.array(z.object({ id: deliveryIdSchema, destination_id: destinationIdSchema })),
    }),
  }),

  'contacts.delete': operation({
    method: 'DELETE',
    path: '/contacts/:id',
    summary: 'Delete a contact; raises contact.deleted',
    input: z.object({ id: contactIdSchema, workspace: workspaceIdSchema.optional() }),
    output: z.object({
      event_id: eventIdSchema.nullable(),
      deliveries: z.array(z.object({ id: deliveryIdSchema, destination_id: destinationIdSchema })),
    }),
  }),
} as const

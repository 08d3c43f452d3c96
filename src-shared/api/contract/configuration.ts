import { z } from 'zod'
import { endpointSettingsSchema, endpointViewSchema } from '../../model/endpoint.ts'
import {
  destinationIdSchema,
  endpointIdSchema,
  schemeIdSchema,
  subscriptionIdSchema,
  workspaceIdSchema,
} from '../../model/ids.ts'
import { ownSchemeSchema } from '../../model/own-scheme.ts'
import { subscriptionSchema } from '../../model/subscription.ts'
import { nameSchema, workspaceSchema } from '../../model/workspace.ts'
import { nothing, operation, pageOf } from '../operation.ts'

const endpointInput = endpointSettingsSchema.partial()

export const configurationOperations = {
  'workspaces.list': operation({
    method: 'GET',
    path: '/workspaces',
    summary: 'All workspaces',
    input: nothing,
    output: pageOf(workspaceSchema),
  }),

  'workspaces.create': operation({
    method: 'POST',
    path: '/workspaces',
    summary: 'Create a workspace',
    status: 201,
    input: z.object({ name: nameSchema, provider: z.string() }),
    output: workspaceSchema,
  }),

  'workspaces.get': operation({
    method: 'GET',
    path: '/workspaces/:id',
    summary: 'One workspace',
    input: z.object({ id: workspaceIdSchema }),
    output: workspaceSchema,
  }),

  'workspaces.change': operation({
    method: 'PATCH',
    path: '/workspaces/:id',
    summary: 'Rename a workspace',
    input: z.object({ id: workspaceIdSchema, name: nameSchema }),
    output: workspaceSchema,
  }),

  'workspaces.delete': operation({
    method: 'DELETE',
    path: '/workspaces/:id',
    summary: 'Delete a workspace with everything that is set up in it; history stays',
    input: z.object({ id: workspaceIdSchema }),
    output: nothing,
  }),

  'subscriptions.list': operation({
    method: 'GET',
    path: '/subscriptions',
    summary: 'Subscriptions',
    input: z.object({ workspace: workspaceIdSchema.optional(), destination: destinationIdSchema.optional() }),
    output: pageOf(subscriptionSchema),
  }),

  'subscriptions.create': operation({
    method: 'POST',
    path: '/subscriptions',
    summary: 'Subscribe a destination to events',
    status: 201,
    input: z.object({
      /** The destination's, if it is given. */
      workspace_id: workspaceIdSchema.optional(),
      destination_id: destinationIdSchema,
      name: nameSchema.optional(),
      enabled: z.boolean().default(true),
      event_types: z.array(z.string().min(1).max(200)).min(1, 'must name at least one event type').max(200),
    }),
    output: subscriptionSchema,
  }),

  'subscriptions.get': operation({
    method: 'GET',
    path: '/subscriptions/:id',
    summary: 'One subscription',
    input: z.object({ id: subscriptionIdSchema }),
    output: subscriptionSchema,
  }),

  'subscriptions.change': operation({
    method: 'PATCH',
    path: '/subscriptions/:id',
    summary: 'Change a subscription',
    input: z.object({
      id: subscriptionIdSchema,
      name: nameSchema.optional(),
      enabled: z.boolean().optional(),
      event_types: z.array(z.string().min(1).max(200)).min(1).max(200).optional(),
    }),
    output: subscriptionSchema,
  }),

  'subscriptions.delete': operation({
    method: 'DELETE',
    path: '/subscriptions/:id',
    summary: 'Delete a subscription',
    input: z.object({ id: subscriptionIdSchema }),
    output: nothing,
  }),

  'endpoints.list': operation({
    method: 'GET',
    path: '/endpoints',
    summary: 'Capture endpoints',
    input: nothing,
    output: pageOf(endpointViewSchema),
  }),

  'endpoints.create': operation({
    method: 'POST',
    path: '/endpoints',
    summary: 'Create a capture endpoint',
    status: 201,
    input: endpointInput.extend({ name: nameSchema }),
    output: endpointViewSchema,
  }),

  'endpoints.get': operation({
    method: 'GET',
    path: '/endpoints/:id',
    summary: 'One capture endpoint',
    input: z.object({ id: endpointIdSchema }),
    output: endpointViewSchema,
  }),

  'endpoints.change': operation({
    method: 'PATCH',
    path: '/endpoints/:id',
    summary: 'Change a capture endpoint; its unchecked captures are judged again',
    input: endpointInput.extend({ id: endpointIdSchema }),
    output: endpointViewSchema,
  }),

  'endpoints.delete': operation({
    method: 'DELETE',
    path: '/endpoints/:id',
    summary: 'Delete a capture endpoint; its captures stay',
    input: z.object({ id: endpointIdSchema }),
    output: nothing,
  }),

  'schemes.list': operation({
    method: 'GET',
    path: '/schemes',
    summary: 'Own signature schemes',
    input: nothing,
    output: pageOf(ownSchemeSchema),
  }),

  'schemes.create': operation({
    method: 'POST',
    path: '/schemes',
    summary: 'Describe a signature scheme',
    status: 201,
    input: ownSchemeSchema.omit({ id: true }),
    output: ownSchemeSchema,
  }),

  'schemes.get': operation({
    method: 'GET',
    path: '/schemes/:id',
    summary: 'One own scheme',
    input: z.object({ id: schemeIdSchema }),
    output: ownSchemeSchema,
  }),

  'schemes.change': operation({
    method: 'PATCH',
    path: '/schemes/:id',
    summary: 'Change an own scheme',
    input: ownSchemeSchema.partial().extend({ id: schemeIdSchema }),
    output: ownSchemeSchema,
  }),

  'schemes.delete': operation({
    method: 'DELETE',
    path: '/schemes/:id',
    summary: 'Delete an own scheme',
    input: z.object({ id: schemeIdSchema }),
    output: nothing,
  }),
} as const

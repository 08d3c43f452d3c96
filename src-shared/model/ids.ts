import { z } from 'zod'

/**
 * Ids of Hookbench's own things: UUID v7, lower case. Branded, so that one kind can't be taken for another.
 *
 * @see RFC 9562
 */

const uuid = z
  .string()
  .regex(/^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/, 'must be a lower-case UUID')

export const workspaceIdSchema = uuid.brand<'WorkspaceId'>()
export type WorkspaceId = z.infer<typeof workspaceIdSchema>
export const destinationIdSchema = uuid.brand<'DestinationId'>()
export type DestinationId = z.infer<typeof destinationIdSchema>
export const subscriptionIdSchema = uuid.brand<'SubscriptionId'>()
export type SubscriptionId = z.infer<typeof subscriptionIdSchema>
export const endpointIdSchema = uuid.brand<'EndpointId'>()
export type EndpointId = z.infer<typeof endpointIdSchema>
export const schemeIdSchema = uuid.brand<'SchemeId'>()
export type SchemeId = z.infer<typeof schemeIdSchema>
export const deliveryIdSchema = uuid.brand<'DeliveryId'>()
export type DeliveryId = z.infer<typeof deliveryIdSchema>
export const captureIdSchema = uuid.brand<'CaptureId'>()
export type CaptureId = z.infer<typeof captureIdSchema>
export const replayIdSchema = uuid.brand<'ReplayId'>()
export type ReplayId = z.infer<typeof replayIdSchema>
/** Leadpush event ids are lower-case ULIDs, the others' UUIDs. */
export const eventIdSchema = z
  .string()
  .regex(/^[0-9a-z][0-9a-z-]{0,63}$/, 'must be an event id')
  .brand<'EventId'>()
export type EventId = z.infer<typeof eventIdSchema>
/** A leadpush contact's `_id`. */
export const contactIdSchema = z
  .string()
  .regex(/^[A-Za-z0-9_-]{1,100}$/, 'may hold letters, digits, _ and - only (100 at most)')
  .brand<'ContactId'>()
export type ContactId = z.infer<typeof contactIdSchema>

/** An ISO 8601 time in UTC. */
export const instantSchema = z.iso.datetime()

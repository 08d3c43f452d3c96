import { AppError } from '../../../src-shared/errors.ts'
import type { Delivery, DeliveryIn, Origin } from '../../../src-shared/model/delivery.ts'
import type { Destination } from '../../../src-shared/model/destination.ts'
import type { EventView, WebhookEvent } from '../../../src-shared/model/event.ts'
import type {
  DeliveryId,
  DestinationId,
  EventId,
  SubscriptionId,
  WorkspaceId,
} from '../../../src-shared/model/ids.ts'
import type { JsonObject, JsonValue } from '../../../src-shared/model/json.ts'
import type { Subscription } from '../../../src-shared/model/subscription.ts'
import type { Workspace } from '../../../src-shared/model/workspace.ts'
import type { Provider } from '../providers/provider.ts'
import type { PushHub } from '../push.ts'
import type { Change, Store } from '../store.ts'
import { invalidField, type EngineContext } from './context.ts'
import { iso } from '../iso-time.ts'

/** Who gets an event: an enabled subscription that names its type, and an enabled, unpaused destination. */
export interface Match {
  readonly subscription: Subscription
  readonly destination: Destination
}

/** The matching rule. @see providers.md, leadpush: "A delivery is made when …" */
export function matchSubscriptions(
  store: Store,
  workspaceId: WorkspaceId,
  type: string,
  subscribable: boolean,
): Match[] {
  if (!subscribable) return []
  const matches: Match[] = []
  for (const subscription of store.subscriptions.list()) {
    if (!subscription.enabled || subscription.workspace_id !== workspaceId) continue
    if (!subscription.event_types.includes(type) && !subscription.event_types.includes('*')) continue
    const destination = store.destinations.get(subscription.destination_id)
    if (destination === undefined || !destination.enabled) continue
    if (store.destinationHealth(destination.id).paused !== null) continue
    matches.push({ subscription, destination })
  }
  return matches
}

/** @throws AppError `invalid_input` for a type that the provider doesn't know */
export function checkEventType(provider: Provider, type: string, anyEvent: boolean): void {
  if (!provider.sends)
    throw invalidField('provider', `${provider.name} is for verifying only; it has no events to send.`)
  if (anyEvent || provider.openCatalogue || provider.events.some((event) => event.type === type)) return
  throw invalidField(
    'type',
    `${provider.name} has no event "${type}". \`hookbench events --provider ${provider.id}\` lists them; --any-event sends it all the same.`,
  )
}

/** Whether subscriptions may name this type: everything but what is only ever sent by hand. */
export function isSubscribable(provider: Provider, type: string): boolean {
  return provider.events.find((event) => event.type === type)?.subscribable ?? true
}

/** `data` over `sample`, object by object; arrays and other values are replaced. */
export function mergeJson(sample: JsonObject, data: JsonObject): JsonObject {
  const merged: JsonObject = { ...sample }
  for (const [key, value] of Object.entries(data)) {
    const before = Object.hasOwn(merged, key) ? merged[key] : undefined
    const after = isObject(before) && isObject(value) ? mergeJson(before, value) : value
    if (key === '__proto__') {
      // Assigned, it would become the prototype.
      Object.defineProperty(merged, key, {
        value: after,
        enumerable: true,
        writable: true,
        configurable: true,
      })
    } else {
      merged[key] = after
    }
  }
  return merged
}

function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

const encoder = new TextEncoder()

/** JSON this deep is a mistake or an attack; recursive readers of it, ours and receivers', run out of stack. */
const deepestJson = 200

/** @throws AppError `invalid_input` for JSON that is nested too deeply */
export function checkDepth(path: string, value: JsonValue | undefined): void {
  if (value !== undefined && isDeeperThan(deepestJson, value)) {
    throw invalidField(path, `is nested more than ${deepestJson} levels deep`)
  }
}

/** Recursive itself, but no further than it may be. */
function isDeeperThan(levels: number, value: JsonValue): boolean {
  if (levels < 0) return true
  if (typeof value !== 'object' || value === null) return false
  return Object.values(value).some((item) => isDeeperThan(levels - 1, item))
}

type PayloadOf = (envelope: {
  eventId: string
  type: string
  occurredAt: number
  workspace: { uuid: string; name: string }
}) => JsonObject

/** A new event with its payload: the given one, or a sample with `data` merged over it. */
export function makeEvent(
  ...made: [
    context: Pick<EngineContext, 'clock' | 'random' | 'ids'>,
    provider: Provider,
    workspace: Workspace,
    type: string,
    payloadOf: PayloadOf,
  ]
): WebhookEvent {
  return composeEvent(...made).event
}

/** The same with the payload as a value, which need not be parsed again. */
export function composeEvent(
  context: Pick<EngineContext, 'clock' | 'random' | 'ids'>,
  provider: Provider,
  workspace: Workspace,
  type: string,
  payloadOf: PayloadOf,
): { readonly event: WebhookEvent; readonly payload: JsonObject } {
  const occurredAt = context.clock.now()
  const id = (provider.eventIdKind === 'ulid' ? context.ids.ulid() : context.ids.uuid()) as EventId
  const payload = payloadOf({
    eventId: id,
    type,
    occurredAt,
    workspace: { uuid: workspace.id, name: workspace.name },
  })
  const bytes = encoder.encode(JSON.stringify(payload))
  return { payload, event: { id, workspaceId: workspace.id, type, occurredAt, payload: bytes } }
}

/** The payload of a composed event: `data` over the provider's sample. */
export function composedPayload(
  context: Pick<EngineContext, 'random'>,
  provider: Provider,
  data: JsonObject | undefined,
): PayloadOf {
  return (envelope) => {
    const sample = provider.sample(envelope.type, { ...envelope, random: context.random })
    return data === undefined ? sample : mergeJson(sample, data)
  }
}

export interface DeliveryTarget {
  readonly destination: Destination
  readonly subscriptionId: SubscriptionId | null
  readonly origin: Origin
}

function makeDelivery(
  context: EngineContext,
  event: WebhookEvent,
  target: DeliveryTarget,
): DeliveryIn<'pending'> {
  const id = context.ids.uuid() as DeliveryId
  const now = context.clock.now()
  return {
    id,
    eventId: event.id,
    eventType: event.type,
    workspaceId: event.workspaceId,
    destinationId: target.destination.id,
    destinationName: target.destination.name,
    subscriptionId: target.subscriptionId,
    origin: target.origin,
    source: null,
    replayId: null,
    notBefore: null,
    providerDeliveryId: id,
    createdAt: now,
    updatedAt: now,
    attemptCount: 0,
    policyAttempts: 0,
    responseStatus: null,
    durationMs: null,
    lastFailure: null,
    status: 'pending',
  }
}

/** What was accepted: on disk when this is returned. */
export interface Accepted {
  readonly event: WebhookEvent
  readonly deliveries: readonly Delivery[]
}

/**
 * Writes an event with its deliveries in one transaction and queues them.
 * @param more changes that belong to the same transaction: the contact that the event is about, or what the answer needs
 */
export async function acceptEvent(
  context: EngineContext,
  event: WebhookEvent,
  targets: readonly DeliveryTarget[],
  more: (accepted: Accepted) => readonly Change[] = () => [],
): Promise<Accepted> {
  const deliveries = targets.map((target) => makeDelivery(context, event, target))
  const changes: Change[] = [...more({ event, deliveries }), { kind: 'event.insert', event }]
  for (const delivery of deliveries) changes.push({ kind: 'delivery.insert', delivery })
  await context.store.commit(changes, (durable) => {
    // Chained before the deliveries are claimed: it is told first that they are there.
    durable.then(() => announce(context.push, event, deliveries), refused)
    // Queued as soon as the rows can be read, so that claims made now share the fsync; they wait for it before sending.
    context.dispatcher.accepted(deliveries, event)
  })
  return { event, deliveries }
}

function announce(push: PushHub, event: WebhookEvent, deliveries: readonly Delivery[]): void {
  const { id, workspaceId, type, occurredAt } = event
  push.publish({ kind: 'event', event: { id, workspaceId, type, occurredAt } })
  for (const delivery of deliveries) push.publish({ kind: 'delivery', delivery })
}

function refused(): void {
  // Whoever commits is told.
}

export function targetsOf(matches: readonly Match[], origin: Origin): DeliveryTarget[] {
  return matches.map(({ subscription, destination }) => ({
    destination,
    subscriptionId: subscription.id,
    origin,
  }))
}

const decoder = new TextDecoder()

/** @param payload the event's, when it is at hand as a value */
export function eventView(event: WebhookEvent, payload = parsedPayload(event)): EventView {
  return {
    id: event.id,
    workspace_id: event.workspaceId,
    type: event.type,
    occurred_at: iso(event.occurredAt),
    payload,
  }
}

function parsedPayload(event: WebhookEvent): JsonObject {
  return JSON.parse(decoder.decode(event.payload)) as JsonObject
}

export function deliveryReferences(accepted: Accepted): { id: DeliveryId; destination_id: DestinationId }[] {
  const references: { id: DeliveryId; destination_id: DestinationId }[] = []
  for (const { id, destinationId } of accepted.deliveries)
    if (destinationId !== null) references.push({ id, destination_id: destinationId })
  return references
}

/** @throws AppError `conflict` when a pending test can't reach anybody */
export function requireSendable(store: Store, destination: Destination): void {
  if (!destination.enabled) {
    throw new AppError('conflict', {
      message: `Destination ${destination.name} is disabled; enable it to send a test.`,
    })
  }
  if (store.destinationHealth(destination.id).paused !== null) {
    throw new AppError('conflict', {
      message: `Destination ${destination.name} is paused; resume it to send a test.`,
    })
  }
}

import type { OperationInput } from '../../src-shared/api/contract.ts'
import type { DestinationId, SubscriptionId, WorkspaceId } from '../../src-shared/model/ids.ts'
import type { Delivery, DeliveryStatus } from '../../src-shared/model/delivery.ts'
import type { TestHost } from './test-host.ts'

type DestinationInput = OperationInput<'destinations.create'>

export interface Setup {
  readonly workspaceId: WorkspaceId
  readonly destinationId: DestinationId
  readonly subscriptionId: SubscriptionId
  /** The signing secret, '' where there is none. */
  readonly secret: string
}

/** A workspace with a destination that is subscribed to everything. */
export async function setUp(
  { call }: TestHost,
  provider: string,
  destination: Partial<DestinationInput> & Pick<DestinationInput, 'url_template'>,
): Promise<Setup> {
  const workspace = await call('workspaces.create', { name: `${provider} workspace`, provider })
  return { workspaceId: workspace.id, ...(await addDestination({ call }, workspace.id, destination)) }
}

/** One more destination, subscribed to everything. */
export async function addDestination(
  { call }: Pick<TestHost, 'call'>,
  workspaceId: WorkspaceId,
  destination: Partial<DestinationInput> & Pick<DestinationInput, 'url_template'>,
): Promise<Omit<Setup, 'workspaceId'>> {
  const made = await call('destinations.create', {
    name: 'Receiver',
    ...destination,
    workspace_id: workspaceId,
  })
  const subscription = await call('subscriptions.create', { destination_id: made.id, event_types: ['*'] })
  return { destinationId: made.id, subscriptionId: subscription.id, secret: made.secret ?? '' }
}

/** Raises an event and gives the id of its only delivery. */
export async function raiseOne(
  { call }: Pick<TestHost, 'call'>,
  input: OperationInput<'events.raise'>,
): Promise<Delivery['id']> {
  const { deliveries } = await call('events.raise', input)
  const [delivery, ...more] = deliveries
  if (delivery === undefined || more.length > 0)
    throw new Error(`made ${deliveries.length} deliveries, not 1`)
  return delivery.id
}

/** A delivery in some state, for what is pure. */
export function deliveryIn(status: DeliveryStatus, changes: Partial<Delivery> = {}): Delivery {
  const failure = { code: 'http_500', message: 'The receiver answered 500.' }
  const byStatus = {
    pending: {},
    processing: {},
    retrying: { nextAttemptAt: 2000, lastFailure: failure, responseStatus: 500 },
    succeeded: { responseStatus: 200 },
    failed: { reason: failure, lastFailure: failure, responseStatus: 500 },
  }
  return {
    id: '01890000-0000-7000-8000-000000000001',
    eventId: 'event',
    eventType: 'contact.created',
    workspaceId: '01890000-0000-7000-8000-000000000002',
    destinationId: '01890000-0000-7000-8000-000000000003',
    destinationName: 'Receiver',
    subscriptionId: null,
    origin: 'event',
    source: null,
    replayId: null,
    notBefore: null,
    providerDeliveryId: '01890000-0000-7000-8000-000000000001',
    createdAt: 1000,
    updatedAt: 1000,
    attemptCount: 2,
    policyAttempts: 2,
    responseStatus: null,
    durationMs: null,
    lastFailure: null,
    ...byStatus[status],
    status,
    ...changes,
  } as Delivery
}

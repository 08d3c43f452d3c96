import { AppError } from '../../../src-shared/errors.ts'
import type { Destination } from '../../../src-shared/model/destination.ts'
import type { Endpoint } from '../../../src-shared/model/endpoint.ts'
import type { DestinationId, EndpointId, SubscriptionId, WorkspaceId } from '../../../src-shared/model/ids.ts'
import type { Subscription } from '../../../src-shared/model/subscription.ts'
import type { Workspace } from '../../../src-shared/model/workspace.ts'
import { requireProvider } from '../providers/index.ts'
import type { Provider } from '../providers/provider.ts'
import type { Store } from '../store.ts'

export function requireWorkspace(store: Store, id: WorkspaceId): Workspace {
  const workspace = store.workspaces.get(id)
  if (workspace === undefined) throw new AppError('workspace_not_found', { id })
  return workspace
}

export function requireDestination(store: Store, id: DestinationId): Destination {
  const destination = store.destinations.get(id)
  if (destination === undefined) throw new AppError('destination_not_found', { id })
  return destination
}

export function requireSubscription(store: Store, id: SubscriptionId): Subscription {
  const subscription = store.subscriptions.get(id)
  if (subscription === undefined) throw new AppError('subscription_not_found', { id })
  return subscription
}

export function requireEndpoint(store: Store, id: EndpointId): Endpoint {
  const endpoint = store.endpoints.get(id)
  if (endpoint === undefined) throw new AppError('endpoint_not_found', { id })
  return endpoint
}

export function providerOfWorkspace(store: Store, id: WorkspaceId): Provider {
  return requireProvider(requireWorkspace(store, id).provider)
}

import type { Handlers } from '../../../src-shared/api/contract.ts'
import type { SubscriptionId } from '../../../src-shared/model/ids.ts'
import type { Subscription } from '../../../src-shared/model/subscription.ts'
import type { Provider } from '../providers/provider.ts'
import { given, invalidField, onePage, type EngineContext } from './context.ts'
import { providerOfWorkspace, requireDestination, requireSubscription } from './lookup.ts'
import { isSubscribable } from './raise-event.ts'

type SubscriptionHandlers = Pick<
  Handlers,
  | 'subscriptions.list'
  | 'subscriptions.create'
  | 'subscriptions.get'
  | 'subscriptions.change'
  | 'subscriptions.delete'
>

export function checkEventTypes(provider: Provider, types: readonly string[]): void {
  types.forEach((type, index) => {
    if (type === '*') return
    const path = `event_types.${index}`
    if (!isSubscribable(provider, type))
      throw invalidField(path, `${type} is only ever sent by hand; it can't be subscribed to`)
    if (!provider.openCatalogue && !provider.events.some((event) => event.type === type)) {
      throw invalidField(
        path,
        `${provider.name} has no event "${type}"; \`hookbench events --provider ${provider.id}\` lists them`,
      )
    }
  })
}

export function subscriptionHandlers(context: EngineContext): SubscriptionHandlers {
  const { store, ids } = context
  return {
    'subscriptions.list': async ({ workspace, destination }) =>
      onePage(
        store.subscriptions
          .list()
          .filter((s) => workspace === undefined || s.workspace_id === workspace)
          .filter((s) => destination === undefined || s.destination_id === destination),
      ),
    'subscriptions.get': async ({ id }) => requireSubscription(store, id),
    'subscriptions.create': async ({ workspace_id: workspaceId, destination_id: destinationId, ...rest }) => {
      const { name, enabled, event_types: types } = rest
      const destination = requireDestination(store, destinationId)
      if (workspaceId !== undefined && workspaceId !== destination.workspace_id)
        throw invalidField('workspace_id', 'must be the workspace of the destination, or be left out')
      checkEventTypes(providerOfWorkspace(store, destination.workspace_id), types)
      const subscription: Subscription = {
        id: ids.uuid() as SubscriptionId,
        workspace_id: destination.workspace_id,
        destination_id: destinationId,
        name: name ?? destination.name,
        enabled,
        event_types: [...new Set(types)],
      }
      await store.commit([{ kind: 'subscription.put', subscription }])
      return subscription
    },
    'subscriptions.change': async ({ id, ...change }) => {
      const before = requireSubscription(store, id)
      const subscription: Subscription = { ...before, ...given(change) }
      checkEventTypes(providerOfWorkspace(store, before.workspace_id), subscription.event_types)
      await store.commit([{ kind: 'subscription.put', subscription }])
      return subscription
    },
    'subscriptions.delete': async ({ id }) => {
      requireSubscription(store, id)
      await store.commit([{ kind: 'subscription.delete', id }])
      return {}
    },
  }
}

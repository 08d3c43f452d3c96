import type { Handlers } from '../../../src-shared/api/contract.ts'
import type { Destination } from '../../../src-shared/model/destination.ts'
import type { WorkspaceId } from '../../../src-shared/model/ids.ts'
import type { Workspace } from '../../../src-shared/model/workspace.ts'
import { requireProvider } from '../providers/index.ts'
import type { Provider } from '../providers/provider.ts'
import type { Change } from '../store.ts'
import { invalidField, onePage, type EngineContext } from './context.ts'
import { removalOf } from './destinations.ts'
import { requireWorkspace } from './lookup.ts'

type WorkspaceHandlers = Pick<
  Handlers,
  'workspaces.list' | 'workspaces.create' | 'workspaces.get' | 'workspaces.change' | 'workspaces.delete'
>

export function workspaceHandlers(context: EngineContext): WorkspaceHandlers {
  const { store, ids } = context
  return {
    'workspaces.list': async () => onePage(store.workspaces.list()),
    'workspaces.get': async ({ id }) => requireWorkspace(store, id),
    'workspaces.create': async ({ name, provider: providerId }) => {
      const provider = requireSendingProvider(providerId)
      const workspace: Workspace = { id: ids.uuid() as WorkspaceId, name, provider: provider.id }
      await store.commit([{ kind: 'workspace.put', workspace }])
      return workspace
    },
    'workspaces.change': async ({ id, name }) => {
      const workspace = { ...requireWorkspace(store, id), name }
      await store.commit([{ kind: 'workspace.put', workspace }])
      return workspace
    },
    'workspaces.delete': async ({ id }) => {
      requireWorkspace(store, id)
      await deleteWorkspace(context, id)
      return {}
    },
  }
}

/** The provider of a new workspace. @throws AppError `provider_not_found`, `invalid_input` */
export function requireSendingProvider(id: string): Provider {
  const provider = requireProvider(id)
  if (!provider.sends)
    throw invalidField('provider', `${provider.name} is for verifying only; it can't have a workspace`)
  return provider
}

/** Everything that is set up in a workspace goes with it; what waits there ends as failed. */
async function deleteWorkspace(context: EngineContext, id: WorkspaceId): Promise<void> {
  const { store, dispatcher, push } = context
  const destinations = (): Destination[] => store.destinations.list().filter((d) => d.workspace_id === id)
  const reason = { code: 'destination_deleted', message: 'destination deleted (its workspace was deleted)' }
  const waitingFor = destinations().map((destination) => destination.id)
  let removed: readonly Destination[] = []
  await dispatcher.deleting(waitingFor, reason, (ended) => {
    // Read again: what was made while the waiting deliveries were looked up goes too.
    removed = destinations()
    return store.commit([...ended, ...removalOfWorkspace(context, id, removed)])
  })
  for (const { id: destinationId } of removed)
    push.publish({ kind: 'destination', destinationId, change: 'changed' })
}

function removalOfWorkspace(
  context: EngineContext,
  id: WorkspaceId,
  destinations: readonly Destination[],
): Change[] {
  const { store } = context
  const changes = destinations.flatMap((destination) => removalOf(context, destination))
  const put = new Map(
    changes.flatMap((change) =>
      change.kind === 'endpoint.put' ? [[change.endpoint.id, change.endpoint]] : [],
    ),
  )
  for (const endpoint of store.endpoints.list().filter((e) => e.workspace_id === id)) {
    const kept = put.get(endpoint.id) ?? endpoint
    // Its scheme may have been known by the workspace alone.
    const provider = kept.provider ?? requireWorkspace(store, id).provider
    changes.push({ kind: 'endpoint.put', endpoint: { ...kept, workspace_id: null, provider } })
  }
  return [...changes, { kind: 'workspace.delete', id }]
}

import type { Handlers } from '../../../src-shared/api/contract.ts'
import type { WorkspaceId } from '../../../src-shared/model/ids.ts'
import type { Workspace } from '../../../src-shared/model/workspace.ts'
import { requireProvider } from '../providers/index.ts'
import type { Change } from '../store.ts'
import { invalidField, onePage, type EngineContext } from './context.ts'
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
      const provider = requireProvider(providerId)
      if (!provider.sends) throw invalidField('provider', `${provider.name} is for verifying only; it can't have a workspace`)
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
      await store.commit(await deletionOf(context, id))
      return {}
    },
  }
}

/** Everything that is set up in a workspace goes with it; what waits there ends as failed. */
async function deletionOf(context: EngineContext, id: WorkspaceId): Promise<Change[]> {
  const { store, dispatcher } = context
  const changes: Change[] = []
  for (const destination of store.destinations.list().filter((d) => d.workspace_id === id)) {
    const reason = { code: 'destination_deleted', message: 'destination deleted (its workspace was deleted)' }
    changes.push(...(await dispatcher.abandonAll(destination.id, reason)))
    changes.push({ kind: 'destination.delete', id: destination.id })
  }
  for (const subscription of store.subscriptions.list().filter((s) => s.workspace_id === id)) {
    changes.push({ kind: 'subscription.delete', id: subscription.id })
  }
  for (const endpoint of store.endpoints.list().filter((e) => e.workspace_id === id)) {
    changes.push({ kind: 'endpoint.put', endpoint: { ...endpoint, workspace_id: null, destination_id: null } })
  }
  changes.push({ kind: 'workspace.delete', id })
  return changes
}

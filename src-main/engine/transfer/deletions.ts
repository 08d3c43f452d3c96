import type { ConfigFile } from '../../../src-shared/model/config-file.ts'
import type { Destination } from '../../../src-shared/model/destination.ts'
import { inboxSlug, type Endpoint } from '../../../src-shared/model/endpoint.ts'
import type { OwnScheme } from '../../../src-shared/model/own-scheme.ts'
import type { Subscription } from '../../../src-shared/model/subscription.ts'
import type { Workspace } from '../../../src-shared/model/workspace.ts'
import type { EngineContext } from '../use-cases/context.ts'
import { unfollowed } from '../use-cases/destinations.ts'
import type { Catalogue } from './config-tree.ts'
import type { MergedWorkspace, Pair } from './merge-workspaces.ts'

/** What the pruning takes. */
export interface Deleted {
  readonly workspaces: readonly Workspace[]
  readonly destinations: readonly Destination[]
  readonly subscriptions: readonly Subscription[]
  readonly schemes: readonly OwnScheme[]
  readonly endpoints: readonly Endpoint[]
}

export function without<T>(all: readonly T[], some: readonly (T | undefined)[]): T[] {
  const gone = new Set(some)
  return all.filter((thing) => !gone.has(thing))
}

/** What stands for nothing in the file, of the lists that the file has. The inbox stays whatever it says. */
export function deletedBy(
  file: ConfigFile,
  prune: boolean,
  now: Catalogue,
  matched: {
    readonly schemes: readonly Pair<OwnScheme>[]
    readonly workspaces: readonly MergedWorkspace[]
    readonly endpoints: readonly (Endpoint | undefined)[]
  },
): Deleted {
  const gone = <T extends object>(all: readonly T[], kept: readonly (T | undefined)[], list: unknown): T[] =>
    prune && list !== undefined ? without(all, kept) : []
  const befores = <T>(pairs: readonly Pair<T>[]): (T | undefined)[] => pairs.map(({ before }) => before)
  const workspaces = gone(now.workspaces, befores(matched.workspaces), file.workspaces)
  const destinations = now.destinations.filter((d) => workspaces.some(({ id }) => id === d.workspace_id))
  for (const { after, destinations: own, entry } of matched.workspaces) {
    const there = now.destinations.filter((d) => d.workspace_id === after.id)
    destinations.push(...gone(there, befores(own), entry.destinations))
  }
  const subscriptions = now.subscriptions.filter((s) =>
    destinations.some(({ id }) => id === s.destination_id),
  )
  for (const { after, subscriptions: own, entry } of matched.workspaces.flatMap((w) => w.destinations)) {
    const there = now.subscriptions.filter((s) => s.destination_id === after.id)
    subscriptions.push(...gone(there, befores(own), entry.subscriptions))
  }
  return {
    workspaces,
    destinations,
    subscriptions,
    schemes: gone(now.schemes, befores(matched.schemes), file.schemes),
    endpoints: gone(now.endpoints, matched.endpoints, file.endpoints).filter(
      ({ slug }) => slug !== inboxSlug,
    ),
  }
}

/** An endpoint as the deletions leave it: it keeps scheme and secrets of what it followed. */
export function withoutDeleted(context: EngineContext, endpoint: Endpoint, deleted: Deleted): Endpoint {
  const destination = deleted.destinations.find(({ id }) => id === endpoint.destination_id)
  const own = destination === undefined ? endpoint : unfollowed(context, endpoint, destination)
  const workspace = deleted.workspaces.find(({ id }) => id === own.workspace_id)
  if (workspace === undefined) return own
  return { ...own, workspace_id: null, provider: own.provider ?? workspace.provider }
}

import type {
  DestinationEntry,
  SubscriptionEntry,
  WorkspaceEntry,
} from '../../../src-shared/model/config-file.ts'
import type { Destination } from '../../../src-shared/model/destination.ts'
import type { SubscriptionId, WorkspaceId } from '../../../src-shared/model/ids.ts'
import type { Subscription } from '../../../src-shared/model/subscription.ts'
import type { Workspace } from '../../../src-shared/model/workspace.ts'
import { findProvider } from '../providers/index.ts'
import type { Provider } from '../providers/provider.ts'
import { checkEventTypes } from '../use-cases/subscriptions.ts'
import { requireSendingProvider } from '../use-cases/workspaces.ts'
import type { Catalogue } from './config-tree.ts'
import { matched } from './matching.ts'
import { mergedDestination, type MergePlace } from './merge-destination.ts'

/** Something as it is, if it is there, and as the file wants it. */
export interface Pair<T> {
  readonly before: T | undefined
  readonly after: T
}

/** A workspace of the file beside what it is now, if it is there. */
export interface MergedWorkspace extends Pair<Workspace> {
  readonly entry: WorkspaceEntry
  readonly destinations: readonly MergedDestination[]
}

export interface MergedDestination extends Pair<Destination> {
  readonly entry: DestinationEntry
  readonly subscriptions: readonly Pair<Subscription>[]
}

/** The workspaces of a file with all that is in them; their problems are noted. */
export function mergedWorkspaces(
  place: MergePlace,
  entries: readonly WorkspaceEntry[],
  now: Catalogue,
): MergedWorkspace[] {
  const found = matched(entries, {
    keyOf: ({ name, provider }) => JSON.stringify([name, provider]),
    namesakes: ({ name, provider }) =>
      now.workspaces.filter((other) => other.name === name && other.provider === provider),
    path: ['workspaces'],
    problems: place.problems,
  })
  return entries.map((entry, index) => {
    const before = found[index]
    const path = ['workspaces', index]
    if (before === undefined) place.problems.within(path, () => requireSendingProvider(entry.provider))
    const provider = findProvider(entry.provider)
    const after: Workspace = before ?? {
      id: place.context.ids.uuid() as WorkspaceId,
      name: entry.name,
      provider: entry.provider,
    }
    const destinations =
      provider?.sends === true
        ? mergedDestinations({ ...place, path: [...path, 'destinations'] }, entry, after, provider, now)
        : []
    return { entry, before, after, destinations }
  })
}

function mergedDestinations(
  place: MergePlace,
  { destinations: entries = [] }: WorkspaceEntry,
  workspace: Workspace,
  provider: Provider,
  now: Catalogue,
): MergedDestination[] {
  const there = now.destinations.filter((destination) => destination.workspace_id === workspace.id)
  const found = matched(entries, {
    keyOf: ({ name }) => name,
    namesakes: ({ name }) => there.filter((destination) => destination.name === name),
    path: place.path,
    problems: place.problems,
  })
  return entries.map((entry, index) => {
    const before = found[index]
    const here = { ...place, path: [...place.path, index] }
    const after = mergedDestination(here, entry, before, { workspaceId: workspace.id, provider })
    const below = { ...place, path: [...here.path, 'subscriptions'] }
    return {
      entry,
      before,
      after,
      subscriptions: mergedSubscriptions(below, entry.subscriptions ?? [], after, provider, now),
    }
  })
}

function mergedSubscriptions(
  place: MergePlace,
  entries: readonly SubscriptionEntry[],
  destination: Destination,
  provider: Provider,
  now: Catalogue,
): Pair<Subscription>[] {
  const there = now.subscriptions.filter((other) => other.destination_id === destination.id)
  const found = matched(entries, {
    keyOf: ({ name }) => name,
    namesakes: ({ name }) => there.filter((other) => other.name === name),
    path: place.path,
    problems: place.problems,
  })
  return entries.map((entry, index) => {
    const before = found[index]
    place.problems.within([...place.path, index], () => checkEventTypes(provider, entry.event_types))
    const after: Subscription = {
      id: before?.id ?? (place.context.ids.uuid() as SubscriptionId),
      workspace_id: destination.workspace_id,
      destination_id: destination.id,
      name: entry.name,
      enabled: entry.enabled ?? before?.enabled ?? true,
      event_types: [...new Set(entry.event_types)],
    }
    return { before, after }
  })
}

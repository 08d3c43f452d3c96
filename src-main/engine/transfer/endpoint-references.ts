import type { ConfigReference, EndpointEntry } from '../../../src-shared/model/config-file.ts'
import type { Destination } from '../../../src-shared/model/destination.ts'
import type { OwnScheme } from '../../../src-shared/model/own-scheme.ts'
import type { Workspace } from '../../../src-shared/model/workspace.ts'
import type { Catalogue } from './config-tree.ts'
import { without, type Deleted } from './deletions.ts'
import type { Path } from './located.ts'
import type { EndpointReferences } from './merge-endpoint.ts'
import type { MergedWorkspace, Pair } from './merge-workspaces.ts'
import type { Problems } from './read-config.ts'

/** Where the names that an endpoint's entry refers to are looked for. */
export interface ReferenceTargets {
  readonly schemes: readonly Pair<OwnScheme>[]
  readonly workspaces: readonly MergedWorkspace[]
  readonly deleted: Deleted
  readonly now: Catalogue
  readonly problems: Problems
}

/** The ids of what an endpoint's entry names; a name that nothing has is a problem. */
export function referencesOfEndpoint(
  { workspace, scheme, destination }: EndpointEntry,
  path: Path,
  targets: ReferenceTargets,
): EndpointReferences {
  const { schemes, deleted, now } = targets
  const schemeOf = (reference: ConfigReference): OwnScheme | undefined =>
    find(
      targets,
      'scheme',
      [...path, 'scheme'],
      reference,
      aftersOf(schemes),
      without(now.schemes, deleted.schemes),
    )
  return {
    workspace_id: unlessNull(workspace, (it) => workspaceOf(targets, it, [...path, 'workspace'])?.id),
    scheme_id: unlessNull(scheme, (it) => schemeOf(it)?.id),
    destination_id: unlessNull(destination, (it) => destinationOf(targets, it, [...path, 'destination'])?.id),
  }
}

function unlessNull<T, R>(
  value: T | null | undefined,
  use: (value: T) => R | undefined,
): R | null | undefined {
  return value === null || value === undefined ? (value as null | undefined) : use(value)
}

function aftersOf<T>(pairs: readonly Pair<T>[]): T[] {
  return pairs.map(({ after }) => after)
}

function workspaceOf(
  targets: ReferenceTargets,
  reference: ConfigReference,
  path: Path,
): Workspace | undefined {
  const { workspaces, deleted, now } = targets
  const there = without(now.workspaces, deleted.workspaces)
  return find(targets, 'workspace', path, reference, aftersOf(workspaces), there)
}

function destinationOf(
  targets: ReferenceTargets,
  { workspace: wanted, name, number = 1 }: NonNullable<EndpointEntry['destination']>,
  path: Path,
): Destination | undefined {
  const workspace = workspaceOf(targets, wanted, [...path, 'workspace'])
  if (workspace === undefined) return undefined
  const inFile = targets.workspaces.find(({ after }) => after.id === workspace.id)?.destinations ?? []
  const there = without(targets.now.destinations, targets.deleted.destinations)
  const inStore = there.filter((destination) => destination.workspace_id === workspace.id)
  return find(targets, 'destination', path, { name, number }, aftersOf(inFile), inStore)
}

/** The n-th of the file or, when the file has none of this name, of what there is. */
function find<T extends { readonly name: string }>(
  { problems }: ReferenceTargets,
  kind: string,
  path: Path,
  reference: ConfigReference,
  inFile: readonly T[],
  inStore: readonly T[],
): T | undefined {
  const { name, number } = typeof reference === 'string' ? { name: reference, number: 1 } : reference
  const own = inFile.filter((thing) => thing.name === name)
  const thing = (own.length > 0 ? own : inStore.filter((other) => other.name === name))[number - 1]
  if (thing === undefined) problems.add(path, `there is no such ${kind}, in the file or here`)
  return thing
}

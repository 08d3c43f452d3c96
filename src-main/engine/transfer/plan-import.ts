import type { PlanEntry } from '../../../src-shared/api/contract/transfer.ts'
import type { Destination } from '../../../src-shared/model/destination.ts'
import type { Endpoint } from '../../../src-shared/model/endpoint.ts'
import type { EndpointId, SchemeId } from '../../../src-shared/model/ids.ts'
import type { OwnScheme } from '../../../src-shared/model/own-scheme.ts'
import { settingsSchema } from '../../../src-shared/model/settings.ts'
import type { Workspace } from '../../../src-shared/model/workspace.ts'
import type { Change } from '../store.ts'
import { given, type EngineContext } from '../use-cases/context.ts'
import { checkScheme } from '../use-cases/schemes.ts'
import {
  catalogueOf,
  destinationTree,
  endpointTree,
  schemeTree,
  subscriptionTree,
  type Catalogue,
} from './config-tree.ts'
import { deletedBy, withoutDeleted, type Deleted } from './deletions.ts'
import { differencesOf } from './differences.ts'
import { referencesOfEndpoint, type ReferenceTargets } from './endpoint-references.ts'
import { matched } from './matching.ts'
import { mergedEndpoint } from './merge-endpoint.ts'
import type { MergePlace } from './merge-destination.ts'
import {
  mergedWorkspaces,
  type MergedDestination,
  type MergedWorkspace,
  type Pair,
} from './merge-workspaces.ts'
import type { ReadConfig } from './read-config.ts'
import type { SecretValues } from './secret-values.ts'

/** What an import does, decided but not done. */
export interface ImportDraft {
  readonly plan: readonly PlanEntry[]
  /** One transaction. */
  readonly changes: readonly Change[]
  readonly deletedDestinations: readonly Destination[]
  /** As they will be: their captures may get another verdict. */
  readonly endpoints: readonly Endpoint[]
}

/**
 * Compares a file with what there is. Synchronous: nothing can change between this and the commit that follows it.
 * @throws AppError `invalid_input` with lines and paths, `secrets_missing`
 */
export function planImport(
  context: EngineContext,
  read: ReadConfig,
  values: SecretValues,
  { prune }: { readonly prune: boolean },
): ImportDraft {
  return new ImportPlanner(context, read, values, prune).draft()
}

class ImportPlanner {
  readonly #context: EngineContext
  readonly #read: ReadConfig
  readonly #values: SecretValues
  readonly #prune: boolean
  readonly #now: Catalogue
  readonly #plan: PlanEntry[] = []
  readonly #changes: Change[] = []

  constructor(context: EngineContext, read: ReadConfig, values: SecretValues, prune: boolean) {
    this.#context = context
    this.#read = read
    this.#values = values
    this.#prune = prune
    this.#now = catalogueOf(context.store)
  }

  draft(): ImportDraft {
    const { problems } = this.#read
    const schemes = this.#schemes()
    const workspaces = mergedWorkspaces(this.#place([]), this.#read.file.workspaces ?? [], this.#now)
    const matchedEndpoints = this.#matchedEndpoints()
    const deleted = deletedBy(this.#read.file, this.#prune, this.#now, {
      schemes,
      workspaces,
      endpoints: matchedEndpoints,
    })
    const bases = new Map(
      this.#now.endpoints.map((endpoint) => [endpoint.id, withoutDeleted(this.#context, endpoint, deleted)]),
    )
    const endpoints = this.#endpoints(matchedEndpoints, bases, { schemes, workspaces, deleted })
    problems.refuse()
    this.#values.refuseMissing()
    this.#settings()
    for (const { before, after } of schemes) this.#putScheme(before, after)
    for (const workspace of workspaces) this.#putWorkspace(workspace)
    const all = this.#afterwards(schemes, workspaces)
    for (const { before, after } of endpoints) this.#putEndpoint(before, after, all)
    this.#putDeletions(deleted)
    return {
      plan: this.#plan,
      changes: this.#changes,
      deletedDestinations: deleted.destinations,
      endpoints: endpoints.map(({ after }) => after),
    }
  }

  #place(path: MergePlace['path']): MergePlace {
    return { context: this.#context, values: this.#values, problems: this.#read.problems, path }
  }

  #entry(entry: Pick<PlanEntry, 'action' | 'kind' | 'name'> & Partial<PlanEntry>): void {
    this.#plan.push({ workspace: null, destination: null, changes: [], waiting_deliveries: 0, ...entry })
  }

  #compared(
    what: Pick<PlanEntry, 'kind' | 'name'> & Partial<PlanEntry>,
    isNew: boolean,
    changes: PlanEntry['changes'],
    change: Change,
  ): void {
    const action = isNew ? 'create' : changes.length > 0 ? 'change' : 'unchanged'
    this.#entry({ ...what, action, changes: isNew ? [] : changes })
    if (action !== 'unchanged') this.#changes.push(change)
  }

  #settings(): void {
    const { settings: wanted } = this.#read.file
    if (wanted === undefined) return
    const before = settingsSchema.parse(this.#context.store.settings())
    const settings = { ...before, ...given(wanted) }
    this.#compared({ kind: 'settings', name: 'settings' }, false, differencesOf(before, settings), {
      kind: 'settings.put',
      settings,
    })
  }

  #schemes(): Pair<OwnScheme>[] {
    const entries = this.#read.file.schemes ?? []
    const found = matched(entries, {
      keyOf: ({ name }) => name,
      namesakes: ({ name }) => this.#now.schemes.filter((scheme) => scheme.name === name),
      path: ['schemes'],
      problems: this.#read.problems,
    })
    return entries.map(({ name, scheme }, index) => {
      const before = found[index]
      this.#read.problems.within(['schemes', index], () => checkScheme(scheme))
      return { before, after: { id: before?.id ?? (this.#context.ids.uuid() as SchemeId), name, scheme } }
    })
  }

  #putScheme(before: OwnScheme | undefined, after: OwnScheme): void {
    const changes = before === undefined ? [] : differencesOf(schemeTree(before), schemeTree(after))
    this.#compared({ kind: 'scheme', name: after.name }, before === undefined, changes, {
      kind: 'scheme.put',
      scheme: after,
    })
  }

  #putWorkspace({ before, after, destinations }: MergedWorkspace): void {
    this.#compared({ kind: 'workspace', name: after.name }, before === undefined, [], {
      kind: 'workspace.put',
      workspace: after,
    })
    for (const destination of destinations) this.#putDestination(after, destination)
  }

  #putDestination(workspace: Workspace, { before, after, subscriptions }: MergedDestination): void {
    const box = this.#context.secrets
    const changes =
      before === undefined ? [] : differencesOf(destinationTree(box, before), destinationTree(box, after))
    const where = { workspace: workspace.name }
    this.#compared({ kind: 'destination', name: after.name, ...where }, before === undefined, changes, {
      kind: 'destination.put',
      destination: after,
    })
    for (const { before: old, after: subscription } of subscriptions) {
      const differences =
        old === undefined ? [] : differencesOf(subscriptionTree(old), subscriptionTree(subscription))
      this.#compared(
        { kind: 'subscription', name: subscription.name, ...where, destination: after.name },
        old === undefined,
        differences,
        { kind: 'subscription.put', subscription },
      )
    }
  }

  #matchedEndpoints(): (Endpoint | undefined)[] {
    return matched(this.#read.file.endpoints ?? [], {
      keyOf: ({ slug }) => slug,
      // The same slug again is the same endpoint again.
      namesakes: ({ slug }) => {
        const found = this.#now.endpoints.find((endpoint) => endpoint.slug === slug)
        return found === undefined ? [] : [found]
      },
      path: ['endpoints'],
      problems: this.#read.problems,
    })
  }

  #endpoints(
    found: readonly (Endpoint | undefined)[],
    bases: ReadonlyMap<EndpointId, Endpoint>,
    made: Pick<ReferenceTargets, 'schemes' | 'workspaces' | 'deleted'>,
  ): Pair<Endpoint>[] {
    const entries = this.#read.file.endpoints ?? []
    const pairs: Pair<Endpoint>[] = entries.map((entry, index) => {
      const before = found[index]
      const path = ['endpoints', index]
      if (entries.findIndex(({ slug }) => slug === entry.slug) < index)
        this.#read.problems.add([...path, 'slug'], 'stands twice')
      const base = before === undefined ? undefined : bases.get(before.id)
      const references = referencesOfEndpoint(entry, path, {
        ...made,
        now: this.#now,
        problems: this.#read.problems,
      })
      return { before, after: mergedEndpoint(this.#place(path), entry, base, references) }
    })
    for (const before of this.#now.endpoints) {
      const isKept = !found.includes(before) && !made.deleted.endpoints.includes(before)
      if (isKept) pairs.push({ before, after: bases.get(before.id) ?? before })
    }
    for (const scheme of made.deleted.schemes) {
      const user = pairs.find(({ after }) => after.scheme_id === scheme.id)?.after
      if (user !== undefined)
        this.#read.problems.add(
          ['schemes'],
          `the endpoint ${user.name} verifies with the scheme ${scheme.name}, which the file does not have`,
        )
    }
    return pairs
  }

  #putEndpoint(before: Endpoint | undefined, after: Endpoint, all: Catalogue): void {
    const box = this.#context.secrets
    const changes =
      before === undefined ? [] : differencesOf(endpointTree(box, before, all), endpointTree(box, after, all))
    // What the file doesn't have and nothing changes needs no line of its own.
    const isMentioned = this.#read.file.endpoints?.some(({ slug }) => slug === after.slug) ?? false
    if (!isMentioned && changes.length === 0) return
    this.#compared({ kind: 'endpoint', name: after.slug }, before === undefined, changes, {
      kind: 'endpoint.put',
      endpoint: after,
    })
  }

  /** Also what goes, so that references of before can be named. */
  #afterwards(schemes: readonly Pair<OwnScheme>[], workspaces: readonly MergedWorkspace[]): Catalogue {
    const news = <T>(pairs: readonly Pair<T>[]): T[] =>
      pairs.flatMap(({ before, after }) => (before === undefined ? [after] : []))
    return {
      ...this.#now,
      schemes: [...this.#now.schemes, ...news(schemes)],
      workspaces: [...this.#now.workspaces, ...news(workspaces)],
      destinations: [
        ...this.#now.destinations,
        ...workspaces.flatMap(({ destinations }) => news(destinations)),
      ],
    }
  }

  #putDeletions(deleted: Deleted): void {
    const nameOf = (id: string, all: readonly { id: string; name: string }[]): string | null =>
      all.find((thing) => thing.id === id)?.name ?? null
    for (const {
      id,
      name,
      workspace_id: workspaceId,
      destination_id: destinationId,
    } of deleted.subscriptions) {
      const destination = nameOf(destinationId, this.#now.destinations)
      this.#entry({
        action: 'delete',
        kind: 'subscription',
        name,
        workspace: nameOf(workspaceId, this.#now.workspaces),
        destination,
      })
      this.#changes.push({ kind: 'subscription.delete', id })
    }
    for (const { id, name, workspace_id: workspaceId } of deleted.destinations) {
      const { waiting } = this.#context.dispatcher.queueLength(id)
      const workspace = nameOf(workspaceId, this.#now.workspaces)
      this.#entry({ action: 'delete', kind: 'destination', name, workspace, waiting_deliveries: waiting })
      this.#changes.push({ kind: 'destination.delete', id })
    }
    for (const { id, name } of deleted.workspaces) {
      this.#entry({ action: 'delete', kind: 'workspace', name })
      this.#changes.push({ kind: 'workspace.delete', id })
    }
    for (const { id, slug } of deleted.endpoints) {
      this.#entry({ action: 'delete', kind: 'endpoint', name: slug })
      this.#changes.push({ kind: 'endpoint.delete', id })
    }
    for (const { id, name } of deleted.schemes) {
      this.#entry({ action: 'delete', kind: 'scheme', name })
      this.#changes.push({ kind: 'scheme.delete', id })
    }
  }
}

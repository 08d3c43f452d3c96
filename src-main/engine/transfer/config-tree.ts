import { configVersion, type ConfigReference } from '../../../src-shared/model/config-file.ts'
import { destinationSettingsSchema, type Destination } from '../../../src-shared/model/destination.ts'
import { endpointSettingsSchema, type Endpoint } from '../../../src-shared/model/endpoint.ts'
import type { DestinationId } from '../../../src-shared/model/ids.ts'
import type { OwnScheme } from '../../../src-shared/model/own-scheme.ts'
import { signatureSchemeSchema } from '../../../src-shared/model/scheme.ts'
import { portableSettingsSchema } from '../../../src-shared/model/settings.ts'
import type { Subscription } from '../../../src-shared/model/subscription.ts'
import type { Workspace } from '../../../src-shared/model/workspace.ts'
import type { SecretBox } from '../ports.ts'
import type { Store } from '../store.ts'
import { Secret } from './secrets.ts'
import { carriesCredentials, isSensitiveHeader, isSensitiveParameter } from './sensitive.ts'

/**
 * What is kept, in the shape of a configuration file: plain data, with a {@link Secret} wherever one stands. Written
 * out it is an export; two of them compared are what an import changes.
 */
export type Tree =
  null | string | number | boolean | Secret | readonly Tree[] | { readonly [key: string]: Tree }
export type TreeObject = Readonly<Record<string, Tree>>

/** The things of a configuration, each list in the order of a file. */
export interface Catalogue {
  readonly workspaces: readonly Workspace[]
  readonly destinations: readonly Destination[]
  readonly subscriptions: readonly Subscription[]
  readonly endpoints: readonly Endpoint[]
  readonly schemes: readonly OwnScheme[]
}

// By code units: the order must not depend on a machine's language. Ids are in the order of making.
function inOrder<T>(things: readonly T[], keysOf: (thing: T) => readonly string[]): T[] {
  return things
    .map((thing) => ({ thing, keys: keysOf(thing) }))
    .sort((a, b) => {
      const at = a.keys.findIndex((key, index) => key !== b.keys[index])
      return at < 0 ? 0 : (a.keys[at] ?? '') < (b.keys[at] ?? '') ? -1 : 1
    })
    .map(({ thing }) => thing)
}

export function catalogueOf(store: Store): Catalogue {
  return {
    workspaces: inOrder(store.workspaces.list(), ({ name, provider, id }) => [name, provider, id]),
    destinations: inOrder(store.destinations.list(), ({ name, id }) => [name, id]),
    subscriptions: inOrder(store.subscriptions.list(), ({ name, id }) => [name, id]),
    endpoints: inOrder(store.endpoints.list(), ({ slug }) => [slug]),
    schemes: inOrder(store.schemes.list(), ({ name, id }) => [name, id]),
  }
}

interface Named {
  readonly id: string
  readonly name: string
}

/** Which of its namesakes a thing is: 1 for the first. */
export function numberOf(thing: Named, all: readonly Named[]): number {
  return all.filter(({ name }) => name === thing.name).findIndex(({ id }) => id === thing.id) + 1
}

function referenceTo(id: string | null, all: readonly Named[]): ConfigReference | null {
  const thing = all.find((candidate) => candidate.id === id)
  if (thing === undefined) return null
  const number = numberOf(thing, all)
  return number === 1 ? thing.name : { name: thing.name, number }
}

/** A template that is a credential, unless nothing in it is literal. */
function guarded(isSensitive: boolean, text: string): Tree {
  const literal = text.replace(/\{\{.*?\}\}/gs, '').trim()
  return isSensitive && literal !== '' ? Secret.plain(text) : text
}

function urlTree(url: string): Tree {
  return guarded(carriesCredentials(url), url)
}

/** The fields in the schema's order, so that records of any age are written alike. */
function fieldsOf(
  shape: Readonly<Record<string, unknown>>,
  record: object,
  special: Readonly<Record<string, () => TreeObject>>,
): TreeObject {
  const tree: Record<string, Tree> = {}
  for (const key of Object.keys(shape)) {
    const value = (record as Readonly<Record<string, Tree | undefined>>)[key]
    const own = special[key]
    if (own !== undefined) Object.assign(tree, own())
    else if (value !== undefined) tree[key] = value
  }
  return tree
}

export function destinationTree(box: SecretBox, destination: Destination): TreeObject {
  const { tls, secret, previous_secret: previous } = destination
  const named = (list: Destination['query_template'], isSensitive: (name: string) => boolean): Tree =>
    list.map(({ name, value }) => ({ name, value: guarded(isSensitive(name), value) }))
  const settings = fieldsOf(destinationSettingsSchema.shape, destination, {
    url_template: () => ({ url_template: urlTree(destination.url_template) }),
    headers_template: () => ({
      headers_template: named(destination.headers_template, isSensitiveHeader),
    }),
    query_template: () => ({ query_template: named(destination.query_template, isSensitiveParameter) }),
    tls: () => ({
      tls: {
        accept_self_signed: tls.accept_self_signed,
        ca: tls.ca,
        client_certificate: tls.client_certificate,
        client_key: tls.client_key === null ? null : Secret.stored(box, { sealed: tls.client_key }),
      },
    }),
  })
  return {
    ...settings,
    secret: secret === null ? null : Secret.stored(box, secret),
    previous_secret:
      previous === null ? null : { value: Secret.stored(box, previous), valid_until: previous.valid_until },
  }
}

export function subscriptionTree({ name, enabled, event_types: types }: Subscription): TreeObject {
  return { name, enabled, event_types: types }
}

export function schemeTree({ name, scheme }: OwnScheme): TreeObject {
  // Parsed again for the order of its fields.
  return { name, scheme: signatureSchemeSchema.parse(scheme) as unknown as TreeObject }
}

export function endpointTree(box: SecretBox, endpoint: Endpoint, all: Catalogue): TreeObject {
  const destination = all.destinations.find(({ id }) => id === endpoint.destination_id)
  const siblings = all.destinations.filter((d) => d.workspace_id === destination?.workspace_id)
  const fields = fieldsOf(endpointSettingsSchema.shape, endpoint, {
    slug: () => ({}),
    name: () => ({ slug: endpoint.slug, name: endpoint.name }),
    workspace_id: () => ({ workspace: referenceTo(endpoint.workspace_id, all.workspaces) }),
    scheme_id: () => ({ scheme: referenceTo(endpoint.scheme_id, all.schemes) }),
    destination_id: () => ({
      destination: destination === undefined ? null : destinationReference(destination, siblings, all),
    }),
    forward_to: () => ({ forward_to: endpoint.forward_to.map(urlTree) }),
    secrets: () => ({
      secrets: endpoint.secrets.map(({ name, sealed, previous, valid_until }) => ({
        name,
        value: Secret.stored(box, { sealed }),
        previous,
        valid_until,
      })),
    }),
    answer: () => ({
      answer: {
        ...endpoint.answer,
        headers: endpoint.answer.headers.map(([name, value]) => [
          name,
          guarded(isSensitiveHeader(name), value),
        ]),
      },
    }),
  })
  return fields
}

function destinationReference(
  destination: Destination,
  siblings: readonly Destination[],
  { workspaces }: Catalogue,
): TreeObject {
  const number = numberOf(destination, siblings)
  return {
    workspace: referenceTo(destination.workspace_id, workspaces),
    name: destination.name,
    ...(number === 1 ? {} : { number }),
  }
}

/** Everything, in the order of a file. */
export function configTree(store: Store, box: SecretBox): TreeObject {
  const all = catalogueOf(store)
  return {
    version: configVersion,
    settings: portableSettingsSchema.parse(store.settings()),
    schemes: all.schemes.map(schemeTree),
    workspaces: all.workspaces.map((workspace) => ({
      name: workspace.name,
      provider: workspace.provider,
      destinations: all.destinations
        .filter((destination) => destination.workspace_id === workspace.id)
        .map((destination) => wholeDestination(box, destination, all)),
    })),
    endpoints: all.endpoints.map((endpoint) => endpointTree(box, endpoint, all)),
  }
}

function wholeDestination(box: SecretBox, destination: Destination, all: Catalogue): TreeObject {
  const subscriptions = all.subscriptions.filter((s) => s.destination_id === destination.id)
  return { ...destinationTree(box, destination), subscriptions: subscriptions.map(subscriptionTree) }
}

/** Takes one destination with its workspace out of the whole: the names of its secrets are the same in both. */
export function onlyDestination(
  whole: Readonly<Record<string, unknown>>,
  store: Store,
  id: DestinationId,
): Readonly<Record<string, unknown>> {
  const all = catalogueOf(store)
  const at = all.workspaces.findIndex(
    ({ id: workspace }) => workspace === store.destinations.get(id)?.workspace_id,
  )
  const workspace = all.workspaces[at]
  const siblings = all.destinations.filter((d) => d.workspace_id === workspace?.id)
  const destination = siblings.find((sibling) => sibling.id === id)
  if (workspace === undefined || destination === undefined) throw new Error('the destination is gone')
  const written = (whole['workspaces'] as readonly Readonly<Record<string, readonly object[]>>[])[at]
  const alike = all.workspaces.filter(({ provider }) => provider === workspace.provider)
  const entry = written?.['destinations']?.[siblings.indexOf(destination)]
  if (entry === undefined) throw new Error('the destination is not in the export')
  const { name: _name, ...rest } = entry as { readonly name: string }
  return {
    version: configVersion,
    partial: true,
    workspaces: [
      {
        name: workspace.name,
        ...ifNotFirst(numberOf(workspace, alike)),
        provider: workspace.provider,
        destinations: [{ name: destination.name, ...ifNotFirst(numberOf(destination, siblings)), ...rest }],
      },
    ],
  }
}

function ifNotFirst(number: number): { number?: number } {
  return number === 1 ? {} : { number }
}

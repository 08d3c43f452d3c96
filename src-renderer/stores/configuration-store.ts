import { createStore, type StoreApi } from 'zustand/vanilla'
import type { Client } from '../../src-shared/api/client.ts'
import type { OperationOutput } from '../../src-shared/api/contract.ts'
import type { DestinationView } from '../../src-shared/model/destination.ts'
import type { EndpointView } from '../../src-shared/model/endpoint.ts'
import type { OwnScheme } from '../../src-shared/model/own-scheme.ts'
import type { Settings } from '../../src-shared/model/settings.ts'
import type { Subscription } from '../../src-shared/model/subscription.ts'
import type { Workspace } from '../../src-shared/model/workspace.ts'
import type { Feed } from './feed.ts'
import { sentenceOf } from './problem.ts'

export type ProviderView = OperationOutput<'providers.list'>['items'][number]

/** Everything that is set up, read whole: it is small. */
export interface ConfigurationState {
  readonly status: 'loading' | 'ready' | 'failed'
  readonly problem: string | null
  readonly providers: readonly ProviderView[]
  readonly workspaces: readonly Workspace[]
  readonly destinations: readonly DestinationView[]
  readonly subscriptions: readonly Subscription[]
  readonly endpoints: readonly EndpointView[]
  readonly schemes: readonly OwnScheme[]
  readonly settings: Settings | null
  readonly load: (areas?: readonly Area[]) => Promise<void>
}
export type Configuration = StoreApi<ConfigurationState>

const areas = [
  'providers',
  'workspaces',
  'destinations',
  'subscriptions',
  'endpoints',
  'schemes',
  'settings',
] as const
export type Area = (typeof areas)[number]

export function createConfigurationStore(client: Client, feed: Feed): Configuration {
  const readers: { readonly [A in Area]: () => Promise<Partial<ConfigurationState>> } = {
    providers: async () => ({ providers: (await client.call('providers.list', {})).items }),
    workspaces: async () => ({ workspaces: (await client.call('workspaces.list', {})).items }),
    destinations: async () => ({ destinations: (await client.call('destinations.list', {})).items }),
    subscriptions: async () => ({ subscriptions: (await client.call('subscriptions.list', {})).items }),
    endpoints: async () => ({ endpoints: (await client.call('endpoints.list', {})).items }),
    schemes: async () => ({ schemes: (await client.call('schemes.list', {})).items }),
    settings: async () => ({ settings: await client.call('settings.get', {}) }),
  }
  const store = createStore<ConfigurationState>((set, get) => ({
    status: 'loading',
    problem: null,
    providers: [],
    workspaces: [],
    destinations: [],
    subscriptions: [],
    endpoints: [],
    schemes: [],
    settings: null,
    load: async (wanted = areas) => {
      try {
        const parts = await Promise.all(wanted.map((area) => readers[area]()))
        set({ ...Object.assign({}, ...parts), status: 'ready', problem: null })
      } catch (error) {
        if (get().status !== 'ready') set({ status: 'failed', problem: sentenceOf(error) })
      }
    },
  }))
  feed.listen((messages) => {
    const stale = new Set<Area>()
    for (const message of messages) {
      if (message.event === 'reset') for (const area of areas) stale.add(area)
      if (message.event === 'destination') stale.add('destinations')
      if (message.event === 'configuration')
        for (const area of areasOf(message.data.of, areas)) stale.add(area)
    }
    if (stale.size > 0) void store.getState().load([...stale])
  })
  return store
}

/** A workspace takes what is in it along; an endpoint's address follows no list but its own. */
function areasOf(of: string, all: readonly Area[]): readonly Area[] {
  if (of === 'all' || of === 'workspaces') return all
  return all.filter((area) => area === of || (of === 'destinations' && area === 'subscriptions'))
}

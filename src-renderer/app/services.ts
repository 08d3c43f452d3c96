import { createContext, use } from 'react'
import { useStore } from 'zustand'
import type { PushMessage } from '../../src-shared/api/push-events.ts'
import type { CaptureView } from '../../src-shared/model/capture.ts'
import type { DeliveryView } from '../../src-shared/model/delivery.ts'
import type { Connection } from '../client/connection.ts'
import type { Desktop } from '../client/ipc-connection.ts'
import { createRunBulk, type RunBulk } from '../stores/bulk-actions.ts'
import { createCapturesStore, type CapturesStore } from '../stores/captures-store.ts'
import { createCommandsStore, type Commands } from '../stores/commands-store.ts'
import { createCall, type Call } from '../stores/configuration-actions.ts'
import { createConfigurationStore, type Configuration } from '../stores/configuration-store.ts'
import { createConnectionStore, type ConnectionStore } from '../stores/connection-store.ts'
import { createDeliveriesStore, type DeliveriesStore } from '../stores/deliveries-store.ts'
import { createDesktopStore, type DesktopStore } from '../stores/desktop-store.ts'
import { createDetailStore, type DetailStore } from '../stores/detail-store.ts'
import { createDraftsStore, type Drafts } from '../stores/drafts-store.ts'
import { createFeed, type Feed } from '../stores/feed.ts'
import { createHistoryActions, type HistoryActions, type HistoryKind } from '../stores/history-actions.ts'
import { createPreferencesStore, type Preferences } from '../stores/preferences-store.ts'
import { createStartReplay, type StartReplay } from '../stores/replay-actions.ts'
import { createToastsStore, type Toasts } from '../stores/toasts-store.ts'

/** Everything that screens use, made once from a connection. Components never see the client. */
export interface Services {
  readonly connection: ConnectionStore
  readonly configuration: Configuration
  readonly deliveries: DeliveriesStore
  readonly captures: CapturesStore
  /** The latest ones, whatever the lists are filtered by. */
  readonly recentDeliveries: DeliveriesStore
  readonly recentCaptures: CapturesStore
  readonly delivery: DetailStore<DeliveryView>
  readonly capture: DetailStore<CaptureView>
  readonly history: HistoryActions
  readonly startReplay: StartReplay
  readonly bulk: RunBulk
  readonly call: Call
  readonly feed: Feed
  readonly toasts: Toasts
  readonly commands: Commands
  readonly preferences: Preferences
  readonly drafts: Drafts
  /** What only the desktop app can do; null in a browser. */
  readonly desktop: Desktop | null
  /** How the desktop app is; null in a browser. */
  readonly desktopState: DesktopStore | null
}

export function createServices(
  connection: Connection,
  storage: Pick<Storage, 'getItem' | 'setItem'>,
  desktop: Desktop | null = null,
): Services {
  const { client } = connection
  const feed = createFeed()
  const toasts = createToastsStore()
  const delivery = createDetailStore(
    feed,
    (id) => client.call('deliveries.get', { id }),
    (message, id) =>
      (message.event === 'delivery' && message.data.id === id) ||
      (message.event === 'attempt' && message.data.delivery_id === id) ||
      bringsBack(message, 'deliveries'),
  )
  const capture = createDetailStore(
    feed,
    (id) => client.call('captures.get', { id }),
    (message, id) =>
      (message.event === 'capture' && message.data.id === id) || bringsBack(message, 'captures'),
  )
  return {
    connection: createConnectionStore(connection, feed),
    configuration: createConfigurationStore(client, feed),
    deliveries: createDeliveriesStore(client, feed),
    captures: createCapturesStore(client, feed),
    recentDeliveries: createDeliveriesStore(client, feed),
    recentCaptures: createCapturesStore(client, feed),
    delivery,
    capture,
    history: createHistoryActions(client, toasts),
    startReplay: createStartReplay(client, feed, toasts),
    bulk: createRunBulk(toasts),
    call: createCall(client),
    feed,
    toasts,
    commands: createCommandsStore(),
    preferences: createPreferencesStore(storage),
    drafts: createDraftsStore(),
    desktop,
    desktopState: desktop === null ? null : createDesktopStore(desktop),
  }
}

/** What was removed is there again, or so much was removed that nobody says what. */
function bringsBack(message: PushMessage, of: HistoryKind): boolean {
  return (
    message.event === 'history' &&
    message.data.of === of &&
    (message.data.change === 'restored' || message.data.ids === null)
  )
}

export const ServicesContext = createContext<Services | null>(null)

export function useServices(): Services {
  const services = use(ServicesContext)
  if (services === null) throw new Error('a screen outside the app')
  return services
}

/** The chosen workspace, or the first one. */
export function useWorkspace() {
  const { configuration, preferences } = useServices()
  const workspaces = useStore(configuration, (state) => state.workspaces)
  const providers = useStore(configuration, (state) => state.providers)
  const chosen = useStore(preferences, (state) => state.workspaceId)
  const workspace = workspaces.find(({ id }) => id === chosen) ?? workspaces[0] ?? null
  const provider = providers.find(({ id }) => id === workspace?.provider) ?? null
  return { workspace, provider, workspaces }
}

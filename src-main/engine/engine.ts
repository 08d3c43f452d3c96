import type { Handlers, Health } from '../../src-shared/api/contract.ts'
import { AppError } from '../../src-shared/errors.ts'
import { createBackground, type Background } from './background.ts'
import { createCapturing, type Capturing } from './capture/capturing.ts'
import { createDispatcher, type Dispatcher } from './dispatch/dispatcher.ts'
import { createExclusive } from './exclusive.ts'
import { firstStart } from './first-start.ts'
import { createIds } from './ids.ts'
import type { Clock, Random, SecretBox, Sender, Timer } from './ports.ts'
import { createPushFeed, type PushFeed } from './push-feed.ts'
import { createPushHub, type PushHub } from './push.ts'
import { announceReplays } from './replay/announce.ts'
import { applyRetention } from './retention.ts'
import { runVerifyCase } from './signing/cases.ts'
import type { Store } from './store.ts'
import { configurationHandlers } from './transfer/configuration.ts'
import { listExportHandlers } from './transfer/lists.ts'
import { requestExportHandlers } from './transfer/requests.ts'
import { announcedChanges } from './use-cases/announced-changes.ts'
import { captureHandlers } from './use-cases/captures.ts'
import { contactHandlers } from './use-cases/contacts.ts'
import type { EngineContext } from './use-cases/context.ts'
import { deliveryHandlers } from './use-cases/deliveries.ts'
import { destinationHandlers } from './use-cases/destinations.ts'
import { durableReads } from './use-cases/durable-reads.ts'
import { endpointHandlers } from './use-cases/endpoints.ts'
import { eventHandlers } from './use-cases/events.ts'
import { providerHandlers } from './use-cases/providers.ts'
import { createRemovals, type Removals } from './use-cases/removals.ts'
import { createIdempotency } from './use-cases/idempotency.ts'
import { replayHandlers } from './use-cases/replays.ts'
import { schemeHandlers } from './use-cases/schemes.ts'
import { settingsHandlers, type MoveReceiver } from './use-cases/settings.ts'
import { statisticsHandlers } from './use-cases/statistics.ts'
import { subscriptionHandlers } from './use-cases/subscriptions.ts'
import { workspaceHandlers } from './use-cases/workspaces.ts'

/** What the engine is made of; what it can't know itself the host tells it. */
export interface EngineOptions {
  readonly clock: Clock
  readonly random: Random
  readonly store: Store
  readonly sender: Sender
  readonly secrets: SecretBox
  /** The receiver's address of the moment. */
  readonly receiverUrl: () => string
  readonly moveReceiver: MoveReceiver
  /** What only the host knows of its health. */
  readonly hostHealth: () => Pick<Health, 'version' | 'storage' | 'receiver'>
  /** What the host counts, as a document. */
  readonly metrics: () => Promise<{ readonly mediaType: string; readonly text: string }>
  readonly dataFolder: string
  /** An unexpected error in background work. */
  readonly onError: (where: string, error: unknown) => void
}

export interface Engine {
  readonly handlers: Handlers
  readonly capturing: Capturing
  readonly push: PushHub
  /** The same for readers that come and go. */
  readonly feed: PushFeed
  readonly dispatcher: Dispatcher
  /** Fills a fresh folder. Before anything is received: every request needs the inbox. */
  prepare(): Promise<void>
  /** Finds what a crash interrupted and starts sending; without `dispatch` it only knows the queue. */
  start(options?: { readonly dispatch: boolean }): Promise<void>
  /** The store was recovered in mid-life. */
  storeReloaded(): void
  /** Removes history beyond the limits now. */
  applyRetention(): Promise<{ deliveries: number; captures: number }>
  stop(graceMs: number): Promise<void>
}

const retentionEveryMs = 60_000

export function createEngine(options: EngineOptions): Engine {
  const { clock, random, store, sender, secrets, receiverUrl } = options
  const push = createPushHub((error) => options.onError('push listener', error))
  const background = createBackground(options.onError)
  const dispatcher = createDispatcher({
    clock,
    random,
    store,
    sender,
    secrets,
    push,
    background,
    receiverUrl,
  })
  const ids = createIds(clock, random)
  const context: EngineContext = {
    clock,
    random,
    ids,
    store,
    secrets,
    push,
    background,
    dispatcher,
    idempotency: createIdempotency(store, clock, createExclusive()),
    receiverUrl,
  }
  announceReplays(push, store, background)
  const capturing = createCapturing(context)
  const removals = createRemovals(context)
  const retention = repeatRetention(context, background)
  return {
    handlers: durableReads(
      announcedChanges(createHandlers(context, capturing, removals, options), push),
      store,
    ),
    capturing,
    push,
    feed: createPushFeed(push, ids.word(8)),
    dispatcher,
    async prepare() {
      // The sample needs a secret: it waits for a start at which one can be kept.
      const changes = secrets.available ? firstStart(context) : []
      if (changes.length > 0) await store.commit(changes)
    },
    async start({ dispatch } = { dispatch: true }) {
      // Without sending, the queue is still known: deletions and cancellations need it.
      if (!dispatch) return dispatcher.resync()
      await dispatcher.start()
      await removals.start()
      retention.start()
    },
    storeReloaded() {
      push.publish({ kind: 'reset' })
      background.run('resync', () => dispatcher.resync())
    },
    applyRetention: () => applyRetention(context),
    async stop(graceMs) {
      retention.stop()
      removals.stop()
      await dispatcher.stop(graceMs)
      await background.stop()
    },
  }
}

function repeatRetention(context: EngineContext, background: Background): { start(): void; stop(): void } {
  let timer: Timer | null = null
  let stopped = false
  const again = (): void => {
    if (stopped) return
    timer = context.clock.after(retentionEveryMs, () => {
      background.run('retention', async (stopping) => {
        try {
          await applyRetention(context, stopping)
        } catch (error) {
          // A full disk has its own alert; the next round tries again.
          if (!(error instanceof AppError)) throw error
        } finally {
          again()
        }
      })
    })
  }
  return {
    start: again,
    stop() {
      stopped = true
      timer?.cancel()
    },
  }
}

function createHandlers(
  context: EngineContext,
  capturing: Capturing,
  removals: Removals,
  options: EngineOptions,
): Handlers {
  const { store, dispatcher, secrets, clock } = context
  return {
    ...workspaceHandlers(context),
    ...contactHandlers(context),
    ...destinationHandlers(context),
    ...subscriptionHandlers(context),
    ...endpointHandlers(context),
    ...schemeHandlers(context),
    ...eventHandlers(context),
    ...providerHandlers(context),
    ...deliveryHandlers(context, removals),
    ...captureHandlers(context, capturing, removals),
    ...replayHandlers(context),
    ...configurationHandlers(context),
    ...settingsHandlers(context, options.moveReceiver),
    ...statisticsHandlers(context),
    ...requestExportHandlers(context, () => options.hostHealth().version),
    ...listExportHandlers(context, () => options.hostHealth().version),
    'undo.run': async ({ token }) => ({ restored: await removals.undo(token) }),
    'storage.get': async () => {
      const use = await store.use()
      return {
        folder: options.dataFolder,
        deliveries: use.deliveries,
        captures: use.captures,
        events: use.events,
        database_bytes: use.databaseBytes,
        journal_bytes: use.journalBytes,
        bodies: use.bodies,
        bodies_bytes: use.bodiesBytes,
      }
    },
    'health.get': async () => {
      const host = options.hostHealth()
      const { waiting, inFlight } = dispatcher.queueLength()
      const sound = host.storage.writable && host.receiver.problem === null && secrets.available
      return {
        status: sound ? 'ok' : 'degraded',
        ...host,
        dispatcher: { waiting, in_flight: inFlight, paused: store.settings().sending_paused },
        secrets_available: secrets.available,
      }
    },
    'metrics.get': async () => {
      const { mediaType, text } = await options.metrics()
      const bytes = new TextEncoder().encode(text)
      return { media_type: mediaType, file_name: null, bytes, offset: 0, total_bytes: bytes.length }
    },
    'verify.run': async (input) => runVerifyCase(input, { nowMs: clock.now() }),
  }
}

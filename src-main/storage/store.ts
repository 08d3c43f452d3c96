import { join } from 'node:path'
import { AppError } from '../../src-shared/errors.ts'
import { deliveryStatuses } from '../../src-shared/model/delivery.ts'
import type { DestinationHealth } from '../../src-shared/model/destination.ts'
import { defaultSettings, settingsSchema, type Settings } from '../../src-shared/model/settings.ts'
import type { Clock } from '../engine/ports.ts'
import type { Change, StorageUse, Store } from '../engine/store.ts'
import { BodyStore } from './body-store.ts'
import { ChangeWriter, hasLargeBody, inlineBody, largeBodies, type Stored } from './change-writer.ts'
import { compactInWorker, pruneFiles } from './compaction.ts'
import { describeFileError, type FileSystem } from './file-system.ts'
import { JournaledDatabase } from './journaled-database.ts'
import { makeFolder } from './make-folder.ts'
import { migrations, refuseNewer } from './migrations/index.ts'
import { migrate } from './migrations/migrate.ts'
import type { Migration } from './migrations/migration.ts'
import type { Damage } from './recovery.ts'
import * as captures from './repositories/capture-repository.ts'
import { ConfigurationRepository } from './repositories/configuration-repository.ts'
import * as contacts from './repositories/contact-repository.ts'
import * as deliveries from './repositories/delivery-repository.ts'
import * as events from './repositories/event-repository.ts'
import type { StoredBody } from './repositories/stored-body.ts'
import { hasRecordsAside } from './set-aside.ts'

/** What a host decides about storage. */
export interface StoreOptions {
  /** Holds `store/` and `bodies/`. */
  readonly folder: string
  readonly files: FileSystem
  readonly clock: Clock
  /** The built (or source) file of the compaction worker. */
  readonly compactionWorker: URL
  readonly onHealth?: (problem: string | null) => void
  readonly onReload?: () => void
  readonly onSync?: (durationMs: number) => void
  readonly onCompactionError?: (reason: string) => void
  /** Tests bring their own history. */
  readonly migrations?: readonly Migration[]
  readonly compactAfterBytes?: number
}

/** The store and what only its host needs of it. */
export interface OpenStore extends Store {
  /** What could not be used when the folder was opened: set aside, not lost. */
  readonly damage: readonly Damage[]
  /** Why nothing can be written just now, or null. */
  readonly failure: string | null
  /** Resolves when everything committed so far is on disk. */
  settled(): Promise<void>
  /** Folds the journal into a snapshot and removes bodies and files that nothing needs any more. */
  compact(): Promise<void>
  close(): Promise<void>
}

const compactAfterBytes = 32 * 1024 * 1024
const compactAfterSegments = 24
/** After a compaction that failed; every commit would start another one otherwise. */
const compactAgainAfterMs = 60_000

/**
 * Opens the store of a data folder.
 * @throws AppError `data_folder_unusable`, `data_newer`, `migration_failed`
 */
export async function openStore(options: StoreOptions): Promise<OpenStore> {
  try {
    return await openUsable(options)
  } catch (cause) {
    if (cause instanceof AppError && cause.code !== 'storage_unavailable') throw cause
    const reason = cause instanceof AppError ? cause.details['reason'] : describeFileError(cause)
    throw new AppError('data_folder_unusable', { folder: options.folder, reason }, { cause })
  }
}

async function openUsable(options: StoreOptions): Promise<OpenStore> {
  const folder = join(options.folder, 'store')
  const known = options.migrations ?? migrations
  await makeFolder(folder)
  await makeFolder(join(options.folder, 'bodies'))
  await options.files.syncFolder(options.folder)
  let store: SqlJsStore | undefined
  const { journal, damage } = await JournaledDatabase.open({
    folder,
    files: options.files,
    clock: options.clock,
    onHealth: (problem) => options.onHealth?.(problem),
    onReload: () => store?.reload(),
    ...(options.onSync === undefined ? {} : { onSync: options.onSync }),
    validate: (database) => refuseNewer(database, options.folder, known),
  })
  try {
    await migrate(journal, options.files, { data: options.folder, store: folder }, known)
    store = new SqlJsStore(options, folder, journal, damage)
    // What lies aside may name bodies that no row names. A failure leaves them for the next start.
    if (!(await hasRecordsAside(folder))) await store.removeForgottenBodies().catch(() => undefined)
  } catch (error) {
    await journal.close()
    throw error
  }
  store.compactIfDue()
  return store
}

const oldestDeliveries = `SELECT id FROM deliveries WHERE status >= ${deliveryStatuses.indexOf('succeeded')}
  AND created_at < ? ORDER BY id LIMIT ?`
const oldestEvents = `SELECT id FROM events WHERE occurred_at < ?
  AND NOT EXISTS (SELECT 1 FROM deliveries WHERE event_id = events.id) ORDER BY seq LIMIT ?`

class SqlJsStore implements OpenStore {
  readonly damage: readonly Damage[]
  readonly workspaces: Store['workspaces']
  readonly destinations: Store['destinations']
  readonly subscriptions: Store['subscriptions']
  readonly endpoints: Store['endpoints']
  readonly schemes: Store['schemes']
  readonly #options: StoreOptions
  readonly #folder: string
  readonly #journal: JournaledDatabase
  readonly #configuration = new ConfigurationRepository()
  readonly #changes: ChangeWriter
  readonly #bodies: BodyStore
  #compaction: Promise<void> | null = null
  #settings: { readonly stored: Settings; readonly parsed: Settings } | null = null
  /** Monotonic milliseconds. */
  #compactNotBefore = -Infinity

  constructor(options: StoreOptions, folder: string, journal: JournaledDatabase, damage: readonly Damage[]) {
    this.#options = options
    this.#folder = folder
    this.#journal = journal
    this.#changes = new ChangeWriter(journal, this.#configuration)
    this.#bodies = new BodyStore(join(options.folder, 'bodies'), options.files)
    this.damage = damage
    this.workspaces = this.#configuration.reader('workspace')
    this.destinations = this.#configuration.reader('destination')
    this.subscriptions = this.#configuration.reader('subscription')
    this.endpoints = this.#configuration.reader('endpoint')
    this.schemes = this.#configuration.reader('scheme')
    this.#load()
  }

  get failure(): string | null {
    return this.#journal.failure
  }

  /** After a failure: the database is another one. */
  reload(): void {
    this.#load()
    this.#options.onReload?.()
  }

  /** Reads what is kept beside the database. */
  #load(): void {
    this.#configuration.load(this.#journal.database)
    this.#changes.reload()
  }

  commit(changes: readonly Change[], onVisible?: () => void): Promise<void> {
    for (const change of changes) if (hasLargeBody(change)) return this.#commitWithFiles(changes, onVisible)
    return this.#commitNow(changes, inlineBody, onVisible)
  }

  async #commitWithFiles(changes: readonly Change[], onVisible?: () => void): Promise<void> {
    if (this.#journal.failure !== null)
      throw new AppError('storage_unavailable', { reason: this.#journal.failure })
    const stored = new Map<Uint8Array, StoredBody>()
    const held: string[] = []
    try {
      for (const bytes of changes.flatMap(largeBodies)) {
        const sha256 = await this.#putBody(bytes)
        held.push(sha256)
        stored.set(bytes, { sha256, bytes: bytes.length })
      }
      await this.#commitNow(changes, (bytes) => stored.get(bytes) ?? inlineBody(bytes), onVisible)
    } finally {
      for (const sha256 of held) this.#bodies.release(sha256)
    }
  }

  async #putBody(bytes: Uint8Array): Promise<string> {
    try {
      return await this.#bodies.put(bytes)
    } catch (cause) {
      throw new AppError('storage_unavailable', { reason: describeFileError(cause) }, { cause })
    }
  }

  #commitNow(changes: readonly Change[], stored: Stored, onVisible?: () => void): Promise<void> {
    let durable: Promise<void>
    try {
      durable = this.#journal.transaction((run) => {
        for (const change of changes) this.#changes.apply(run, change, stored)
      })
    } catch (error) {
      // The maps beside the rows may be ahead of the transaction that was undone.
      if (!(error instanceof AppError)) this.#load()
      return Promise.reject(error instanceof Error ? error : new Error(String(error)))
    }
    this.compactIfDue()
    onVisible?.()
    return durable
  }

  settings(): Settings {
    const stored = this.#configuration.get<Settings>('settings', 'all')
    if (stored === undefined) return defaultSettings
    // Asked for with each delivery; settings of an older version lack the newer fields, so they are parsed.
    if (this.#settings?.stored !== stored) this.#settings = { stored, parsed: settingsSchema.parse(stored) }
    return this.#settings.parsed
  }

  destinationHealth(id: string): DestinationHealth {
    return this.#configuration.get<DestinationHealth>('health', id) ?? { failures_in_row: 0, paused: null }
  }

  async contact(...[workspaceId, id]: Parameters<Store['contact']>): ReturnType<Store['contact']> {
    return contacts.findContact(this.#journal.database, workspaceId, id)
  }

  async contacts(...[workspaceId, page]: Parameters<Store['contacts']>): ReturnType<Store['contacts']> {
    return contacts.findContacts(this.#journal.database, workspaceId, page)
  }

  async event(...[id]: Parameters<Store['event']>): ReturnType<Store['event']> {
    return events.findEvent(this.#journal.database, id, this.#readBody)
  }

  async events(...[filter, page]: Parameters<Store['events']>): ReturnType<Store['events']> {
    return events.findEvents(this.#journal.database, filter, page, this.#readBody)
  }

  async delivery(...[id]: Parameters<Store['delivery']>): ReturnType<Store['delivery']> {
    return deliveries.findDelivery(this.#journal.database, id)
  }

  async deliveries(...[filter, page]: Parameters<Store['deliveries']>): ReturnType<Store['deliveries']> {
    return deliveries.findDeliveries(this.#journal.database, filter, page)
  }

  async attempts(...[deliveryId]: Parameters<Store['attempts']>): ReturnType<Store['attempts']> {
    return deliveries.findAttempts(this.#journal.database, deliveryId, this.#readBody)
  }

  async waitingDeliveries(): ReturnType<Store['waitingDeliveries']> {
    return deliveries.findWaitingDeliveries(this.#journal.database)
  }

  async capture(...[id]: Parameters<Store['capture']>): ReturnType<Store['capture']> {
    return captures.findCapture(this.#journal.database, id, this.#readBody)
  }

  async captures(...[filter, page]: Parameters<Store['captures']>): ReturnType<Store['captures']> {
    return captures.findCaptures(this.#journal.database, filter, page)
  }

  async capturesOfDelivery(
    ...[endpointId, id]: Parameters<Store['capturesOfDelivery']>
  ): ReturnType<Store['capturesOfDelivery']> {
    return captures.findCapturesOfDelivery(this.#journal.database, endpointId, id)
  }

  async oldest(...[kind, limit, filter]: Parameters<Store['oldest']>): ReturnType<Store['oldest']> {
    const { database } = this.#journal
    const before = filter.before ?? Number.MAX_SAFE_INTEGER
    const rows =
      kind === 'captures'
        ? database.all(
            `SELECT id FROM captures WHERE pinned = 0 AND received_at < ? AND (? IS NULL OR endpoint_id = ?)
             ORDER BY id LIMIT ?`,
            [before, filter.endpointId ?? null, filter.endpointId ?? null, limit],
          )
        : database.all(kind === 'deliveries' ? oldestDeliveries : oldestEvents, [before, limit])
    return rows.map((row) => String(row['id']))
  }

  async count(...[kind, endpointId]: Parameters<Store['count']>): ReturnType<Store['count']> {
    const { database } = this.#journal
    if (kind !== 'captures') return Number(database.value(`SELECT count(*) FROM ${kind}`))
    if (endpointId === undefined) return Number(database.value('SELECT count(*) FROM captures'))
    return Number(database.value('SELECT count(*) FROM captures WHERE endpoint_id = ?', [endpointId]))
  }

  async use(): Promise<StorageUse> {
    const { database } = this.#journal
    const count = (sql: string): number => Number(database.value(sql) ?? 0)
    return {
      deliveries: count('SELECT count(*) FROM deliveries'),
      captures: count('SELECT count(*) FROM captures'),
      events: count('SELECT count(*) FROM events'),
      databaseBytes: database.usedBytes - database.freeBytes,
      journalBytes: this.#journal.backlog.bytes,
      bodies: count('SELECT count(*) FROM bodies WHERE references_count > 0'),
      bodiesBytes: count('SELECT sum(bytes) FROM bodies WHERE references_count > 0'),
    }
  }

  durable(): Promise<void> {
    return this.#journal.durable()
  }

  settled(): Promise<void> {
    return this.#journal.settled()
  }

  compactIfDue(): void {
    const { bytes, segments } = this.#journal.backlog
    const tooLarge =
      bytes > (this.#options.compactAfterBytes ?? compactAfterBytes) || segments > compactAfterSegments
    if (!tooLarge || this.#compaction !== null) return
    const { clock, onCompactionError } = this.#options
    if (clock.monotonicMs() < this.#compactNotBefore) return
    this.compact().catch((error: unknown) => {
      this.#compactNotBefore = clock.monotonicMs() + compactAgainAfterMs
      onCompactionError?.(error instanceof Error ? error.message : String(error))
    })
  }

  compact(): Promise<void> {
    this.#compaction ??= this.#compact().finally(() => {
      this.#compaction = null
    })
    return this.#compaction
  }

  async #compact(): Promise<void> {
    const sealed = await this.#journal.seal()
    if (sealed === null) return
    const base = await compactInWorker(this.#options.compactionWorker, { folder: this.#folder, upTo: sealed })
    this.#journal.compacted(sealed)
    if (base === null) return
    await pruneFiles(this.#options.files, this.#folder, base)
    await this.#sweepBodies(base)
  }

  /** Removes body files whose last row went before the oldest kept snapshot was made. */
  async #sweepBodies(oldestKept: number): Promise<void> {
    const orphans = this.#journal.database
      .all('SELECT sha256 FROM bodies WHERE references_count = 0 AND orphaned_in < ?', [oldestKept])
      .map((row) => String(row['sha256']))
      .filter((sha256) => !this.#bodies.isHeld(sha256))
    if (orphans.length === 0) return
    await this.#journal.transaction((run) => {
      for (const sha256 of orphans)
        run('DELETE FROM bodies WHERE sha256 = ? AND references_count = 0', [sha256])
    })
    for (const sha256 of orphans) await this.#removeUnnamed(sha256)
  }

  /** Files that a crash left between being written and being named by a row. */
  async removeForgottenBodies(): Promise<void> {
    for (const sha256 of await this.#bodies.list()) await this.#removeUnnamed(sha256)
  }

  /** Looks right before removing: the same body may have come again meanwhile. */
  async #removeUnnamed(sha256: string): Promise<void> {
    const named = this.#journal.database.value('SELECT 1 FROM bodies WHERE sha256 = ?', [sha256]) !== null
    if (!named && !this.#bodies.isHeld(sha256)) await this.#bodies.remove(sha256)
  }

  async close(): Promise<void> {
    await this.#compaction?.catch(() => undefined)
    await this.#journal.close()
  }

  readonly #readBody = (sha256: string): Promise<Uint8Array | null> => this.#bodies.get(sha256)
}

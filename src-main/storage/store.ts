import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { AppError } from '../../src-shared/errors.ts'
import type { CaptureWithBody } from '../../src-shared/model/capture.ts'
import { deliveryStatuses } from '../../src-shared/model/delivery.ts'
import type { DestinationHealth } from '../../src-shared/model/destination.ts'
import { defaultSettings, settingsSchema, type Settings } from '../../src-shared/model/settings.ts'
import type { Clock } from '../engine/ports.ts'
import type { Change, StorageUse, Store } from '../engine/store.ts'
import { BodyStore } from './body-store.ts'
import { compactInWorker, pruneFiles } from './compaction.ts'
import { describeFileError, type FileSystem } from './file-system.ts'
import type { Execute } from './journal-record.ts'
import { JournaledDatabase } from './journaled-database.ts'
import { applyMigration, migrations, pendingMigrations, refuseNewer, schemaVersion } from './migrations/index.ts'
import type { Migration } from './migrations/migration.ts'
import type { Damage } from './recovery.ts'
import * as captures from './repositories/capture-repository.ts'
import { ConfigurationRepository } from './repositories/configuration-repository.ts'
import * as contacts from './repositories/contact-repository.ts'
import * as deliveries from './repositories/delivery-repository.ts'
import * as events from './repositories/event-repository.ts'
import { inlineLimitBytes, type StoredBody } from './repositories/stored-body.ts'

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
const noBody: StoredBody = { inline: new Uint8Array() }

/**
 * Opens the store of a data folder.
 * @throws AppError `data_folder_unusable`, `data_newer`, `migration_failed`
 */
export async function openStore(options: StoreOptions): Promise<OpenStore> {
  const folder = join(options.folder, 'store')
  const known = options.migrations ?? migrations
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 })
    await mkdir(join(options.folder, 'bodies'), { recursive: true, mode: 0o700 })
  } catch (cause) {
    throw new AppError('data_folder_unusable', { folder: options.folder, reason: describeFileError(cause) }, { cause })
  }
  const configuration = new ConfigurationRepository()
  const opened = await JournaledDatabase.open({
    folder,
    files: options.files,
    clock: options.clock,
    onHealth: (problem) => options.onHealth?.(problem),
    onReload: () => store.reload(),
    ...(options.onSync === undefined ? {} : { onSync: options.onSync }),
    validate: (database) => refuseNewer(database, options.folder, known),
  })
  await migrate(opened.journal, options, known)
  const store = new SqlJsStore(options, folder, opened.journal, configuration, opened.damage)
  store.reload()
  // After damage, a body that no row names may belong to what was set aside.
  if (opened.damage.length === 0) await store.removeForgottenBodies()
  store.compactIfDue()
  return store
}

async function migrate(journal: JournaledDatabase, options: StoreOptions, known: readonly Migration[]): Promise<void> {
  const pending = pendingMigrations(journal.database, known)
  if (pending.length === 0) return
  const before = schemaVersion(journal.database)
  if (before > 0) await keepCopy(journal, options, before)
  for (const migration of pending) {
    try {
      await journal.transaction((run) => applyMigration(migration, run))
    } catch (cause) {
      await journal.close()
      if (cause instanceof AppError) throw cause
      const reason = cause instanceof Error ? cause.message : String(cause)
      throw new AppError('migration_failed', { folder: options.folder, version: migration.version, reason }, { cause })
    }
  }
}

async function keepCopy(journal: JournaledDatabase, options: StoreOptions, version: number): Promise<void> {
  const aside = join(options.folder, 'store', 'aside')
  await mkdir(aside, { recursive: true, mode: 0o700 })
  const path = join(aside, `before-migration-from-${version}.db`)
  await options.files.remove(path)
  await options.files.writeNew(path, journal.database.image())
}

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
  readonly #configuration: ConfigurationRepository
  readonly #bodies: BodyStore
  /** Bodies between their file and their row: not to be swept. */
  readonly #bodiesInUse = new Map<string, number>()
  #eventSeq = 0
  #compaction: Promise<void> | null = null

  constructor(
    options: StoreOptions,
    folder: string,
    journal: JournaledDatabase,
    configuration: ConfigurationRepository,
    damage: readonly Damage[],
  ) {
    this.#options = options
    this.#folder = folder
    this.#journal = journal
    this.#configuration = configuration
    this.#bodies = new BodyStore(join(options.folder, 'bodies'), options.files)
    this.damage = damage
    this.workspaces = configuration.reader('workspace')
    this.destinations = configuration.reader('destination')
    this.subscriptions = configuration.reader('subscription')
    this.endpoints = configuration.reader('endpoint')
    this.schemes = configuration.reader('scheme')
  }

  get failure(): string | null {
    return this.#journal.failure
  }

  /** Reads again what is kept beside the database, after opening and after a failure. */
  reload(): void {
    this.#configuration.load(this.#journal.database)
    this.#eventSeq = events.lastEventSeq(this.#journal.database)
    this.#options.onReload?.()
  }

  commit(changes: readonly Change[], onVisible?: () => void): Promise<void> {
    for (const change of changes) if (hasLargeBody(change)) return this.#commitWithFiles(changes, onVisible)
    return this.#commitNow(changes, inlineBody, onVisible)
  }

  async #commitWithFiles(changes: readonly Change[], onVisible?: () => void): Promise<void> {
    if (this.#journal.failure !== null) throw new AppError('storage_unavailable', { reason: this.#journal.failure })
    const stored = new Map<Uint8Array, StoredBody>()
    const used: string[] = []
    try {
      for (const bytes of changes.flatMap(largeBodies)) {
        const sha256 = await this.#putBody(bytes)
        used.push(sha256)
        stored.set(bytes, { sha256, bytes: bytes.length })
      }
      await this.#commitNow(changes, (bytes) => stored.get(bytes) ?? inlineBody(bytes), onVisible)
    } finally {
      for (const sha256 of used) this.#release(sha256)
    }
  }

  async #putBody(bytes: Uint8Array): Promise<string> {
    try {
      const sha256 = await this.#bodies.put(bytes)
      this.#bodiesInUse.set(sha256, (this.#bodiesInUse.get(sha256) ?? 0) + 1)
      return sha256
    } catch (cause) {
      throw new AppError('storage_unavailable', { reason: describeFileError(cause) }, { cause })
    }
  }

  #release(sha256: string): void {
    const uses = (this.#bodiesInUse.get(sha256) ?? 1) - 1
    if (uses === 0) this.#bodiesInUse.delete(sha256)
    else this.#bodiesInUse.set(sha256, uses)
  }

  #commitNow(
    changes: readonly Change[],
    stored: (bytes: Uint8Array) => StoredBody,
    onVisible?: () => void,
  ): Promise<void> {
    let durable: Promise<void>
    try {
      durable = this.#journal.transaction((run) => {
        for (const change of changes) this.#apply(run, change, stored)
      })
    } catch (error) {
      // The maps beside the rows may be ahead of the transaction that was undone.
      if (!(error instanceof AppError)) this.#configuration.load(this.#journal.database)
      return Promise.reject(error instanceof Error ? error : new Error(String(error)))
    }
    this.compactIfDue()
    onVisible?.()
    return durable
  }

  #apply(run: Execute, change: Change, stored: (bytes: Uint8Array) => StoredBody): void {
    switch (change.kind) {
      case 'event.insert':
        this.#eventSeq += 1
        events.insertEvent(run, change.event, this.#eventSeq, stored(change.event.payload))
        return
      case 'delivery.insert':
        deliveries.insertDelivery(run, change.delivery)
        return
      case 'delivery.claim':
        deliveries.claimDelivery(run, change.id)
        return
      case 'delivery.update':
        deliveries.updateDelivery(run, change.delivery)
        return
      case 'attempt.insert':
        this.#insertAttempt(run, change, stored)
        return
      case 'capture.insert':
        captures.insertCapture(run, change.capture, bodyOf(change.capture, stored))
        return
      default:
        this.#applyRarer(run, change)
    }
  }

  #applyRarer(run: Execute, change: Change): void {
    const { database, generation } = this.#journal
    switch (change.kind) {
      case 'delivery.delete':
        deliveries.deleteDelivery(database, run, change.id, generation)
        return
      case 'capture.delete':
        captures.deleteCapture(database, run, change.id, generation)
        return
      case 'capture.verdict':
        captures.updateCaptureVerdict(database, run, change.id, change.verdict)
        return
      case 'capture.marks':
        captures.updateCaptureMarks(database, run, change.id, change.marks)
        return
      case 'contact.put':
        contacts.putContact(run, change.contact)
        return
      case 'contact.delete':
        contacts.deleteContact(run, change.workspaceId, change.id)
        return
      default:
        this.#applyConfiguration(run, change)
    }
  }

  #applyConfiguration(run: Execute, change: Change): void {
    const configuration = this.#configuration
    switch (change.kind) {
      case 'workspace.put':
        return configuration.put(run, 'workspace', change.workspace.id, change.workspace)
      case 'workspace.delete':
        contacts.deleteContactsOf(run, change.id)
        return configuration.delete(run, 'workspace', change.id)
      case 'destination.put':
        return configuration.put(run, 'destination', change.destination.id, change.destination)
      case 'destination.delete':
        configuration.delete(run, 'health', change.id)
        return configuration.delete(run, 'destination', change.id)
      case 'destination.health':
        return configuration.put(run, 'health', change.id, change.health)
      case 'subscription.put':
        return configuration.put(run, 'subscription', change.subscription.id, change.subscription)
      case 'subscription.delete':
        return configuration.delete(run, 'subscription', change.id)
      case 'endpoint.put':
        return configuration.put(run, 'endpoint', change.endpoint.id, change.endpoint)
      case 'endpoint.delete':
        return configuration.delete(run, 'endpoint', change.id)
      case 'scheme.put':
        return configuration.put(run, 'scheme', change.scheme.id, change.scheme)
      case 'scheme.delete':
        return configuration.delete(run, 'scheme', change.id)
      case 'settings.put':
        return configuration.put(run, 'settings', 'all', change.settings)
      default:
        throw new Error(`unknown change ${change.kind}`)
    }
  }

  #insertAttempt(
    run: Execute,
    change: Extract<Change, { kind: 'attempt.insert' }>,
    stored: (bytes: Uint8Array) => StoredBody,
  ): void {
    const { attempt } = change
    const { requestBody } = attempt
    const excerpt = attempt.response?.excerpt
    deliveries.insertAttempt(run, change.deliveryId, {
      attempt,
      body: requestBody === null || requestBody === 'payload' ? null : stored(requestBody),
      excerpt: excerpt === undefined || excerpt.length === 0 ? null : stored(excerpt),
    })
  }

  settings(): Settings {
    const stored = this.#configuration.get<Settings>('settings', 'all')
    return stored === undefined ? defaultSettings : settingsSchema.parse(stored)
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

  async capturesOfDelivery(...[endpointId, id]: Parameters<Store['capturesOfDelivery']>): ReturnType<Store['capturesOfDelivery']> {
    return captures.findCapturesOfDelivery(this.#journal.database, endpointId, id)
  }

  async oldest(...[kind, limit, filter]: Parameters<Store['oldest']>): ReturnType<Store['oldest']> {
    const rows =
      kind === 'deliveries'
        ? this.#journal.database.all(
            `SELECT id FROM deliveries WHERE status >= ${deliveryStatuses.indexOf('succeeded')}
               AND created_at < ? ORDER BY id LIMIT ?`,
            [filter.before ?? Number.MAX_SAFE_INTEGER, limit],
          )
        : this.#journal.database.all(
            `SELECT id FROM captures WHERE pinned = 0 AND received_at < ? AND (? IS NULL OR endpoint_id = ?)
             ORDER BY id LIMIT ?`,
            [filter.before ?? Number.MAX_SAFE_INTEGER, filter.endpointId ?? null, filter.endpointId ?? null, limit],
          )
    return rows.map((row) => String(row['id']))
  }

  async count(...[kind, endpointId]: Parameters<Store['count']>): ReturnType<Store['count']> {
    const { database } = this.#journal
    if (kind === 'deliveries') return Number(database.value('SELECT count(*) FROM deliveries'))
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

  settled(): Promise<void> {
    return this.#journal.settled()
  }

  compactIfDue(): void {
    const { bytes, segments } = this.#journal.backlog
    const tooLarge = bytes > (this.#options.compactAfterBytes ?? compactAfterBytes) || segments > compactAfterSegments
    if (!tooLarge || this.#compaction !== null) return
    this.compact().catch((error: unknown) => {
      this.#options.onCompactionError?.(error instanceof Error ? error.message : String(error))
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
    await compactInWorker(this.#options.compactionWorker, { folder: this.#folder, upTo: sealed })
    this.#journal.compacted(sealed)
    const oldestKept = await pruneFiles(this.#options.files, this.#folder)
    await this.#sweepBodies(oldestKept)
  }

  /** Removes body files whose last row went before the oldest kept snapshot was made. */
  async #sweepBodies(oldestKept: number): Promise<void> {
    const orphans = this.#journal.database
      .all('SELECT sha256 FROM bodies WHERE references_count = 0 AND orphaned_in < ?', [oldestKept])
      .map((row) => String(row['sha256']))
      .filter((sha256) => !this.#bodiesInUse.has(sha256))
    if (orphans.length === 0) return
    await this.#journal.transaction((run) => {
      for (const sha256 of orphans) run('DELETE FROM bodies WHERE sha256 = ? AND references_count = 0', [sha256])
    })
    for (const sha256 of orphans) if (!this.#bodiesInUse.has(sha256)) await this.#bodies.remove(sha256)
  }

  /** Files that a crash left between being written and being named by a row. */
  async removeForgottenBodies(): Promise<void> {
    for (const sha256 of await this.#bodies.list()) {
      const known = this.#journal.database.value('SELECT 1 FROM bodies WHERE sha256 = ?', [sha256]) !== null
      if (!known) await this.#bodies.remove(sha256)
    }
  }

  async close(): Promise<void> {
    await this.#compaction?.catch(() => undefined)
    await this.#journal.close()
  }

  readonly #readBody = (sha256: string): Promise<Uint8Array | null> => this.#bodies.get(sha256)
}

const inlineBody = (bytes: Uint8Array): StoredBody => (bytes.length === 0 ? noBody : { inline: bytes })

function bodyOf(capture: CaptureWithBody, stored: (bytes: Uint8Array) => StoredBody): StoredBody | null {
  return capture.body.length === 0 ? null : stored(capture.body)
}

function bodiesOf(change: Change): (Uint8Array | undefined)[] {
  switch (change.kind) {
    case 'event.insert':
      return [change.event.payload]
    case 'capture.insert':
      return [change.capture.body]
    case 'attempt.insert': {
      const { requestBody, response } = change.attempt
      return [requestBody === 'payload' || requestBody === null ? undefined : requestBody, response?.excerpt]
    }
    default:
      return []
  }
}

function largeBodies(change: Change): Uint8Array[] {
  return bodiesOf(change).filter((bytes) => bytes !== undefined && bytes.length > inlineLimitBytes) as Uint8Array[]
}

function hasLargeBody(change: Change): boolean {
  switch (change.kind) {
    case 'event.insert':
      return change.event.payload.length > inlineLimitBytes
    case 'capture.insert':
      return change.capture.body.length > inlineLimitBytes
    case 'attempt.insert':
      return largeBodies(change).length > 0
    default:
      return false
  }
}

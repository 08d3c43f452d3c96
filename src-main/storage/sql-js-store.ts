import { join } from 'node:path'
import { AppError } from '../../src-shared/errors.ts'
import type { Capture } from '../../src-shared/model/capture.ts'
import type { DestinationHealth } from '../../src-shared/model/destination.ts'
import { defaultSettings, settingsSchema, type Settings } from '../../src-shared/model/settings.ts'
import type { Change, PageQuery, Removal, StorageUse, Store } from '../engine/store.ts'
import { BodyStore } from './body-store.ts'
import {
  ChangeWriter,
  hasLargeBody,
  inlineBody,
  largeBodies,
  needsReading,
  type Stored,
} from './change-writer.ts'
import { Compactor } from './compactor.ts'
import { describeFileError } from './file-system.ts'
import { FirstCaptures } from './first-captures.ts'
import type { Execute } from './journal-record.ts'
import type { JournaledDatabase } from './journaled-database.ts'
import type { Damage } from './recovery.ts'
import * as captures from './repositories/capture-repository.ts'
import { ConfigurationRepository } from './repositories/configuration-repository.ts'
import * as contacts from './repositories/contact-repository.ts'
import * as deliveries from './repositories/delivery-repository.ts'
import * as events from './repositories/event-repository.ts'
import { findIdempotentAnswer } from './repositories/idempotency-repository.ts'
import { findOldest } from './repositories/oldest.ts'
import * as removals from './repositories/removal-repository.ts'
import * as replays from './repositories/replay-repository.ts'
import { inlineLimitBytes, type StoredBody } from './repositories/stored-body.ts'
import { HistorySearch } from './history-search.ts'
import type { OpenStore, StoreOptions } from './store.ts'

type OnVisible = (durable: Promise<void>) => void

const wholePage = (ids: readonly string[]): PageQuery => ({ cursor: null, limit: ids.length })

/** The store over sql.js: commits go to the journal, reads to the database, large bodies to files. */
export class SqlJsStore implements OpenStore {
  readonly damage: readonly Damage[]
  readonly workspaces: Store['workspaces']
  readonly destinations: Store['destinations']
  readonly subscriptions: Store['subscriptions']
  readonly endpoints: Store['endpoints']
  readonly schemes: Store['schemes']
  readonly #options: StoreOptions
  readonly #journal: JournaledDatabase
  readonly #configuration = new ConfigurationRepository()
  readonly #changes: ChangeWriter
  readonly #bodies: BodyStore
  readonly #search: HistorySearch
  readonly #firsts: FirstCaptures
  readonly #compactor: Compactor
  #settings: { readonly stored: Settings; readonly parsed: Settings } | null = null

  constructor(options: StoreOptions, folder: string, journal: JournaledDatabase, damage: readonly Damage[]) {
    this.#options = options
    this.#journal = journal
    this.#changes = new ChangeWriter(journal, this.#configuration)
    this.#bodies = new BodyStore(join(options.folder, 'bodies'), options.files)
    this.#search = new HistorySearch({
      database: () => this.#journal.database,
      readStart: (sha256, bytes) => this.#bodies.getPart(sha256, 0, bytes),
    })
    this.#firsts = new FirstCaptures(() => this.#journal.database)
    this.#compactor = new Compactor({ ...options, folder, journal, bodies: this.#bodies })
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

  /** What an earlier launch left to do. @param everythingRead false when rows lie aside, which may name bodies */
  async takeUp(everythingRead: boolean): Promise<void> {
    if (everythingRead) await this.#compactor.removeForgottenBodies().catch(() => undefined)
    this.#compactor.compactIfDue()
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
    this.#search.forget()
    this.#firsts.forget()
  }

  commit(changes: readonly Change[], onVisible?: OnVisible): Promise<void> {
    for (const change of changes) if (hasLargeBody(change)) return this.#commitWithFiles(changes, onVisible)
    try {
      return this.#commitNow(changes, inlineBody, onVisible)
    } catch (error) {
      return Promise.reject(error instanceof Error ? error : new Error(String(error)))
    }
  }

  async #commitWithFiles(changes: readonly Change[], onVisible?: OnVisible): Promise<void> {
    this.#requireWritable()
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

  #commitNow(changes: readonly Change[], stored: Stored, onVisible?: OnVisible): Promise<void> {
    const [only] = changes
    const restored = only?.kind === 'removal.restore' ? this.#removedUnder(only.removal) : null
    const durable = this.#write(
      (run) => {
        for (const change of changes) this.#changes.apply(run, change, stored)
      },
      changes.some(needsReading) ? 'reading' : 'blind',
    )
    this.#search.note(changes)
    for (const change of changes) if (change.kind === 'capture.insert') this.#noteDelivery(change.capture)
    restored?.()
    onVisible?.(durable)
    return durable
  }

  /** What has to be told of rows that come back: indexes may have been made while they were away. */
  #removedUnder(removal: Removal): () => void {
    const ids = removals.findRemovedIds(this.#journal.database, removal)
    return () => {
      for (const id of ids) this.#search.noteRow(removal.of, id)
      if (removal.of === 'captures') this.#firsts.forget()
    }
  }

  /** @throws what makes the transaction impossible; a Promise that rejects would be dearer on the hot path */
  #write(work: (run: Execute) => void, how: 'reading' | 'blind'): Promise<void> {
    try {
      const durable = how === 'reading' ? this.#journal.transaction(work) : this.#journal.append(work)
      this.#compactor.compactIfDue()
      return durable
    } catch (error) {
      // The maps beside the rows may be ahead of the transaction that was undone.
      if (!(error instanceof AppError)) this.#load()
      throw error
    }
  }

  async keepCapture(...[received, make]: Parameters<Store['keepCapture']>): ReturnType<Store['keepCapture']> {
    const { body } = received
    if (body.length <= inlineLimitBytes) {
      const { capture, durable } = this.#keepCapture(
        received,
        make,
        body.length === 0 ? null : inlineBody(body),
      )
      await durable
      return capture
    }
    this.#requireWritable()
    const sha256 = await this.#putBody(body)
    try {
      const { capture, durable } = this.#keepCapture(received, make, { sha256, bytes: body.length })
      await durable
      return capture
    } finally {
      this.#bodies.release(sha256)
    }
  }

  #keepCapture(
    { endpointId, deliveryId }: Parameters<Store['keepCapture']>[0],
    make: Parameters<Store['keepCapture']>[1],
    body: StoredBody | null,
  ): { readonly capture: Capture; readonly durable: Promise<void> } {
    const capture = make(deliveryId === null ? null : this.#firsts.find(endpointId, deliveryId))
    const durable = this.#write((run) => captures.insertCapture(run, capture, body), 'blind')
    this.#noteDelivery(capture)
    this.#search.noteRow('captures', capture.id)
    return { capture, durable }
  }

  #noteDelivery({ endpointId, deliveryId }: Capture): void {
    this.#firsts.note(endpointId, deliveryId)
  }

  #requireWritable(): void {
    const reason = this.#journal.failure
    if (reason !== null) throw new AppError('storage_unavailable', { reason })
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

  async contacts(...[filter, page]: Parameters<Store['contacts']>): ReturnType<Store['contacts']> {
    return contacts.findContacts(this.#journal.database, filter, page)
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
    if (filter.search !== undefined) {
      return this.#search.page('deliveries', filter.search, page, (ids) =>
        deliveries.findDeliveries(this.#journal.database, filter, wholePage(ids), ids),
      )
    }
    return deliveries.findDeliveries(this.#journal.database, filter, page)
  }

  async attempts(...[deliveryId]: Parameters<Store['attempts']>): ReturnType<Store['attempts']> {
    return deliveries.findAttempts(this.#journal.database, deliveryId, this.#readBody)
  }

  async replay(...[id]: Parameters<Store['replay']>): ReturnType<Store['replay']> {
    return replays.findReplay(this.#journal.database, id)
  }

  async replays(...[page]: Parameters<Store['replays']>): ReturnType<Store['replays']> {
    return replays.findReplays(this.#journal.database, page)
  }

  async replayCounts(...[id]: Parameters<Store['replayCounts']>): ReturnType<Store['replayCounts']> {
    return replays.countReplay(this.#journal.database, id)
  }

  async replayRequest(...[id]: Parameters<Store['replayRequest']>): ReturnType<Store['replayRequest']> {
    return replays.findReplayRequest(this.#journal.database, id, this.#readBody)
  }

  async waitingDeliveries(): ReturnType<Store['waitingDeliveries']> {
    return deliveries.findWaitingDeliveries(this.#journal.database)
  }

  async capture(...[id]: Parameters<Store['capture']>): ReturnType<Store['capture']> {
    return captures.findCapture(this.#journal.database, id, this.#readBody)
  }

  async captureBody(...[id, part]: Parameters<Store['captureBody']>): ReturnType<Store['captureBody']> {
    const stored = captures.findCaptureBody(this.#journal.database, id)
    if (stored === undefined) return undefined
    const [start, end] = part(stored.bytes)
    if (stored.inline !== null) return stored.inline.subarray(start, end)
    return (await this.#bodies.getPart(stored.sha256, start, end)) ?? new Uint8Array()
  }

  async captures(...[filter, page]: Parameters<Store['captures']>): ReturnType<Store['captures']> {
    if (filter.search !== undefined) {
      return this.#search.page('captures', filter.search, page, (ids) =>
        captures.findCaptures(this.#journal.database, filter, wholePage(ids), ids),
      )
    }
    return captures.findCaptures(this.#journal.database, filter, page)
  }

  async capturesOfDelivery(
    ...[endpointId, id]: Parameters<Store['capturesOfDelivery']>
  ): ReturnType<Store['capturesOfDelivery']> {
    return captures.findCapturesOfDelivery(this.#journal.database, endpointId, id)
  }

  async oldest(...[kind, limit, filter]: Parameters<Store['oldest']>): ReturnType<Store['oldest']> {
    return findOldest(this.#journal.database, kind, limit, filter)
  }

  async count(...[kind, endpointId]: Parameters<Store['count']>): ReturnType<Store['count']> {
    const { database } = this.#journal
    if (kind !== 'captures') return Number(database.value(`SELECT count(*) FROM ${kind}`))
    if (endpointId === undefined) return Number(database.value('SELECT count(*) FROM captures'))
    return Number(database.value('SELECT count(*) FROM captures WHERE endpoint_id = ?', [endpointId]))
  }

  async idempotentAnswer(
    ...[operation, key]: Parameters<Store['idempotentAnswer']>
  ): ReturnType<Store['idempotentAnswer']> {
    return findIdempotentAnswer(this.#journal.database, operation, key)
  }

  async removedRows(...[removal]: Parameters<Store['removedRows']>): ReturnType<Store['removedRows']> {
    return removals.findRemovedIds(this.#journal.database, removal).length
  }

  async removals(): ReturnType<Store['removals']> {
    return removals.findRemovals(this.#journal.database)
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

  compact(): Promise<void> {
    return this.#compactor.compact()
  }

  async close(): Promise<void> {
    await this.#compactor.stop()
    this.#search.forget()
    this.#firsts.close()
    await this.#journal.close()
  }

  readonly #readBody = (sha256: string): Promise<Uint8Array | null> => this.#bodies.get(sha256)
}

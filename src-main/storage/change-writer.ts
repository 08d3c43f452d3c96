import type { CaptureWithBody } from '../../src-shared/model/capture.ts'
import type { Change } from '../engine/store.ts'
import type { Execute } from './journal-record.ts'
import type { JournaledDatabase } from './journaled-database.ts'
import * as captures from './repositories/capture-repository.ts'
import type { ConfigurationRepository } from './repositories/configuration-repository.ts'
import * as contacts from './repositories/contact-repository.ts'
import * as deliveries from './repositories/delivery-repository.ts'
import * as events from './repositories/event-repository.ts'
import { expireIdempotentAnswers, putIdempotentAnswer } from './repositories/idempotency-repository.ts'
import * as removals from './repositories/removal-repository.ts'
import { insertReplayRequest, putReplay } from './repositories/replay-repository.ts'
import { inlineLimitBytes, type StoredBody } from './repositories/stored-body.ts'

/** Tells where a body was put: in its row, or in a file that is on disk already. */
export type Stored = (bytes: Uint8Array) => StoredBody

/** Turns changes into statements, inside a transaction of the journal. */
export class ChangeWriter {
  readonly #journal: JournaledDatabase
  readonly #configuration: ConfigurationRepository
  #eventSeq = 0

  constructor(journal: JournaledDatabase, configuration: ConfigurationRepository) {
    this.#journal = journal
    this.#configuration = configuration
  }

  /** Takes up from what the database holds: after opening, and after it was recovered. */
  reload(): void {
    this.#eventSeq = events.lastEventSeq(this.#journal.database)
  }

  apply(run: Execute, change: Change, stored: Stored): void {
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
      case 'event.delete':
        events.deleteEvent(database, run, change.id, generation)
        return
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
      case 'replay.put':
        return putReplay(run, change.replay)
      case 'replay-request.insert':
        return insertReplayRequest(database, run, change)
      case 'idempotent-answer.put':
        return putIdempotentAnswer(run, change.operation, change.key, change.answer)
      case 'idempotent-answer.expire':
        return expireIdempotentAnswers(run, change.before)
      case 'removal.put':
        return removals.putRemoval(run, change.removal)
      case 'removal.row':
        return removals.removeRow(run, change.removal.of, change.removal.token, change.id)
      case 'removal.restore':
        return removals.restoreRemoval(run, change.removal)
      case 'removal.purge':
        return removals.purgeRemoval(database, run, change.removal, change.limit, generation)
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

  #insertAttempt(run: Execute, change: Extract<Change, { kind: 'attempt.insert' }>, stored: Stored): void {
    const { attempt } = change
    const { requestBody } = attempt
    const excerpt = attempt.response?.excerpt
    deliveries.insertAttempt(run, change.deliveryId, {
      attempt,
      body: requestBody === null || requestBody === 'payload' ? null : stored(requestBody),
      excerpt: excerpt === undefined || excerpt.length === 0 ? null : stored(excerpt),
    })
  }
}

/** True for changes that are written by reading what is there; the many of every day need none. */
export function needsReading({ kind }: Change): boolean {
  switch (kind) {
    case 'event.insert':
    case 'delivery.insert':
    case 'delivery.claim':
    case 'delivery.update':
    case 'attempt.insert':
    case 'capture.insert':
    case 'destination.health':
      return false
    default:
      return true
  }
}

/** A body that stays in its row. */
export const inlineBody = (bytes: Uint8Array): StoredBody => ({ inline: bytes })

function bodyOf(capture: CaptureWithBody, stored: Stored): StoredBody | null {
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

/** The bodies of a change that go to files. */
export function largeBodies(change: Change): Uint8Array[] {
  return bodiesOf(change).flatMap((bytes) =>
    bytes !== undefined && bytes.length > inlineLimitBytes ? [bytes] : [],
  )
}

/** On the hot path: makes no lists. */
export function hasLargeBody(change: Change): boolean {
  switch (change.kind) {
    case 'event.insert':
      return change.event.payload.length > inlineLimitBytes
    case 'capture.insert':
      return change.capture.body.length > inlineLimitBytes
    case 'attempt.insert': {
      const { requestBody, response } = change.attempt
      const isLarge =
        requestBody !== null && requestBody !== 'payload' && requestBody.length > inlineLimitBytes
      return isLarge || (response !== null && response.excerpt.length > inlineLimitBytes)
    }
    default:
      return false
  }
}

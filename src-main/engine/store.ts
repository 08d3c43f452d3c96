import type {
  Capture,
  CaptureMarks,
  CaptureVerdict,
  CaptureWithBody,
  VerdictStatus,
} from '../../src-shared/model/capture.ts'
import type { Contact } from '../../src-shared/model/contact.ts'
import type { Attempt, Delivery, DeliveryStatus, Origin } from '../../src-shared/model/delivery.ts'
import type { Destination, DestinationHealth } from '../../src-shared/model/destination.ts'
import type { Endpoint } from '../../src-shared/model/endpoint.ts'
import type { WebhookEvent } from '../../src-shared/model/event.ts'
import type {
  CaptureId,
  ContactId,
  DeliveryId,
  DestinationId,
  EndpointId,
  EventId,
  ReplayId,
  SchemeId,
  SubscriptionId,
  WorkspaceId,
} from '../../src-shared/model/ids.ts'
import type { OwnScheme } from '../../src-shared/model/own-scheme.ts'
import type { Replay, ReplayCounts } from '../../src-shared/model/replay.ts'
import type { Settings } from '../../src-shared/model/settings.ts'
import type { Subscription } from '../../src-shared/model/subscription.ts'
import type { Workspace } from '../../src-shared/model/workspace.ts'
import type { BodySource, KeptReplayRequest, ReplayRequest } from './replay/replay-request.ts'
import type { SearchPhrase } from './search-query.ts'

/**
 * The engine's port to what is kept. Everything is asynchronous and shows nothing of the database behind it.
 */

/** One thing to write. A list of them is committed whole or not at all. */
export type Change =
  | { readonly kind: 'workspace.put'; readonly workspace: Workspace }
  | { readonly kind: 'workspace.delete'; readonly id: WorkspaceId }
  | { readonly kind: 'destination.put'; readonly destination: Destination }
  | { readonly kind: 'destination.delete'; readonly id: DestinationId }
  | { readonly kind: 'destination.health'; readonly id: DestinationId; readonly health: DestinationHealth }
  | { readonly kind: 'subscription.put'; readonly subscription: Subscription }
  | { readonly kind: 'subscription.delete'; readonly id: SubscriptionId }
  | { readonly kind: 'endpoint.put'; readonly endpoint: Endpoint }
  | { readonly kind: 'endpoint.delete'; readonly id: EndpointId }
  | { readonly kind: 'scheme.put'; readonly scheme: OwnScheme }
  | { readonly kind: 'scheme.delete'; readonly id: SchemeId }
  | { readonly kind: 'settings.put'; readonly settings: Settings }
  | { readonly kind: 'contact.put'; readonly contact: Contact }
  | { readonly kind: 'contact.delete'; readonly workspaceId: WorkspaceId; readonly id: ContactId }
  | { readonly kind: 'event.insert'; readonly event: WebhookEvent }
  /** Of an event that made no delivery; the others go with their last one. */
  | { readonly kind: 'event.delete'; readonly id: EventId }
  | { readonly kind: 'delivery.insert'; readonly delivery: Delivery }
  /** Only the status changes: the claim, on the hot path. */
  | { readonly kind: 'delivery.claim'; readonly id: DeliveryId }
  | { readonly kind: 'delivery.update'; readonly delivery: Delivery }
  | { readonly kind: 'delivery.delete'; readonly id: DeliveryId }
  | { readonly kind: 'replay.put'; readonly replay: Replay }
  /** What a delivery of a replay sends. Refused as `conflict` when the source of its body has gone. */
  | {
      readonly kind: 'replay-request.insert'
      readonly deliveryId: DeliveryId
      readonly source: NonNullable<Delivery['source']>
      readonly request: ReplayRequest
      readonly body: BodySource | null
    }
  | { readonly kind: 'attempt.insert'; readonly deliveryId: DeliveryId; readonly attempt: Attempt }
  | { readonly kind: 'capture.insert'; readonly capture: CaptureWithBody }
  | { readonly kind: 'capture.verdict'; readonly id: CaptureId; readonly verdict: CaptureVerdict }
  | { readonly kind: 'capture.marks'; readonly id: CaptureId; readonly marks: CaptureMarks }
  | { readonly kind: 'capture.delete'; readonly id: CaptureId }
  /** Comes with the rows in each transaction that removes some; again and again is once. */
  | { readonly kind: 'removal.put'; readonly removal: Removal }
  | { readonly kind: 'removal.row'; readonly removal: Removal; readonly id: DeliveryId | CaptureId }
  | { readonly kind: 'removal.restore'; readonly removal: Removal }
  /** Deletes up to `limit` of its rows for good, and the removal with the last one. */
  | {
      readonly kind: 'idempotent-answer.put'
      readonly operation: string
      readonly key: string
      readonly answer: IdempotentAnswer
    }
  /** Deletes the answers that were kept before this moment. */
  | { readonly kind: 'idempotent-answer.expire'; readonly before: number }
  | { readonly kind: 'removal.purge'; readonly removal: Removal; readonly limit: number }

/** Rows taken out of the history, which can be brought back until `expiresAt` (epoch milliseconds). */
export interface Removal {
  readonly token: string
  readonly of: 'deliveries' | 'captures'
  readonly expiresAt: number
}

/** What a request under an idempotency key was answered with. */
export interface IdempotentAnswer {
  /** Of the request: another one under the same key is a mistake. */
  readonly requestSha256: string
  readonly answer: unknown
  readonly createdAt: number
}

/** A page, newest first. `cursor` is the last id of the page before; rows that arrive meanwhile don't shift it. */
export interface PageQuery {
  readonly cursor: string | null
  readonly limit: number
}

export interface Page<T> {
  readonly items: readonly T[]
  readonly nextCursor: string | null
}

export interface ContactFilter {
  readonly workspaceId: WorkspaceId
  /** A part of the id or of the text of any attribute; the case of ASCII letters is no matter. */
  readonly containing?: string | undefined
}

export interface DeliveryFilter {
  /** A full-text search; all phrases must be found. */
  readonly search?: readonly SearchPhrase[] | undefined
  readonly ids?: readonly DeliveryId[] | undefined
  readonly workspaceId?: WorkspaceId | undefined
  readonly destinationId?: DestinationId | undefined
  readonly eventId?: EventId | undefined
  readonly eventType?: string | undefined
  readonly status?: readonly DeliveryStatus[] | undefined
  readonly origin?: Origin | undefined
  readonly replayId?: ReplayId | undefined
  /** Replays of this one. */
  readonly sourceCaptureId?: CaptureId | undefined
  readonly sourceDeliveryId?: DeliveryId | undefined
  /** Created at or after, and before; epoch milliseconds. */
  readonly since?: number | undefined
  readonly until?: number | undefined
}

export interface CaptureFilter {
  readonly search?: readonly SearchPhrase[] | undefined
  readonly ids?: readonly CaptureId[] | undefined
  readonly endpointId?: EndpointId | undefined
  readonly method?: string | undefined
  readonly eventType?: string | undefined
  readonly deliveryId?: string | undefined
  readonly verdict?: readonly VerdictStatus[] | undefined
  readonly pinned?: boolean | undefined
  readonly since?: number | undefined
  readonly until?: number | undefined
}

/** A delivery that has not ended, as the due-queue needs it. */
export interface WaitingDelivery {
  readonly id: DeliveryId
  readonly destinationId: DestinationId | null
  readonly replayId: ReplayId | null
  readonly status: 'pending' | 'processing' | 'retrying'
  /** When it may be sent: its creation, or its next attempt. Epoch milliseconds. */
  readonly dueAt: number
}

/** Things that are few: all of them are at hand without waiting. */
export interface ConfigurationReader<Id, T> {
  get(id: Id): T | undefined
  list(): readonly T[]
}

/** What piles up, and is removed by retention. */
export type HistoryKind = 'deliveries' | 'captures' | 'events'

export interface StorageUse {
  readonly deliveries: number
  readonly captures: number
  readonly events: number
  readonly databaseBytes: number
  readonly journalBytes: number
  readonly bodies: number
  readonly bodiesBytes: number
}

export interface Store {
  /**
   * Writes the changes as one transaction: they are seen by reads as soon as this returns its promise (unless a body
   * is large), and are on disk once it resolves.
   * @param onVisible called when reads see the changes, before they are on disk; what is chained to `durable` there
   *   comes before all that waits for later commits
   * @throws AppError `storage_unavailable`; nothing of it is kept then
   */
  commit(changes: readonly Change[], onVisible?: (durable: Promise<void>) => void): Promise<void>

  /**
   * Writes the capture that `make` makes of the oldest one with the same endpoint and delivery id, or null. That one is
   * looked up in the moment of writing: of two requests with one delivery id the second sees the first, and it takes no
   * longer for the thousandth than for the first.
   * @returns the capture, once it is on disk
   * @throws AppError `storage_unavailable`
   */
  keepCapture(
    received: {
      readonly endpointId: EndpointId
      readonly deliveryId: string | null
      readonly body: Uint8Array
    },
    make: (first: CaptureId | null) => Capture,
  ): Promise<Capture>

  readonly workspaces: ConfigurationReader<WorkspaceId, Workspace>
  readonly destinations: ConfigurationReader<DestinationId, Destination>
  readonly subscriptions: ConfigurationReader<SubscriptionId, Subscription>
  readonly endpoints: ConfigurationReader<EndpointId, Endpoint>
  readonly schemes: ConfigurationReader<SchemeId, OwnScheme>
  settings(): Settings
  destinationHealth(id: DestinationId): DestinationHealth

  contact(workspaceId: WorkspaceId, id: ContactId): Promise<Contact | undefined>
  /** In the order of their ids. */
  contacts(filter: ContactFilter, page: PageQuery): Promise<Page<Contact>>

  event(id: EventId): Promise<WebhookEvent | undefined>
  events(
    filter: { readonly workspaceId?: WorkspaceId | undefined; readonly type?: string | undefined },
    page: PageQuery,
  ): Promise<Page<WebhookEvent>>

  delivery(id: DeliveryId): Promise<Delivery | undefined>
  deliveries(filter: DeliveryFilter, page: PageQuery): Promise<Page<Delivery>>
  /** Oldest first. */
  attempts(deliveryId: DeliveryId): Promise<readonly Attempt[]>
  replay(id: ReplayId): Promise<Replay | undefined>
  replays(page: PageQuery): Promise<Page<Replay>>
  replayCounts(id: ReplayId): Promise<ReplayCounts>
  /** What a delivery of a replay sends. */
  replayRequest(deliveryId: DeliveryId): Promise<KeptReplayRequest | undefined>
  /** Every delivery that has not ended, oldest first. */
  waitingDeliveries(): Promise<readonly WaitingDelivery[]>

  capture(id: CaptureId): Promise<CaptureWithBody | undefined>
  /**
   * What was kept of a capture's body, or a part of it.
   * @param part gets the number of kept bytes; bytes `start` to before `end` are read
   */
  captureBody(
    id: CaptureId,
    part: (keptBytes: number) => readonly [start: number, end: number],
  ): Promise<Uint8Array | undefined>
  captures(filter: CaptureFilter, page: PageQuery): Promise<Page<Capture>>
  /** The captures of an endpoint with this delivery id, oldest first. */
  capturesOfDelivery(endpointId: EndpointId, deliveryId: string): Promise<readonly CaptureId[]>
  /**
   * What retention removes first, oldest first: no pinned captures, no deliveries that have not ended, and of events
   * those that made no delivery.
   */
  oldest(
    kind: HistoryKind,
    limit: number,
    filter: { readonly before?: number | undefined; readonly endpointId?: EndpointId | undefined },
  ): Promise<readonly string[]>
  idempotentAnswer(operation: string, key: string): Promise<IdempotentAnswer | undefined>
  /** What was removed and can still be brought back, the oldest first. */
  removals(): Promise<readonly Removal[]>
  /** How many of a removal's rows can still be brought back. */
  removedRows(removal: Removal): Promise<number>
  count(kind: HistoryKind, endpointId?: EndpointId): Promise<number>
  use(): Promise<StorageUse>
  /** Resolves when everything that reads can see by now is on disk, or was refused. Never rejects. */
  durable(): Promise<void>
}

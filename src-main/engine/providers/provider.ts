import type { Header } from '../../../src-shared/model/header.ts'
import type { JsonObject } from '../../../src-shared/model/json.ts'
import type { SignatureScheme } from '../../../src-shared/model/scheme.ts'
import type { Random } from '../ports.ts'
import type { SchemeHeader } from '../signing/sign.ts'

/** An event that a provider sends. */
export interface EventDescription {
  readonly type: string
  readonly description: string
  /** False for an event that is only ever sent by hand (leadpush's `webhook.test`). */
  readonly subscribable: boolean
}

/** The workspace as payloads show it. */
export interface PayloadWorkspace {
  readonly uuid: string
  readonly name: string
}

/** What a sample is made for. The same context gives the same sample. */
export interface SampleContext {
  readonly eventId: string
  /** Epoch milliseconds. */
  readonly occurredAt: number
  readonly workspace: PayloadWorkspace
  /** Makes the ids inside the sample differ from one to the next; without it they are fixed. */
  readonly random?: Random
}

/** What a payload says about its event. */
export interface Envelope {
  readonly eventId: string
  readonly type: string
  /** Epoch milliseconds. */
  readonly occurredAt: number
  readonly workspace: PayloadWorkspace
}

/** What a contact change adds to its payload; keys are dotted paths, e.g. `attributes.first_name`. */
export interface ContactChanges {
  readonly before: JsonObject
  readonly after: JsonObject
}

/** What the provider's own headers may depend on. */
export interface HeaderContext {
  readonly eventType: string
  readonly deliveryId: string
}

/** How a provider's signing secrets look. */
export interface SecretRule {
  /** False where deliveries can be sent unsigned. */
  readonly required: boolean
  readonly generate: (random: Random) => string
  /** One sentence about what is wrong with the secret's form, or null. */
  readonly check: (secret: string) => string | null
}

/** When a failed delivery is tried again: n delays, n + 1 attempts. */
export interface RetryPolicy {
  readonly delaysSeconds: readonly number[]
  /** Adds up to this share of a delay, never less. */
  readonly jitter: number
}

/**
 * One webhook sender's contract, as data and a few small functions. The engine never asks for a provider's name.
 *
 * @see providers.md
 */
export interface Provider {
  readonly id: string
  /** For people. */
  readonly name: string
  /** False for presets that only verify: they have no events. */
  readonly sends: boolean
  /** Where the contract stands. */
  readonly documentation: string
  /** What the provider leaves open and is assumed here; shown in the UI. */
  readonly assumptions: readonly string[]

  readonly events: readonly EventDescription[]
  /** True when any event type may be sent; `events` are examples then. */
  readonly openCatalogue: boolean
  /** The type that a test delivery has; null: the first sample, with origin `test`. */
  readonly testEventType: string | null
  /** Form of event ids: lower-case ULID or UUID. */
  readonly eventIdKind: 'ulid' | 'uuid'

  readonly scheme: SignatureScheme
  /** Order in which the scheme's headers are sent. */
  readonly headerOrder: readonly SchemeHeader[]
  readonly secret: SecretRule

  /** Allowed methods; the first is not necessarily the default. */
  readonly methods: readonly string[]
  readonly defaultMethod: string
  /** Methods that send a body unless the body template says otherwise. */
  readonly methodsWithBody: readonly string[]
  /** Lower-case names that header templates may not set. */
  readonly reservedHeaders: readonly string[]

  readonly retry: RetryPolicy
  /** Failures in a row after which a destination is paused; null: never. */
  readonly pauseAfterFailures: number | null
  readonly defaultTimeoutSeconds: number

  /** Fixed headers of a delivery, without those of the scheme and without Content-Type. */
  readonly headers: (context: HeaderContext) => Header[]
  /** Sentences about what the provider would refuse in a URL. Pure: names are not resolved. */
  readonly productionChecks: (url: URL) => string[]
  /** A realistic payload; for a type outside the catalogue, one of its most common shape. */
  readonly sample: (type: string, context: SampleContext) => JsonObject
  /** The payload of a change of a contact; null where the provider's workspaces hold no contacts here. */
  readonly contactEvent:
    ((envelope: Envelope, contact: JsonObject, changes: ContactChanges) => JsonObject) | null
  /** The payload with the event's id, type, time and workspace in this provider's places. */
  readonly setEnvelope: (payload: JsonObject, envelope: Envelope) => JsonObject
}

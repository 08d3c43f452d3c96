import type { Header } from '../../../src-shared/model/header.ts'
import type { CaptureId, DeliveryId, EventId } from '../../../src-shared/model/ids.ts'
import type { SignatureScheme } from '../../../src-shared/model/scheme.ts'
import type { SchemeHeader } from '../signing/sign.ts'

/** How the attempts of a replay are signed. */
export interface ReplaySigning {
  readonly scheme: SignatureScheme
  readonly order: readonly SchemeHeader[] | null
  /** Sealed, the current one first; or those that the destination of the replay has at the time. */
  readonly secrets: readonly string[] | 'destination'
}

/** What a replay sends: kept when the replay is made, for its source may be gone by then. The body is kept beside it. */
export interface ReplayRequest {
  readonly method: string
  /** null: the destination's. */
  readonly url: string | null
  /** Path and query to put behind the origin of the URL; null: the URL's own. */
  readonly target: string | null
  /** Without those of the connection and, when it is signed, without those of the scheme. */
  readonly headers: readonly Header[]
  /** null: the request carries the signature that it had. */
  readonly signing: ReplaySigning | null
  /** Where the body holds a secret that must not be shown. */
  readonly secretPaths: readonly string[]
}

/** With the body as it was: null when there was none, undefined when it is gone. */
export interface KeptReplayRequest extends ReplayRequest {
  readonly body: Uint8Array | null | undefined
}

/** Whose body a replay sends. It is kept anew, by reference: it is not read when the replay is made. */
export type BodySource =
  | { readonly captureId: CaptureId }
  | { readonly eventId: EventId }
  | { readonly deliveryId: DeliveryId; readonly attempt: number }
  | { readonly replayed: DeliveryId }

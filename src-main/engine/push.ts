import type { Capture } from '../../src-shared/model/capture.ts'
import type { Attempt, Delivery } from '../../src-shared/model/delivery.ts'
import type { WebhookEvent } from '../../src-shared/model/event.ts'
import type { CaptureId, DeliveryId, DestinationId } from '../../src-shared/model/ids.ts'
import type { Replay, ReplayCounts } from '../../src-shared/model/replay.ts'

/** What a listener has to read again after a change of the configuration; `all` after an import. */
export type ConfigurationArea =
  'workspaces' | 'contacts' | 'destinations' | 'subscriptions' | 'endpoints' | 'schemes' | 'settings' | 'all'

/** What the engine tells whoever listens, after it is on disk. */
export type PushEvent =
  /** Without its payload, which the feed would hold for long. */
  | { readonly kind: 'event'; readonly event: Omit<WebhookEvent, 'payload'> }
  | { readonly kind: 'delivery'; readonly delivery: Delivery }
  | { readonly kind: 'attempt'; readonly deliveryId: DeliveryId; readonly attempt: Attempt }
  /** `marked`: it was told before, and is pinned, tagged or judged anew. */
  | { readonly kind: 'capture'; readonly capture: Capture; readonly change: 'received' | 'marked' }
  | { readonly kind: 'replay'; readonly replay: Replay; readonly counts: ReplayCounts }
  | {
      readonly kind: 'destination'
      readonly destinationId: DestinationId
      readonly change: 'changed' | 'paused' | 'failing'
    }
  /** Removed from the history, or brought back; `ids` is null when they are too many to name. */
  | {
      readonly kind: 'history'
      readonly of: 'deliveries' | 'captures'
      readonly change: 'removed' | 'restored'
      readonly ids: readonly (DeliveryId | CaptureId)[] | null
    }
  | { readonly kind: 'configuration'; readonly of: ConfigurationArea; readonly id: string | null }
  /** The store was recovered in mid-life: read everything again. */
  | { readonly kind: 'reset' }

/** Hands events to listeners, in order and at once. A listener that throws harms nobody else. */
export interface PushHub {
  publish(event: PushEvent): void
  /** @returns stops listening */
  subscribe(listener: (event: PushEvent) => void): () => void
}

export function createPushHub(onListenerError: (error: unknown) => void): PushHub {
  const listeners = new Set<(event: PushEvent) => void>()
  return {
    publish(event) {
      for (const listener of listeners) {
        try {
          listener(event)
        } catch (error) {
          onListenerError(error)
        }
      }
    },
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}

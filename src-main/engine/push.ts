import type { Capture } from '../../src-shared/model/capture.ts'
import type { Attempt, Delivery } from '../../src-shared/model/delivery.ts'
import type { DeliveryId, DestinationId } from '../../src-shared/model/ids.ts'

/** What the engine tells whoever listens, after it is on disk. */
export type PushEvent =
  | { readonly kind: 'delivery'; readonly delivery: Delivery }
  | { readonly kind: 'attempt'; readonly deliveryId: DeliveryId; readonly attempt: Attempt }
  | { readonly kind: 'capture'; readonly capture: Capture }
  | {
      readonly kind: 'destination'
      readonly destinationId: DestinationId
      readonly change: 'changed' | 'paused' | 'failing'
    }
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

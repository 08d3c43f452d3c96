import type { Delivery, Failure } from '../../../src-shared/model/delivery.ts'
import type { Destination } from '../../../src-shared/model/destination.ts'
import type { JsonObject } from '../../../src-shared/model/json.ts'
import { parseDestinationTemplates, renderDestinationUrl } from '../dispatch/render-request.ts'
import { parseJsonBody } from '../signing/json-body.ts'
import type { Store } from '../store.ts'
import type { KeptReplayRequest } from './replay-request.ts'
import { originOf } from './target.ts'

interface Surroundings {
  readonly store: Store
  readonly receiverUrl: () => string
}

/** Where a replay goes: to a destination as it is now, for it may have been mended since the replay was made. */
export function replayUrl(
  surroundings: Surroundings,
  destination: Destination | null,
  kept: KeptReplayRequest,
  delivery: Delivery,
): string | Failure {
  const base =
    kept.url ?? (destination === null ? '' : urlOf(surroundings, destination, delivery, kept.body ?? null))
  if (typeof base !== 'string') return base
  return kept.target === null ? base : originOf(base) + kept.target
}

function urlOf(
  surroundings: Surroundings,
  destination: Destination,
  delivery: Delivery,
  body: Uint8Array | null,
): string | Failure {
  const templates = parseDestinationTemplates(destination)
  // Most are literal: the body needn't be parsed then.
  const root = templates.literal ? {} : templateRoot(surroundings, destination, delivery, body)
  return renderDestinationUrl(templates, root)
}

/** What the URL's variables can reach: the body, where it is a JSON object, and what stands around it. */
function templateRoot(
  { store, receiverUrl }: Surroundings,
  destination: Destination,
  delivery: Delivery,
  body: Uint8Array | null,
): JsonObject {
  const workspace = store.workspaces.get(destination.workspace_id)
  const document = body === null ? undefined : parseJsonBody(body)
  const isObject = typeof document === 'object' && document !== null && !Array.isArray(document)
  return {
    event: { id: delivery.eventId, type: delivery.eventType },
    workspace: { uuid: destination.workspace_id, name: workspace?.name ?? '' },
    ...(isObject ? (document as JsonObject) : {}),
    delivery: { uuid: delivery.providerDeliveryId, event_id: delivery.eventId },
    destination: { uuid: destination.id, name: destination.name },
    receiver: { url: receiverUrl() },
  }
}

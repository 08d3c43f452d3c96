import type { Attempt, Delivery } from '../../../src-shared/model/delivery.ts'
import { masked } from '../dispatch/attempt.ts'
import type { RenderedRequest } from '../dispatch/render-request.ts'
import { parseJsonBody, textAtPath } from '../signing/json-body.ts'
import type { Store } from '../store.ts'
import type { KeptReplayRequest } from './replay-request.ts'
import { replayUrl } from './replay-url.ts'

/** The request of a replay as it may be shown: as it was last sent or, before that, as it would be before signing. */
export async function shownReplayRequest(
  context: { readonly store: Store; readonly receiverUrl: () => string },
  delivery: Delivery,
  last: Attempt | undefined,
): Promise<RenderedRequest> {
  const kept = await context.store.replayRequest(delivery.id)
  if (last !== undefined && last.url !== '') {
    const body = last.requestBody === 'payload' ? shownBody(kept) : last.requestBody
    return { method: last.method, url: last.url, headers: last.requestHeaders, body }
  }
  if (kept === undefined) return { method: '', url: '', headers: [], body: null }
  const { destinationId } = delivery
  const destination = destinationId === null ? null : (context.store.destinations.get(destinationId) ?? null)
  const url = replayUrl(context, destination, kept, delivery)
  return {
    method: kept.method,
    url: typeof url === 'string' ? url : '',
    headers: kept.headers,
    body: shownBody(kept),
  }
}

/** A secret that travels in the body is masked by as many asterisks as it has bytes. */
function shownBody(kept: KeptReplayRequest | undefined): Uint8Array | null {
  const body = kept?.body ?? null
  if (kept === undefined || body === null || kept.secretPaths.length === 0) return body
  const document = parseJsonBody(body)
  return kept.secretPaths.reduce((shown, path) => masked(shown, textAtPath(document, path)), body)
}

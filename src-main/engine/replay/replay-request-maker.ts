import { AppError } from '../../../src-shared/errors.ts'
import type { Delivery, Failure } from '../../../src-shared/model/delivery.ts'
import type { Destination } from '../../../src-shared/model/destination.ts'
import type { Background } from '../background.ts'
import type { SignableRequest } from '../dispatch/attempt.ts'
import { DestinationSecrets } from '../dispatch/secrets-of.ts'
import type { Clock, SecretBox } from '../ports.ts'
import { parseJsonBody, textAtPath } from '../signing/json-body.ts'
import { signRequest } from '../signing/sign.ts'
import type { Store } from '../store.ts'
import type { KeptReplayRequest, ReplaySigning } from './replay-request.ts'
import { replayUrl } from './replay-url.ts'

export interface ReplayRequestMakerOptions {
  readonly clock: Clock
  readonly store: Store
  readonly secrets: SecretBox
  readonly background: Background
  readonly receiverUrl: () => string
}

const noBytes = new Uint8Array()
const bodyGone: Failure = {
  code: 'payload_missing',
  message: 'The body of this replay is gone from the data folder; nothing was sent.',
}

/** Makes the request of an attempt of a replay: as it was kept, signed as of now when it is to be. */
export class ReplayRequestMaker {
  readonly #options: ReplayRequestMakerOptions
  readonly #secrets: DestinationSecrets

  constructor(options: ReplayRequestMakerOptions) {
    this.#options = options
    this.#secrets = new DestinationSecrets(options.secrets)
  }

  /**
   * The request, or why there can be none. Never throws: a delivery without an end would be stuck for good.
   * @param destination null: the request has its own URL
   */
  make(
    destination: Destination | null,
    kept: KeptReplayRequest,
    delivery: Delivery,
  ): SignableRequest | Failure {
    if (kept.body === undefined) return bodyGone
    try {
      return this.#make(destination, kept, kept.body, delivery)
    } catch (error) {
      if (error instanceof AppError) return { code: error.code, message: error.message }
      this.#options.background.run('make replay', () => Promise.reject(error))
      return { code: 'internal', message: 'Something broke while the request was made; nothing was sent.' }
    }
  }

  #make(
    destination: Destination | null,
    kept: KeptReplayRequest,
    body: Uint8Array | null,
    delivery: Delivery,
  ): SignableRequest | Failure {
    const url = replayUrl(this.#options, destination, kept, delivery)
    if (typeof url !== 'string') return url
    const rendered = { method: kept.method, url, headers: kept.headers, body }
    const clientKey = destination?.tls.client_key ?? null
    return {
      rendered,
      ...this.#sign(kept, destination, delivery, body),
      clientKey: clientKey === null ? undefined : this.#options.secrets.open(clientKey),
    }
  }

  #sign(
    { signing, secretPaths }: KeptReplayRequest,
    destination: Destination | null,
    delivery: Delivery,
    body: Uint8Array | null,
  ): Pick<SignableRequest, 'signed' | 'secretInside'> {
    const bytes = body ?? noBytes
    const held = secretPaths.map((path) => textAtPath(parseJsonBody(bytes), path)).find(Boolean) ?? null
    if (signing === null) return { signed: { headers: [], body: bytes }, secretInside: held }
    const now = this.#options.clock.now()
    const secrets = this.#secretsOf(signing, destination, now)
    const signed = signRequest(signing.scheme, {
      secrets,
      timestampSeconds: Math.floor(now / 1000),
      id: delivery.providerDeliveryId,
      eventType: delivery.eventType,
      body: bytes,
      ...(signing.order === null ? {} : { order: signing.order }),
    })
    return { signed, secretInside: signing.scheme.kind === 'shared_secret' ? (secrets[0] ?? null) : held }
  }

  #secretsOf({ secrets }: ReplaySigning, destination: Destination | null, now: number): readonly string[] {
    if (secrets !== 'destination') return secrets.map((sealed) => this.#options.secrets.open(sealed))
    return destination === null ? [] : this.#secrets.signing(destination, now)
  }
}

import { AppError } from '../../../src-shared/errors.ts'
import type { Delivery, Failure } from '../../../src-shared/model/delivery.ts'
import type { Destination } from '../../../src-shared/model/destination.ts'
import type { WebhookEvent } from '../../../src-shared/model/event.ts'
import type { Background } from '../background.ts'
import type { Clock, SecretBox } from '../ports.ts'
import { requireProvider } from '../providers/index.ts'
import { signRequest } from '../signing/sign.ts'
import type { Store } from '../store.ts'
import type { SignableRequest } from './attempt.ts'
import { parseDestinationTemplates, renderRequest, type DestinationTemplates } from './render-request.ts'
import { DestinationSecrets } from './secrets-of.ts'

export interface RequestMakerOptions {
  readonly clock: Clock
  readonly store: Store
  readonly secrets: SecretBox
  readonly background: Background
  readonly receiverUrl: () => string
}

const noBytes = new Uint8Array()
const payloadGone: Failure = {
  code: 'payload_missing',
  message: 'The payload of this event is gone from the data folder; nothing was sent.',
}

/** Makes the request of an attempt: rendered and signed as of now. */
export class RequestMaker {
  readonly #options: RequestMakerOptions
  readonly #secrets: DestinationSecrets
  readonly #templates = new WeakMap<Destination, DestinationTemplates>()

  constructor(options: RequestMakerOptions) {
    this.#options = options
    this.#secrets = new DestinationSecrets(options.secrets)
  }

  /** The request, or why there can be none. Never throws: a delivery without an end would be stuck for good. */
  make(destination: Destination, event: WebhookEvent, delivery: Delivery): SignableRequest | Failure {
    if (event.payload.length === 0) return payloadGone
    try {
      return this.#make(destination, event, delivery)
    } catch (error) {
      if (error instanceof AppError) return { code: error.code, message: error.message }
      this.#options.background.run('make request', () => Promise.reject(error))
      return { code: 'internal', message: 'Something broke while the request was made; nothing was sent.' }
    }
  }

  #make(destination: Destination, event: WebhookEvent, delivery: Delivery): SignableRequest | Failure {
    const { store, clock, receiverUrl } = this.#options
    const workspace = store.workspaces.get(destination.workspace_id)
    if (workspace === undefined) {
      return { code: 'workspace_gone', message: 'The workspace of this delivery was deleted.' }
    }
    const provider = requireProvider(workspace.provider)
    const rendered = renderRequest({
      provider,
      destination,
      templates: this.#templatesOf(destination),
      workspace,
      event,
      delivery,
      receiverUrl: receiverUrl(),
    })
    if ('code' in rendered) return rendered
    const now = clock.now()
    const secrets = this.#secrets.signing(destination, now)
    const signed = signRequest(provider.scheme, {
      secrets,
      timestampSeconds: Math.floor(now / 1000),
      id: delivery.providerDeliveryId,
      eventType: delivery.eventType,
      body: rendered.body ?? noBytes,
      order: provider.headerOrder,
    })
    const { client_key: clientKey } = destination.tls
    return {
      rendered,
      signed,
      clientKey: clientKey === null ? undefined : this.#options.secrets.open(clientKey),
      secretInside: provider.scheme.kind === 'shared_secret' ? (secrets[0] ?? null) : null,
    }
  }

  #templatesOf(destination: Destination): DestinationTemplates {
    let templates = this.#templates.get(destination)
    if (templates === undefined) {
      templates = parseDestinationTemplates(destination)
      this.#templates.set(destination, templates)
    }
    return templates
  }
}

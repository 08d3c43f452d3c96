import type { SignatureScheme } from '../../../src-shared/model/scheme.ts'
import { signatureHeaderNames } from '../signing/describe-request.ts'
import { defaultTimeoutSeconds, methodsWithBody, scheme } from './common.ts'
import type { Provider } from './provider.ts'
import { textSecret } from './secrets.ts'

/** Senders that are only verified: a scheme, and no events. */

interface Preset {
  readonly id: string
  readonly name: string
  readonly documentation: string
  readonly scheme: SignatureScheme
}

/** @see https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries */
export const github = preset({
  id: 'github',
  name: 'GitHub',
  documentation: 'https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries',
  scheme: scheme({
    header: 'X-Hub-Signature-256',
    format: 'sha256={signature}',
    id_header: 'X-GitHub-Delivery',
    event_header: 'X-GitHub-Event',
  }),
})

/** @see https://docs.stripe.com/webhooks#verify-manually */
export const stripe = preset({
  id: 'stripe',
  name: 'Stripe',
  documentation: 'https://docs.stripe.com/webhooks#verify-manually',
  scheme: scheme({
    content: ['timestamp', { literal: '.' }, 'body'],
    header: 'Stripe-Signature',
    format: 't={timestamp},v1={signature}',
    id_path: 'id',
    event_path: 'type',
    // While a secret is rotated, Stripe sends one v1 for each.
    multiple: true,
  }),
})

/** @see https://shopify.dev/docs/apps/build/webhooks/subscribe/https */
export const shopify = preset({
  id: 'shopify',
  name: 'Shopify',
  documentation: 'https://shopify.dev/docs/apps/build/webhooks/subscribe/https',
  scheme: scheme({
    header: 'X-Shopify-Hmac-Sha256',
    encoding: 'base64',
    id_header: 'X-Shopify-Webhook-Id',
    event_header: 'X-Shopify-Topic',
  }),
})

/** @see https://docs.slack.dev/authentication/verifying-requests-from-slack */
export const slack = preset({
  id: 'slack',
  name: 'Slack',
  documentation: 'https://docs.slack.dev/authentication/verifying-requests-from-slack',
  scheme: scheme({
    content: [{ literal: 'v0:' }, 'timestamp', { literal: ':' }, 'body'],
    header: 'X-Slack-Signature',
    format: 'v0={signature}',
    timestamp_header: 'X-Slack-Request-Timestamp',
    id_path: 'event_id',
    event_path: 'event.type',
  }),
})

function preset(preset: Preset): Provider {
  return {
    ...preset,
    contactEvent: null,
    sends: false,
    assumptions: [],
    events: [],
    openCatalogue: false,
    testEventType: null,
    eventIdKind: 'uuid',
    headerOrder: ['id', 'event', 'timestamp', 'signature'],
    secret: textSecret(),
    methods: ['POST'],
    defaultMethod: 'POST',
    methodsWithBody,
    reservedHeaders: signatureHeaderNames(preset.scheme),
    retry: { delaysSeconds: [], jitter: 0 },
    pauseAfterFailures: null,
    defaultTimeoutSeconds,
    headers: () => [],
    productionChecks: () => [],
    sample: () => ({}),
    setEnvelope: (payload) => payload,
  }
}

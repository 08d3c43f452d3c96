import type { DestinationView } from '../../../src-shared/model/destination.ts'
import type { ProviderView } from '../../stores/configuration-store.ts'

/** A destination as text in the fields of its form. */
export interface DestinationForm {
  readonly name: string
  readonly method: string
  readonly url_template: string
  readonly headers_template: { name: string; value: string }[]
  readonly query_template: { name: string; value: string }[]
  readonly ownBody: boolean
  readonly body_template: string
  readonly timeout_seconds: number
  readonly concurrency: number
  readonly ownRetries: boolean
  /** `10, 60, 300` */
  readonly delays: string
  readonly jitter: number
  readonly limited: boolean
  readonly requests: number
  readonly per_seconds: number
  readonly follow_redirects: boolean
  readonly strict_url_rules: boolean
  readonly accept_self_signed: boolean
  /** PEM text. */
  readonly ca: string
  readonly client_certificate: string
  /** Write only: empty keeps the one that is there. */
  readonly client_key: string
  readonly enabled: boolean
  readonly secretKind: 'keep' | 'generated' | 'own' | 'none'
  readonly secret: string
}

export function formOf(destination: DestinationView | null, provider: ProviderView | null): DestinationForm {
  const retry = destination?.retry_policy ?? provider?.retry ?? { delays_seconds: [10, 60], jitter: 0 }
  return {
    name: destination?.name ?? '',
    method: destination?.method ?? provider?.default_method ?? 'POST',
    url_template: destination?.url_template ?? '',
    headers_template: destination?.headers_template ?? [],
    query_template: destination?.query_template ?? [],
    ownBody: destination !== null && destination.body_template !== null,
    body_template: destination?.body_template ?? '',
    timeout_seconds: destination?.timeout_seconds ?? provider?.default_timeout_seconds ?? 10,
    concurrency: destination?.concurrency ?? 8,
    ownRetries: destination !== null && destination.retry_policy !== null,
    delays: retry.delays_seconds.join(', '),
    jitter: retry.jitter,
    limited: destination !== null && destination.rate_limit !== null,
    requests: destination?.rate_limit?.requests ?? 10,
    per_seconds: destination?.rate_limit?.per_seconds ?? 1,
    follow_redirects: destination?.follow_redirects ?? false,
    strict_url_rules: destination?.strict_url_rules ?? false,
    accept_self_signed: destination?.tls.accept_self_signed ?? false,
    ca: destination?.tls.ca ?? '',
    client_certificate: destination?.tls.client_certificate ?? '',
    client_key: '',
    enabled: destination?.enabled ?? true,
    secretKind: destination === null ? 'generated' : 'keep',
    secret: '',
  }
}

/** What the form says, as the operations take it. */
export function inputOf(form: DestinationForm, destination: DestinationView | null) {
  return {
    name: form.name,
    method: form.method,
    url_template: form.url_template,
    headers_template: form.headers_template,
    query_template: form.query_template,
    body_template: form.ownBody ? form.body_template : null,
    timeout_seconds: form.timeout_seconds,
    concurrency: form.concurrency,
    retry_policy: form.ownRetries ? { delays_seconds: delaysOf(form.delays), jitter: form.jitter } : null,
    rate_limit: form.limited ? { requests: form.requests, per_seconds: form.per_seconds } : null,
    follow_redirects: form.follow_redirects,
    strict_url_rules: form.strict_url_rules,
    enabled: form.enabled,
    ...tlsOf(form, destination),
    ...secretOf(form),
  }
}

const pemOf = (text: string): string | null => (text.trim() === '' ? null : text)

/** Only when something of it was changed: the key can't be read back. */
function tlsOf(form: DestinationForm, destination: DestinationView | null) {
  const before = destination?.tls
  const ca = pemOf(form.ca)
  const certificate = pemOf(form.client_certificate)
  const key = pemOf(form.client_key)
  const isSame =
    form.accept_self_signed === (before?.accept_self_signed ?? false) &&
    ca === (before?.ca ?? null) &&
    certificate === (before?.client_certificate ?? null) &&
    key === null
  if (isSame) return {}
  return {
    tls: {
      accept_self_signed: form.accept_self_signed,
      ca,
      client_certificate: certificate,
      client_key: key,
    },
  }
}

function secretOf({ secretKind, secret }: DestinationForm): { secret?: string | null } {
  if (secretKind === 'own') return { secret }
  return secretKind === 'none' ? { secret: null } : {}
}

/** Numbers between commas; what is none becomes NaN, which the contract's schema refuses. */
function delaysOf(text: string): number[] {
  return text
    .split(/[\s,;]+/)
    .filter((part) => part !== '')
    .map(Number)
}

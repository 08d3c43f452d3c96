import { headerValue, type Header } from '../../../src-shared/model/header.ts'
import type { Destination } from '../../../src-shared/model/destination.ts'
import type { ReplayMode } from '../../../src-shared/model/replay.ts'
import type { SignatureScheme } from '../../../src-shared/model/scheme.ts'
import { providers } from '../providers/index.ts'
import { signatureHeaderNames } from '../signing/describe-request.ts'
import type { SchemeHeader } from '../signing/sign.ts'
import type { ReplaySigning } from './replay-request.ts'
import { withoutHeaders } from './sendable-headers.ts'
import { secretPathsOf, type ReplaySource, type Unreplayable } from './sources.ts'

/** What is the same for all requests of a replay. */
export interface SigningWish {
  readonly mode: ReplayMode
  /** Wanted by the caller, or the destination's provider's; null: each source's own. */
  readonly scheme: SignatureScheme | null
  /** Sealed; null: the destination's, or each source's own. */
  readonly secret: string | null
  readonly destination: Destination | null
}

/** What a request needs of a source, before it has an id. */
export interface SignedSource {
  readonly headers: readonly Header[]
  readonly signing: ReplaySigning | null
  readonly eventType: string
  /** null: the delivery's own. */
  readonly providerDeliveryId: string | null
  readonly secretPaths: readonly string[]
}

/** Pure. */
export function signedSource(source: ReplaySource, wish: SigningWish): SignedSource | Unreplayable {
  return wish.mode === 'exact' ? exact(source) : resigned(source, wish)
}

function exact(source: ReplaySource): SignedSource | Unreplayable {
  const { scheme, secrets, headers, eventType, providerDeliveryId, secretPaths } = source
  const signed = { headers, eventType, providerDeliveryId, secretPaths }
  if (!source.lacksSecret || scheme === null) return { ...signed, signing: null }
  if (secrets.length === 0) {
    return {
      problem: `The secret that ${source.name} carried is not known any more, since its destination is gone; re-sign it with a secret.`,
    }
  }
  return {
    ...signed,
    headers: withoutHeaders(headers, [scheme.header]),
    signing: { scheme, order: ['signature'], secrets },
  }
}

function resigned(source: ReplaySource, wish: SigningWish): SignedSource | Unreplayable {
  const scheme = wish.scheme ?? source.scheme
  if (scheme === null) return { problem: `Nothing tells how ${source.name} is signed; name the provider.` }
  const secrets = secretsOf(source, wish)
  if (secrets.length === 0) return { problem: `No secret is known to sign ${source.name} with; give one.` }
  const { headers } = source
  const old = source.scheme === null ? [] : [source.scheme.header, source.scheme.timestamp_header]
  const own = (name: string | undefined): string | null =>
    (name === undefined ? undefined : headerValue(headers, name)) ?? null
  return {
    headers: withoutHeaders(headers, [...signatureHeaderNames(scheme), ...old]),
    signing: { scheme, order: orderOf(scheme), secrets },
    eventType: own(scheme.event_header) ?? source.eventType,
    providerDeliveryId: own(scheme.id_header) ?? source.providerDeliveryId,
    secretPaths: [...new Set([...source.secretPaths, ...secretPathsOf(scheme)])],
  }
}

function secretsOf(source: ReplaySource, { secret, destination }: SigningWish): ReplaySigning['secrets'] {
  if (secret !== null) return [secret]
  if (destination !== null && destination.secret !== null) return 'destination'
  return source.secrets
}

/** As the provider whose scheme this is sends its headers. */
function orderOf(scheme: SignatureScheme): readonly SchemeHeader[] | null {
  // By value: that of a replay was read from disk.
  const wanted = JSON.stringify(scheme)
  return providers.find((provider) => JSON.stringify(provider.scheme) === wanted)?.headerOrder ?? null
}

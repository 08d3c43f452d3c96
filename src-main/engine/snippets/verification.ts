import type { SignatureScheme } from '../../../src-shared/model/scheme.ts'

/** What is signed before the body: text, or the value of a header. */
export type SignedPart = 'timestamp' | 'id' | { readonly literal: string }

/** How the signature header is read. */
export type SignatureShape =
  /** The whole value is one signature. */
  | { readonly kind: 'whole' }
  /** Several, one of which must be right. */
  | { readonly kind: 'several'; readonly separator: string }
  /** Fields like Stripe's `t=…,v1=…,v1=…`. */
  | { readonly kind: 'fields'; readonly separator: string; readonly timestampPrefix: string }

/** The steps with which a receiver checks an HMAC: what a snippet writes down in its language. */
export interface HmacVerification {
  readonly kind: 'hmac'
  readonly algorithm: SignatureScheme['algorithm']
  readonly encoding: SignatureScheme['encoding']
  /** What is signed before the body, which comes last. */
  readonly before: readonly SignedPart[]
  readonly header: string
  /** Before each signature: `sha256=`. */
  readonly prefix: string
  readonly shape: SignatureShape
  readonly timestampHeader: string | null
  /** A field of the JSON body whose age counts, though it is signed with the body only. */
  readonly timestampField: string | null
  readonly toleranceSeconds: number
  /** Carries the delivery's id; null where it is not signed. */
  readonly idHeader: string | null
  /** The key is what this base64 stands for after the prefix; null: the secret's text. */
  readonly base64Secret: { readonly prefix: string } | null
}

/** The secret itself stands in the JSON body. */
export interface SharedSecretVerification {
  readonly kind: 'shared_secret'
  readonly field: string
}

export type Verification = HmacVerification | SharedSecretVerification

/** What a receiver of this scheme does, or null where snippets don't know how. */
export function verificationOf(scheme: SignatureScheme): Verification | null {
  if (scheme.kind === 'shared_secret') {
    const { header, secret_path: field } = scheme
    return header === undefined && isField(field) ? { kind: 'shared_secret', field } : null
  }
  const form = formOf(scheme)
  const before = beforeBody(scheme)
  const { header, content, timestamp_header: timestampHeader = null, timestamp_path: path } = scheme
  const inFields = form?.shape.kind === 'fields'
  const timestampIsAtHand = !content.includes('timestamp') || timestampHeader !== null || inFields
  const idIsAtHand = !content.includes('id') || scheme.id_header !== undefined
  const pathFits = path === undefined || isField(path)
  if (header === undefined || form === null || before === null) return null
  if (!timestampIsAtHand || !idIsAtHand || !pathFits) return null
  return {
    kind: 'hmac',
    algorithm: scheme.algorithm,
    encoding: scheme.encoding,
    before,
    header,
    ...form,
    timestampHeader: inFields ? null : timestampHeader,
    timestampField: inFields || timestampHeader !== null ? null : (path ?? null),
    toleranceSeconds: scheme.tolerance_seconds,
    idHeader: content.includes('id') ? (scheme.id_header ?? null) : null,
    base64Secret: scheme.secret_encoding === 'base64' ? { prefix: scheme.secret_prefix ?? '' } : null,
  }
}

function beforeBody({ content }: SignatureScheme): SignedPart[] | null {
  if (content.indexOf('body') !== content.length - 1) return null
  const before = content.filter((part) => part !== 'body')
  const isPlain = before.every((part) => typeof part === 'string' || /^[\w.:-]*$/.test(part.literal))
  return isPlain ? before : null
}

function isField(path: string | undefined): path is string {
  return path !== undefined && /^\w+$/.test(path)
}

function formOf({ format, multiple }: SignatureScheme): Pick<HmacVerification, 'prefix' | 'shape'> | null {
  const fields = /^([\w-]+=)\{timestamp\}([,;])([\w-]+=)\{signature\}$/.exec(format)
  if (fields !== null) {
    const [, timestampPrefix = '', separator = '', prefix = ''] = fields
    return { prefix, shape: { kind: 'fields', separator, timestampPrefix } }
  }
  const whole = /^([\w=,.:-]*)\{signature\}$/.exec(format)
  if (whole === null) return null
  const [, prefix = ''] = whole
  if (!multiple) return { prefix, shape: { kind: 'whole' } }
  return { prefix, shape: { kind: 'several', separator: prefix.includes(',') ? ' ' : ',' } }
}

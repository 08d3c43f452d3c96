import { timingSafeEqual } from 'node:crypto'
import type { Header } from '../../../src-shared/model/header.ts'
import type { Cause } from '../../../src-shared/model/scheme.ts'
import { differenceOf, type BodyDifference } from './doctor/difference.ts'
import { keyVariations } from './doctor/key-variations.ts'
import { otherSecret, search, type Effort, type Finding } from './doctor/search.ts'
import type { Change } from './doctor/variation.ts'
import type { Evidence } from './read-evidence.ts'
import { looksLikeSignature, signatureText } from './signature-format.ts'
import { malformedTimestamp } from './timestamp-age.ts'
import type { VerifySecret } from './verify-request.ts'

/** Why a request was refused. */
export interface Explanation {
  readonly cause: Cause
  readonly message: string
  readonly secretName?: string
  /** Where the bytes that were signed differ from those that arrived. */
  readonly difference?: BodyDifference | null
}

/** A request that the exact check refused, with all there is to explain it. */
export interface FailedCheck {
  readonly evidence: Evidence
  readonly headers: readonly Header[]
  /** Secrets that would have verified. */
  readonly valid: readonly VerifySecret[]
  /** Secrets that are known and don't verify: expired, or somebody else's. */
  readonly others: readonly VerifySecret[]
  readonly effort: Effort
}

/** One explanation that is tried; null when it does not hold. */
export type Explainer = (check: FailedCheck) => Explanation | null

/** Tried in this order; the first that holds is told. What is only read, not reproduced, comes last. */
export const explainers: readonly Explainer[] = [bySearch, bySharedSecret, byTimestampForm, bySignatureForm]

function bySearch({ evidence, headers, valid, others, effort }: FailedCheck): Explanation | null {
  if (evidence.scheme.kind !== 'hmac') return null
  const secrets = [...valid, ...others]
  const finding = search({ evidence, headers, secrets, validCount: valid.length }, effort)
  return finding === null ? null : told(finding, evidence)
}

function told({ changes, secret, signedBody }: Finding, { values }: Evidence): Explanation {
  return {
    cause: changes[0]?.cause ?? 'unknown',
    message: sentencesOf(changes),
    secretName: secret.name,
    difference: differenceOf(signedBody, values.body),
  }
}

/** What was done, and what to do about it. */
function sentencesOf(changes: readonly Change[]): string {
  const signed = changes.filter(({ how }) => !how.startsWith('but ')).map(({ how }) => how)
  const written = changes.filter(({ how }) => how.startsWith('but ')).map(({ how }) => how)
  const start =
    signed.length === 0 ? 'The signature is right' : `The request was signed ${signed.join(' and ')}`
  const mends = [...new Set(changes.map(({ mend }) => mend))]
  const [first, ...more] = written
  const but =
    first === undefined ? '' : `, ${[first, ...more.map((how) => how.slice('but '.length))].join(' and ')}`
  return `${start}${but}. ${mends.join(' ')}`
}

/** A secret that travels itself can only be another one, or be written otherwise. */
function bySharedSecret({ evidence, valid, others }: FailedCheck): Explanation | null {
  const { scheme, signatures, values } = evidence
  if (scheme.kind !== 'shared_secret') return null
  const isGiven = (bytes: Buffer): boolean => {
    const text =
      scheme.header === undefined
        ? bytes
        : Buffer.from(signatureText(scheme, bytes.toString(), values.timestamp))
    return signatures.some((given) => isEqual(Buffer.from(given), text))
  }
  for (const secret of others) {
    if (secret.value === '' || !isGiven(Buffer.from(secret.value))) continue
    const change = otherSecret(secret, valid[0])
    return { cause: change.cause, message: sharedSentences(change), secretName: secret.name }
  }
  for (const secret of valid)
    for (const { value, change } of keyVariations(scheme, secret.value))
      if (change !== null && value.length > 0 && isGiven(value))
        return { cause: change.cause, message: sharedSentences(change), secretName: secret.name }
  return null
}

function sharedSentences({ how, mend }: Change): string {
  return `The request was sent ${how}. ${mend}`
}

function isEqual(left: Buffer, right: Buffer): boolean {
  return left.length === right.length && timingSafeEqual(left, right)
}

function byTimestampForm(check: FailedCheck): Explanation | null {
  return malformedTimestamp(check.evidence.timestamp)
}

function bySignatureForm(check: FailedCheck): Explanation | null {
  const { scheme, signatures } = check.evidence
  if (scheme.kind !== 'hmac' || signatures.some((text) => looksLikeSignature(scheme, text))) return null
  return {
    cause: 'header-malformed',
    message: `The header ${scheme.header} holds no signature: its form is ${scheme.format}, in ${scheme.encoding}.`,
  }
}

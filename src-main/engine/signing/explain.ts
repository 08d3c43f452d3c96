import type { Cause } from '../../../src-shared/model/scheme.ts'
import type { Evidence } from './read-evidence.ts'
import { looksLikeSignature } from './signature-format.ts'
import { malformedTimestamp } from './timestamp-age.ts'
import type { VerifySecret } from './verify-request.ts'

/** Why a request was refused. */
export interface Explanation {
  readonly cause: Cause
  readonly message: string
  readonly secretName?: string
}

/** A request that the exact check refused, with all there is to explain it. */
export interface FailedCheck {
  readonly evidence: Evidence
  /** Secrets that would have verified. */
  readonly valid: readonly VerifySecret[]
  /** Secrets that are known and don't verify: expired, or somebody else's. */
  readonly others: readonly VerifySecret[]
  /** The exact check with another secret. */
  readonly matches: (evidence: Evidence, secret: string) => boolean
}

/** One explanation that is tried; null when it does not reproduce the signature. */
export type Explainer = (check: FailedCheck) => Explanation | null

/**
 * Tried in this order; the first that holds is told. The smallest change comes first, and what is only
 * read, not reproduced, comes last.
 */
export const explainers: readonly Explainer[] = [bySecret, byTimestampForm, bySignatureForm]

function bySecret(check: FailedCheck): Explanation | null {
  const secret = check.others.find((other) => check.matches(check.evidence, other.value))
  if (secret === undefined) return null
  if (secret.previous === true) {
    const end =
      secret.valid_until === undefined || secret.valid_until === null ? '' : ` since ${secret.valid_until}`
    return {
      cause: 'previous-secret',
      message:
        `The request was signed with the previous secret "${secret.name}", which is no longer valid${end}. ` +
        'Give the sender the current one.',
      secretName: secret.name,
    }
  }
  const current = check.valid[0]
  const expected = current === undefined ? 'the one expected here' : `"${current.name}"`
  return {
    cause: 'other-secret',
    message:
      `The request was signed with the secret "${secret.name}", not with ${expected}. ` +
      'Use the same secret on both sides.',
    secretName: secret.name,
  }
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

import { timingSafeEqual } from 'node:crypto'
import { Effort, effortFor } from './doctor/search.ts'
import { explainers, type Explanation, type FailedCheck } from './explain.ts'
import { isUnreadable, readEvidence, type Evidence } from './read-evidence.ts'
import { readSecretKey } from './secret-key.ts'
import { signatureText } from './signature-format.ts'
import { computeSignature } from './signed-content.ts'
import { checkTimestamp, malformedTimestamp } from './timestamp-age.ts'
import type { Verdict, VerifyRequest, VerifySecret } from './verify-request.ts'

/**
 * Checks a request against a scheme: first exactly, as a receiver would, then, when that fails,
 * by the explanations in {@link explainers}. A cause is only named when it was reproduced or read.
 */
export function verifyRequest(request: VerifyRequest): Verdict {
  const evidence = readEvidence({ ...request, otherProviders: request.otherProviders ?? [] })
  if (isUnreadable(evidence)) return refused(evidence)
  const valid = validSecrets(request)
  const matching = valid.find((secret) => matchesSecret(evidence, secret.value))
  if (matching !== undefined) return verdictOfMatch(request, evidence, matching)
  const effort = request.effort ?? new Effort(effortFor(request.body))
  const others = [
    ...request.secrets.filter((secret) => !valid.includes(secret)),
    // In a flood of wrong signatures there is nothing left to explain by.
    ...(request.explaining !== undefined && effort.spend(0) ? request.explaining() : []),
  ]
  return explain({ evidence, headers: request.headers, valid, others, effort })
}

/** True when one of the received signatures is, to the character, what the provider writes for this secret. */
function matchesSecret(evidence: Evidence, secret: string): boolean {
  const expected = expectedText(evidence, secret)
  if (expected === null) return false
  let matched = false
  // No early end: the time must not tell which of several signatures came close.
  for (const signature of evidence.signatures) matched = equalText(signature, expected) || matched
  return matched
}

function verdictOfMatch(request: VerifyRequest, evidence: Evidence, secret: VerifySecret): Verdict {
  const tolerance = request.toleranceSeconds ?? request.scheme.tolerance_seconds
  const problem =
    malformedTimestamp(evidence.timestamp) ?? checkTimestamp(evidence.timestamp, request.nowMs, tolerance)
  if (problem !== null) return refused({ ...problem, secretName: secret.name })
  const what =
    request.scheme.kind === 'shared_secret' ? 'The secret in the request is' : 'The signature matches'
  const message = `${what} the secret "${secret.name}".`
  return { ok: true, cause: 'none', message, secretName: secret.name, difference: null }
}

function validSecrets(request: VerifyRequest): VerifySecret[] {
  return request.secrets.filter((secret, index) => {
    if (request.allValid === true) return true
    if (secret.previous === true) return !isExpired(secret, request.nowMs)
    return index === 0
  })
}

function isExpired(secret: VerifySecret, nowMs: number): boolean {
  if (secret.valid_until === undefined || secret.valid_until === null) return false
  const until = Date.parse(secret.valid_until)
  // An unreadable end must not keep a replaced secret alive.
  return Number.isNaN(until) || nowMs > until
}

function explain(check: FailedCheck): Verdict {
  for (const explainer of explainers) {
    const explanation = explainer(check)
    if (explanation !== null) return refused(explanation)
  }
  return refused(unexplained(check))
}

function unexplained(check: FailedCheck): Explanation {
  if (check.valid.length === 0 && check.others.length === 0) {
    return { cause: 'unknown', message: 'No secret is known here, so nothing can be checked. Give one.' }
  }
  const { scheme } = check.evidence
  const unusable = check.valid.find((secret) => readSecretKey(scheme, secret.value) === null)
  if (scheme.kind === 'hmac' && unusable !== undefined) {
    const form = scheme.secret_encoding === 'base64' ? 'is not base64' : 'is empty'
    return {
      cause: 'unknown',
      message: `The secret "${unusable.name}" ${form}, so nothing can be checked with it.`,
    }
  }
  return {
    cause: 'unknown',
    message:
      (check.effort.isPartial
        ? 'Not everything was tried, because the body is large or many requests were refused at once. '
        : '') +
      'No secret that is known here gives this signature. Compare the secret on both sides, and see that the body is ' +
      'verified as the bytes that arrived, before anything parses or changes it.',
  }
}

function refused(explanation: Explanation): Verdict {
  const { cause, message, secretName = null, difference = null } = explanation
  return { ok: false, cause, message, secretName, difference }
}

function expectedText(evidence: Evidence, secret: string): string | null {
  const { scheme, values } = evidence
  if (scheme.kind === 'shared_secret') {
    if (secret === '') return null
    return scheme.header === undefined ? secret : signatureText(scheme, secret, values.timestamp)
  }
  const key = readSecretKey(scheme, secret)
  return key === null ? null : signatureText(scheme, computeSignature(scheme, key, values), values.timestamp)
}

function equalText(received: string, expected: string): boolean {
  const left = Buffer.from(received, 'utf8')
  const right = Buffer.from(expected, 'utf8')
  return left.byteLength === right.byteLength && timingSafeEqual(left, right)
}

import type { CaptureVerdict } from '../../../src-shared/model/capture.ts'
import type { Header } from '../../../src-shared/model/header.ts'
import type { SignatureScheme } from '../../../src-shared/model/scheme.ts'
import { knownSchemes } from '../providers/index.ts'
import type { BodyDifference } from '../signing/doctor/difference.ts'
import type { Effort } from '../signing/doctor/search.ts'
import { carriesSignature, type NamedScheme } from '../signing/read-evidence.ts'
import type { VerifySecret } from '../signing/verify-request.ts'
import { verifyRequest } from '../signing/verify.ts'
import type { DiagnosisBudget } from './diagnosis-budget.ts'
import type { ReceivedRequest } from './received-request.ts'

/** What is known of a capture and of its endpoint. */
export interface JudgedRequest {
  /** The endpoint's; null when none is set. */
  readonly scheme: SignatureScheme | null
  readonly secrets: readonly VerifySecret[]
  readonly headers: readonly Header[]
  readonly body: Uint8Array
  /** "Now" of the verdict, in epoch milliseconds. */
  readonly receivedAtMs: number
  /** Further secrets that verify nothing, but may explain. */
  readonly explaining?: (() => readonly VerifySecret[]) | undefined
  /** How much is tried to explain a refusal; as much as is sensible when absent. */
  readonly effort?: Effort
  /** Every secret verifies, not just the first one. */
  readonly allValid?: boolean
  /** Schemes whose signature is recognised; every provider's unless given (own schemes can be added). */
  readonly knownSchemes?: readonly NamedScheme[]
}

/**
 * Judges a capture; pure, so that it can be judged again when a scheme or secret is set.
 *
 * | signature | scheme and secret known | verdict |
 * |---|---|---|
 * | there | yes | `verified`, or `rejected` with its cause |
 * | absent | yes | `rejected` (`header-missing`, `other-provider`) |
 * | there | no | `unchecked` |
 * | absent | no | `unsigned` |
 */
export function judge(request: JudgedRequest): CaptureVerdict {
  const { difference: _difference, ...verdict } = diagnose(request)
  return verdict
}

/** A verdict with the bytes that explain it. */
export interface Diagnosis extends CaptureVerdict {
  readonly difference: BodyDifference | null
}

/** {@link judge}, with the bytes that explain a refusal. */
export function diagnose(request: JudgedRequest): Diagnosis {
  const { scheme, headers, body, receivedAtMs } = request
  const recognised = request.knownSchemes ?? knownSchemes
  const secrets = request.secrets.filter((secret) => secret.value !== '')
  if (scheme === null || secrets.length === 0)
    return { ...unjudged(request, recognised, secrets.length > 0), difference: null }
  const verdict = verifyRequest({
    scheme,
    headers,
    body,
    secrets,
    nowMs: receivedAtMs,
    allValid: request.allValid,
    effort: request.effort,
    explaining: request.explaining,
    otherProviders: recognised,
  })
  const { ok, ...told } = verdict
  return { status: ok ? 'verified' : 'rejected', ...told }
}

type Verification = Pick<JudgedRequest, 'scheme' | 'secrets' | 'allValid' | 'explaining'>

/** {@link judge}, also for requests whose signature can't be looked at. */
export function judgeReceived(
  request: ReceivedRequest,
  verification: Verification,
  budget: DiagnosisBudget,
): CaptureVerdict {
  const { difference: _difference, ...verdict } = diagnoseReceived(request, verification, budget)
  return verdict
}

/**
 * {@link diagnose}, also for requests whose signature can't be looked at.
 * @param budget absent: somebody asks, and waits
 */
export function diagnoseReceived(
  request: ReceivedRequest,
  verification: Verification,
  budget?: DiagnosisBudget,
): Diagnosis {
  const unlooked = unjudgeable(request, verification)
  if (unlooked !== null) return { ...unlooked, difference: null }
  const { headers, body, receivedAtMs } = request
  const judged = { ...verification, headers, body, receivedAtMs }
  return budget === undefined
    ? diagnose(judged)
    : budget.spend(body, (effort) => diagnose({ ...judged, effort }))
}

function unjudgeable(request: ReceivedRequest, { scheme, secrets }: Verification): CaptureVerdict | null {
  if (request.malformed !== null) {
    return {
      status: 'unsigned',
      cause: 'none',
      message: 'This is no valid HTTP request, so no signature was looked for.',
      secretName: null,
    }
  }
  if ((request.truncated || request.aborted) && scheme !== null && secrets.length > 0) {
    const message = "Only a part of the body is kept, so its signature can't be checked."
    return { status: 'unchecked', cause: 'unknown', message, secretName: null }
  }
  return null
}

function unjudged(
  request: JudgedRequest,
  recognised: readonly NamedScheme[],
  hasSecret: boolean,
): CaptureVerdict {
  const { scheme, headers, body } = request
  const own = scheme !== null && carriesSignature(scheme, headers, body)
  const other = recognised.find(
    (known) => known.scheme.header !== undefined && carriesSignature(known.scheme, headers, body),
  )
  if (!own && other === undefined) {
    return {
      status: 'unsigned',
      cause: 'none',
      message: 'The request carries no signature, and none is expected here.',
      secretName: null,
    }
  }
  const sign = own ? 'a signature' : `${other?.scheme.header}, the signature of ${other?.name}`
  const missing = hasSecret
    ? 'which scheme to check it by'
    : scheme === null
      ? 'scheme and secret'
      : 'the secret'
  return {
    status: 'unchecked',
    cause: 'none',
    message: `The request carries ${sign}. Tell the endpoint ${missing}, and it is checked.`,
    secretName: null,
  }
}

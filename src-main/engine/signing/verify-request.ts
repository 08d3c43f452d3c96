import type { Header } from '../../../src-shared/model/header.ts'
import type { Cause, SignatureScheme } from '../../../src-shared/model/scheme.ts'
import type { BodyDifference } from './doctor/difference.ts'
import type { Effort } from './doctor/search.ts'
import type { NamedScheme } from './read-evidence.ts'

/** A secret that the receiving side knows. `name` is what messages call it. */
export interface VerifySecret {
  readonly name: string
  readonly value: string
  /** A secret from before a rotation. */
  readonly previous?: boolean | undefined
  /** ISO 8601. A previous secret verifies until then; without it, for as long as it is stored. */
  readonly valid_until?: string | null | undefined
}

/** Everything a check needs; nothing else has an influence on it. */
export interface VerifyRequest {
  readonly scheme: SignatureScheme
  readonly headers: readonly Header[]
  /** The exact bytes on the wire; empty when there was no body. */
  readonly body: Uint8Array
  /** The first one verifies, and previous ones while they are valid; all others only explain. */
  readonly secrets: readonly VerifySecret[]
  /** "Now" of the check in epoch milliseconds: for a capture, the time it was received. */
  readonly nowMs: number
  /** Instead of the scheme's; 0 = the timestamp's age is not checked. */
  readonly toleranceSeconds?: number | undefined
  /** Every secret verifies, not just the first (`hookbench verify` with several `--secret`). */
  readonly allValid?: boolean | undefined
  /** Further secrets that verify nothing, but may explain; asked for when something is to be explained. */
  readonly explaining?: (() => readonly VerifySecret[]) | undefined
  /** How much is tried to explain a refusal; as much as is sensible when absent. */
  readonly effort?: Effort | undefined
  /** Schemes to recognise when the expected signature header is absent. */
  readonly otherProviders?: readonly NamedScheme[] | undefined
}

/** What came of a check. `message` is a sentence or two that say what to change. */
export interface Verdict {
  readonly ok: boolean
  readonly cause: Cause
  readonly message: string
  /** The secret that signed the request, as far as it is known. */
  readonly secretName: string | null
  /** Where the body that was signed differs from the one that arrived, where that explains a refusal. */
  readonly difference: BodyDifference | null
}

import { invalidInput } from '../../../src-shared/errors.ts'
import type { SignatureScheme } from '../../../src-shared/model/scheme.ts'
import {
  caseHeaders,
  meetsExpectation,
  verifyCaseFileSchema,
  verifyCaseSchema,
  type VerifyCase,
  type VerifyResult,
} from '../../../src-shared/model/verify-case.ts'
import { knownSchemes, requireProvider } from '../providers/index.ts'
import type { Effort } from './doctor/search.ts'
import type { VerifySecret } from './verify-request.ts'
import { verifyRequest } from './verify.ts'

/** Where a case leaves something open. */
export interface CaseDefaults {
  /** "Now" in epoch milliseconds of a case that has neither `now` nor `timestamp`. */
  readonly nowMs: number
  /** What may be tried to explain a refusal; as much as is sensible when absent. */
  readonly effort?: () => Effort
}

/** What came of a file of cases, in the file's order. */
export interface CaseRun {
  readonly results: readonly VerifyResult[]
  /** Positions of the cases that differ from what they expect. */
  readonly differing: readonly number[]
}

/** Parses one case. @throws AppError `invalid_input` naming the fields that are wrong. */
export function parseVerifyCase(input: unknown): VerifyCase {
  return parsed(verifyCaseSchema.safeParse(input), 'The case')
}

/** Verifies one case. @throws AppError `provider_not_found`. */
export function runVerifyCase(verifyCase: VerifyCase, defaults: CaseDefaults): VerifyResult {
  const nowSeconds = verifyCase.now ?? verifyCase.timestamp
  const { ok, cause, message } = verifyRequest({
    scheme: schemeOf(verifyCase),
    headers: caseHeaders(verifyCase.headers),
    body: Buffer.from(verifyCase.body_base64, 'base64'),
    secrets: secretsOf(verifyCase),
    nowMs: nowSeconds === undefined ? defaults.nowMs : nowSeconds * 1000,
    toleranceSeconds: verifyCase.tolerance_seconds,
    effort: defaults.effort?.(),
    otherProviders: knownSchemes,
  })
  return { ok, cause, message }
}

/**
 * Verifies a file of cases (`{"cases": [...]}`), given as parsed JSON.
 *
 * @throws AppError `invalid_input`, `provider_not_found`.
 */
export function runVerifyCases(document: unknown, defaults: CaseDefaults): CaseRun {
  const { cases } = parsed(verifyCaseFileSchema.safeParse(document), 'The file of cases')
  const results = cases.map((verifyCase) => runVerifyCase(verifyCase, defaults))
  const differing = cases.flatMap((verifyCase, index) => {
    const result = results[index]
    return result !== undefined && meetsExpectation(verifyCase, result) ? [] : [index]
  })
  return { results, differing }
}

function schemeOf(verifyCase: VerifyCase): SignatureScheme {
  return verifyCase.scheme ?? requireProvider(verifyCase.provider ?? '').scheme
}

function secretsOf(verifyCase: VerifyCase): readonly VerifySecret[] {
  return verifyCase.secrets ?? [{ name: 'secret', value: verifyCase.secret ?? '' }]
}

interface ParseIssue {
  readonly path: readonly PropertyKey[]
  readonly message: string
}

type ParseOutcome<T> =
  | { readonly success: true; readonly data: T }
  | { readonly success: false; readonly error: { readonly issues: readonly ParseIssue[] } }

function parsed<T>(outcome: ParseOutcome<T>, what: string): T {
  if (outcome.success) return outcome.data
  const fields = outcome.error.issues.map(({ path, message }) => ({
    path: path.map(String).join('.'),
    message,
  }))
  const [first] = fields
  const where = first === undefined || first.path === '' ? '' : `${first.path}: `
  throw invalidInput(
    `${what} is not in the form of vectors/diagnosis.json: ${where}${first?.message ?? ''}`,
    fields,
  )
}

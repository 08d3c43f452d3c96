import { z } from 'zod'
import { headerSchema, type Header } from './header.ts'
import { causeSchema, signatureSchemeSchema } from './scheme.ts'

/**
 * One request to verify, as `hookbench verify --cases` and `POST /verify` take it.
 * Fields that are not named here (`note`, `case`) are for people.
 *
 * @see interface.md, `hookbench verify --cases`
 */

/** A secret that the receiving side knows; the first verifies, previous ones until `valid_until`, others explain. */
export const verifySecretSchema = z.object({
  name: z.string(),
  value: z.string(),
  previous: z.boolean().optional(),
  valid_until: z.iso.datetime({ offset: true }).nullish(),
})

/** Header lines in order, or an object where no name stands twice. */
const headersSchema = z.union([z.array(headerSchema), z.record(z.string(), z.string())])

/** What a verified case must come to. */
export const verifyExpectationSchema = z.object({ ok: z.boolean(), cause: causeSchema.optional() })

export const verifyCaseSchema = z
  .object({
    provider: z.string().optional(),
    /** A scheme of one's own, instead of a provider's. */
    scheme: signatureSchemeSchema.optional(),
    headers: headersSchema,
    /** The exact bytes on the wire. */
    body_base64: z.string().refine(isBase64, 'must be base64 with its padding').default(''),
    secret: z.string().optional(),
    secrets: z.array(verifySecretSchema).optional(),
    /** Unix seconds at which the request was signed; "now" when `now` is absent. */
    timestamp: z.number().optional(),
    /** Unix seconds. */
    now: z.number().optional(),
    tolerance_seconds: z.number().min(0).optional(),
    expect: verifyExpectationSchema.optional(),
  })
  .superRefine((verifyCase, context) => {
    if (verifyCase.provider === undefined && verifyCase.scheme === undefined) {
      context.addIssue({ code: 'custom', path: ['provider'], message: 'or a scheme is needed' })
    }
    if (verifyCase.secret === undefined && verifyCase.secrets === undefined) {
      context.addIssue({ code: 'custom', path: ['secret'], message: 'or secrets are needed' })
    }
  })
export type VerifyCase = z.infer<typeof verifyCaseSchema>

/** A file of cases. */
export const verifyCaseFileSchema = z.object({ cases: z.array(verifyCaseSchema) })
export type VerifyCaseFile = z.infer<typeof verifyCaseFileSchema>

/** What a case came to. */
export const verifyResultSchema = z.object({ ok: z.boolean(), cause: causeSchema, message: z.string() })
export type VerifyResult = z.infer<typeof verifyResultSchema>

/** The header lines of a case. */
export function caseHeaders(headers: VerifyCase['headers']): readonly Header[] {
  return Array.isArray(headers) ? headers : Object.entries(headers)
}

/** True when the result is what the case expects; a case without `expect` must be ok. */
export function meetsExpectation(verifyCase: VerifyCase, result: VerifyResult): boolean {
  const { ok, cause } = verifyCase.expect ?? { ok: true }
  return result.ok === ok && (cause === undefined || result.cause === cause)
}

// Looks for a wrong character instead of matching all right ones: bodies are large, and patterns keep a stack.
function isBase64(text: string): boolean {
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0
  return text.length % 4 === 0 && !/[^A-Za-z0-9+/]/.test(text.slice(0, text.length - padding))
}

import { z } from 'zod'

/**
 * How a sender signs: one declarative type for every provider and for the user's own schemes.
 *
 * @see providers.md, "Signature schemes are data"
 */

/** A part of the signed bytes: a named one, or literal text. */
export const contentPartSchema = z.union([
  z.enum(['timestamp', 'id', 'body']),
  z.object({ literal: z.string() }),
])
export type ContentPart = z.infer<typeof contentPartSchema>

const headerName = z.string().regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/, 'is not a header name')

export const signatureSchemeSchema = z
  .object({
    kind: z.enum(['hmac', 'shared_secret']).default('hmac'),
    algorithm: z.enum(['sha256', 'sha1', 'sha512']).default('sha256'),
    content: z.array(contentPartSchema).default(['body']),
    /** Header that carries the signature; absent only where the secret itself travels in the body. */
    header: headerName.optional(),
    /** Text around the signature: `{signature}` once, `{timestamp}` where it travels in the same header. */
    format: z.string().includes('{signature}', { error: 'must contain {signature}' }).default('{signature}'),
    encoding: z.enum(['hex', 'base64']).default('hex'),
    timestamp_header: headerName.optional(),
    id_header: headerName.optional(),
    event_header: headerName.optional(),
    timestamp_path: z.string().optional(),
    id_path: z.string().optional(),
    event_path: z.string().optional(),
    secret_path: z.string().optional(),
    timestamp_unit: z.literal('seconds').default('seconds'),
    secret_encoding: z.enum(['utf8', 'base64']).default('utf8'),
    /** Text before a base64 secret, e.g. `whsec_`; optional when verifying. */
    secret_prefix: z.string().optional(),
    multiple: z.boolean().default(false),
    tolerance_seconds: z.number().int().min(0).max(31_536_000).default(300),
  })
  .superRefine((scheme, context) => {
    if (scheme.kind === 'hmac' && scheme.header === undefined) {
      context.addIssue({ code: 'custom', path: ['header'], message: 'is needed for an HMAC scheme' })
    }
    if (scheme.kind === 'shared_secret' && scheme.header === undefined && scheme.secret_path === undefined) {
      context.addIssue({
        code: 'custom',
        path: ['secret_path'],
        message: 'or a header is needed for a shared secret',
      })
    }
  })
export type SignatureScheme = z.infer<typeof signatureSchemeSchema>

/** Why a signature was refused, or `none`. The doctor of a later version names more of them. */
export const causes = [
  'none',
  'unknown',
  'timestamp-stale',
  'timestamp-future',
  'other-secret',
  'previous-secret',
  'signature-prefix',
  'signature-encoding',
  'signature-truncated',
  'body-trailing-newline',
  'body-line-endings',
  'body-byte-order-mark',
  'body-content-encoding',
  'body-empty',
  'body-charset',
  'body-reserialized',
  'content-layout',
  'timestamp-unit',
  'algorithm',
  'secret-whitespace',
  'secret-decoding',
  'header-missing',
  'header-malformed',
  'other-provider',
] as const
export const causeSchema = z.enum(causes)
export type Cause = z.infer<typeof causeSchema>

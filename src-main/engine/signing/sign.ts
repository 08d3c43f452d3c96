import { invalidInput } from '../../../src-shared/errors.ts'
import type { Header } from '../../../src-shared/model/header.ts'
import type { SignatureScheme } from '../../../src-shared/model/scheme.ts'
import { parseJsonBody, replaceJsonText, textAtPath } from './json-body.ts'
import { secretKey } from './secret-key.ts'
import { formatSignatureHeader } from './signature-format.ts'
import { computeSignature, signedPartPaths, type ContentValues } from './signed-content.ts'

/** The headers that a scheme can ask for. */
export type SchemeHeader = 'id' | 'event' | 'timestamp' | 'signature'

/** What one attempt of a delivery is signed with. */
export interface SigningInput {
  /** The current secret first; further ones only count where the scheme allows several signatures. Empty: unsigned. */
  readonly secrets: readonly string[]
  /** Unix seconds of the attempt. */
  readonly timestampSeconds: number
  /** Delivery id; stays the same over all attempts. Empty: no id header. */
  readonly id: string
  /** Event type. Empty: no event header. */
  readonly eventType: string
  /** The exact bytes on the wire; empty when there is no body. */
  readonly body: Uint8Array
  /** Order of the headers, as the provider documents it. */
  readonly order?: readonly SchemeHeader[]
}

/** Headers and body to send. The body is the input's own, unless the secret travels in it. */
export interface SignedRequest {
  readonly headers: Header[]
  readonly body: Uint8Array
}

const usualOrder: readonly SchemeHeader[] = ['id', 'event', 'timestamp', 'signature']

/**
 * Signs a request as the scheme says.
 *
 * @throws AppError `invalid_input` when a secret has not the scheme's form, or when the secret belongs
 *   into a JSON object and the body is none.
 */
export function signRequest(scheme: SignatureScheme, input: SigningInput): SignedRequest {
  const secrets = scheme.multiple || input.secrets.length < 2 ? input.secrets : input.secrets.slice(0, 1)
  const body = bodyWithSecret(scheme, secrets[0], input.body)
  const values = withPartsFromBody(scheme, { timestamp: String(input.timestampSeconds), id: input.id, body })
  const headers: Header[] = []
  const add = (name: string | undefined, value: string): void => {
    if (name !== undefined && value !== '') headers.push([name, value])
  }
  for (const part of input.order ?? usualOrder) {
    if (part === 'id') add(scheme.id_header, values.id)
    else if (part === 'event') add(scheme.event_header, input.eventType)
    else if (part === 'timestamp') add(scheme.timestamp_header, values.timestamp)
    else if (scheme.header !== undefined) add(scheme.header, signatureHeader(scheme, values, secrets))
  }
  return { headers, body }
}

/** Signed parts that travel in the body only are taken from there, as the receiver will. */
function withPartsFromBody(scheme: SignatureScheme, values: ContentValues): ContentValues {
  const { timestamp, id } = signedPartPaths(scheme)
  if (timestamp === undefined && id === undefined) return values
  const document = parseJsonBody(values.body)
  return {
    timestamp: (timestamp === undefined ? null : textAtPath(document, timestamp)) ?? values.timestamp,
    id: (id === undefined ? null : textAtPath(document, id)) ?? values.id,
    body: values.body,
  }
}

function signatureHeader(scheme: SignatureScheme, values: ContentValues, secrets: readonly string[]): string {
  if (secrets.length === 0) return ''
  const signatures =
    scheme.kind === 'shared_secret'
      ? secrets
      : secrets.map((secret) => computeSignature(scheme, secretKey(scheme, secret), values))
  return formatSignatureHeader(scheme, signatures, values.timestamp)
}

function bodyWithSecret(scheme: SignatureScheme, secret: string | undefined, body: Uint8Array): Uint8Array {
  if (scheme.kind !== 'shared_secret' || scheme.secret_path === undefined || secret === undefined) return body
  const json = decodeText(body)
  const signed = json === null ? null : replaceJsonText(json, scheme.secret_path, secret)
  if (signed === null) {
    throw invalidInput(
      `The secret travels in the body at ${scheme.secret_path}, so the body must be a JSON object with room for it.`,
    )
  }
  return Buffer.from(signed, 'utf8')
}

/** The body as text with its byte order mark, or null when it is not UTF-8: decoding must lose nothing. */
function decodeText(body: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { ignoreBOM: true, fatal: true }).decode(body)
  } catch {
    return null
  }
}

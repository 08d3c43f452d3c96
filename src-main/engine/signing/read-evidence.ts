import { headerValues, type Header } from '../../../src-shared/model/header.ts'
import type { Cause, SignatureScheme } from '../../../src-shared/model/scheme.ts'
import { lazyJson } from './describe-request.ts'
import { textAtPath, valueAtPath } from './json-body.ts'
import { parseSignatureHeader } from './signature-format.ts'
import { signsPart, type ContentValues } from './signed-content.ts'

/** A provider whose signature may be recognised where another's was expected. */
export interface NamedScheme {
  readonly name: string
  readonly scheme: SignatureScheme
}

/** What a request claims: enough to check it, nothing of it believed yet. */
export interface Evidence {
  readonly scheme: SignatureScheme
  /** As written, with the text around them; for a secret in the body, the secret. */
  readonly signatures: readonly string[]
  readonly values: ContentValues
  /** The text whose age counts; null when there is none and none is needed. */
  readonly timestamp: TimestampEvidence | null
}

/** A timestamp as it was written. Bodies may hold ISO 8601, headers unix seconds only. */
export interface TimestampEvidence {
  readonly text: string
  readonly from: 'header' | 'body'
}

/** A request that cannot even be checked, and why. */
export interface Unreadable {
  readonly cause: Cause
  readonly message: string
}

/** True for a request that can't be checked. */
export function isUnreadable(reading: object): reading is Unreadable {
  return 'cause' in reading
}

interface ReadRequest {
  readonly scheme: SignatureScheme
  readonly headers: readonly Header[]
  readonly body: Uint8Array
  readonly otherProviders: readonly NamedScheme[]
}

/** Collects what the scheme needs from a request, or says what is missing. Nothing is computed here. */
export function readEvidence(request: ReadRequest): Evidence | Unreadable {
  const document = lazyJson(request.body)
  const found = findSignatures(request, document)
  if (isUnreadable(found)) return found
  const timestamp = findTimestamp(request, found.timestamps, document)
  if (timestamp !== null && isUnreadable(timestamp)) return timestamp
  const id = findId(request, document)
  if (typeof id !== 'string') return id
  return {
    scheme: request.scheme,
    signatures: found.signatures,
    values: { timestamp: timestamp?.text ?? '', id, body: request.body },
    timestamp,
  }
}

/** True when the request carries this scheme's signature, right or wrong. The secret in a body counts too. */
export function carriesSignature(
  scheme: SignatureScheme,
  headers: readonly Header[],
  body: Uint8Array,
): boolean {
  if (scheme.header !== undefined) return headerValues(headers, scheme.header).length > 0
  return scheme.secret_path !== undefined && isFilled(valueAtPath(lazyJson(body)(), scheme.secret_path))
}

interface FoundSignatures {
  readonly signatures: readonly string[]
  readonly timestamps: readonly string[] | null
}

function findSignatures(request: ReadRequest, document: () => unknown): FoundSignatures | Unreadable {
  const { scheme, headers } = request
  if (scheme.header === undefined) return findBodySecret(request, document)
  const lines = headerValues(headers, scheme.header)
  const [line] = lines
  if (line === undefined)
    return otherProviderOf(request) ?? missingHeader(scheme.header, 'which carries the signature')
  if (lines.length > 1 && !scheme.multiple) return repeatedHeader(scheme.header, lines.length)
  const parsed = lines.map((value) => parseSignatureHeader(scheme, value))
  const signatures = parsed.flatMap((fields) => fields.signatures)
  const timestamps = parsed.some((fields) => fields.timestamps !== null)
    ? parsed.flatMap((fields) => fields.timestamps ?? [])
    : null
  return { signatures, timestamps }
}

function findBodySecret(request: ReadRequest, document: () => unknown): FoundSignatures | Unreadable {
  const path = request.scheme.secret_path ?? ''
  const secret = valueAtPath(document(), path)
  if (typeof secret === 'string' && secret !== '') return { signatures: [secret], timestamps: null }
  const other = otherProviderOf(request)
  if (other !== null) return other
  if (isFilled(secret)) {
    return { cause: 'header-malformed', message: `The secret at ${path} of the body must be a string.` }
  }
  return {
    cause: 'header-missing',
    message: `The body has no secret at ${path}: this provider sends its secret there, in a JSON object.`,
  }
}

function findTimestamp(
  request: ReadRequest,
  fromSignature: readonly string[] | null,
  document: () => unknown,
): TimestampEvidence | Unreadable | null {
  const { scheme, headers } = request
  if (fromSignature !== null) return timestampOfFields(scheme, fromSignature)
  if (scheme.timestamp_header !== undefined) {
    const lines = headerValues(headers, scheme.timestamp_header)
    if (lines.length > 1) return repeatedHeader(scheme.timestamp_header, lines.length)
    if (lines[0] !== undefined) return { text: lines[0], from: 'header' }
  }
  const text = scheme.timestamp_path === undefined ? null : textAtPath(document(), scheme.timestamp_path)
  if (text !== null) return { text, from: 'body' }
  if (!signsPart(scheme, 'timestamp')) return null
  return missingPart(scheme.timestamp_header, scheme.timestamp_path, 'timestamp')
}

function timestampOfFields(
  scheme: SignatureScheme,
  timestamps: readonly string[],
): TimestampEvidence | Unreadable {
  const [text, second] = timestamps
  if (text !== undefined && (second === undefined || timestamps.every((other) => other === text))) {
    return { text, from: 'header' }
  }
  const found = text === undefined ? 'has no timestamp' : 'has several timestamps'
  return {
    cause: 'header-malformed',
    message: `The header ${scheme.header} ${found}: its form is ${scheme.format}.`,
  }
}

function findId(request: ReadRequest, document: () => unknown): string | Unreadable {
  const { scheme, headers } = request
  if (!signsPart(scheme, 'id')) return ''
  if (scheme.id_header !== undefined) {
    const lines = headerValues(headers, scheme.id_header)
    if (lines.length > 1) return repeatedHeader(scheme.id_header, lines.length)
    if (lines[0] !== undefined) return lines[0]
  }
  const text = scheme.id_path === undefined ? null : textAtPath(document(), scheme.id_path)
  return text ?? missingPart(scheme.id_header, scheme.id_path, 'delivery id')
}

/** Another provider's own signature header on a request that lacks the expected one. */
function otherProviderOf(request: ReadRequest): Unreadable | null {
  const { scheme, headers, otherProviders } = request
  const other = otherProviders.find(
    (provider) =>
      provider.scheme.header !== undefined &&
      provider.scheme.header.toLowerCase() !== scheme.header?.toLowerCase() &&
      headerValues(headers, provider.scheme.header).length > 0,
  )
  if (other === undefined) return null
  return {
    cause: 'other-provider',
    message:
      `The request carries ${other.scheme.header}, the signature of ${other.name}. ` +
      `Set the endpoint to ${other.name}, or send it to the endpoint of that provider.`,
  }
}

function missingPart(header: string | undefined, path: string | undefined, what: string): Unreadable {
  if (header !== undefined) return missingHeader(header, `and its ${what} is part of what is signed`)
  return {
    cause: 'header-missing',
    message: `The request has no ${what}${path === undefined ? '' : ` at ${path} of its JSON body`}, which is part of what is signed.`,
  }
}

function missingHeader(name: string, why: string): Unreadable {
  return {
    cause: 'header-missing',
    message: `The request has no header ${name}, ${why}. See that the sender sends it and that no proxy drops it.`,
  }
}

function repeatedHeader(name: string, count: number): Unreadable {
  return {
    cause: 'header-malformed',
    message: `The header ${name} stands ${count} times in the request; send it once.`,
  }
}

function isFilled(value: unknown): boolean {
  return value !== undefined && value !== null && value !== ''
}

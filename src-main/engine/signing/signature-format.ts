import type { SignatureScheme } from '../../../src-shared/model/scheme.ts'

/**
 * The text around a signature, from the scheme's `format`:
 *
 * - `sha256={signature}`: the whole header value; several (scheme.multiple) are separated by commas,
 *   or by spaces where the format has a comma of its own (`v1,{signature}`)
 * - `t={timestamp},v1={signature}`: fields separated by the first `,`, `;` or space between the two placeholders
 * - `{timestamp}:{signature}`: both in one field
 */

const signatureMark = '{signature}'
const timestampMark = '{timestamp}'

interface FormatShape {
  /** Null: the whole value is one field. */
  readonly separator: string | null
  readonly fields: readonly string[]
  readonly signatureField: string
  /** The field with `{timestamp}`; may be the signature's own. */
  readonly timestampField: string | null
}

/** What a signature header holds, before anything is checked. */
export interface SignatureHeaderFields {
  /** Each signature with the text around it, as it was written. */
  readonly signatures: readonly string[]
  /** Null when the format has none; otherwise every timestamp found. */
  readonly timestamps: readonly string[] | null
}

/** Reads the value of a signature header. Fields that the format does not know are left out (Stripe's `v0=`). */
export function parseSignatureHeader(scheme: SignatureScheme, value: string): SignatureHeaderFields {
  const shape = shapeOf(scheme)
  const fields = splitFields(value, shape.separator)
  if (shape.timestampField === null) return { signatures: fields, timestamps: null }
  const { signatureField, timestampField } = shape
  const signatures =
    fields.length === 1 ? fields : fields.filter((field) => field.startsWith(textBefore(signatureField)))
  const timestamps = fields
    .map((field) => readTimestamp(timestampField, field))
    .filter((text) => text !== null)
  return { signatures, timestamps }
}

/** The text of one signature as the provider writes it within the header, e.g. `sha256=ab12…`. */
export function signatureText(scheme: SignatureScheme, signature: string, timestamp: string): string {
  return fill(shapeOf(scheme).signatureField, signature, timestamp)
}

/** The whole value of the signature header, for one signature or several. */
export function formatSignatureHeader(
  scheme: SignatureScheme,
  signatures: readonly string[],
  timestamp: string,
): string {
  const [first = ''] = signatures
  if (signatures.length === 1) return fill(scheme.format, first, timestamp)
  const shape = shapeOf(scheme)
  return shape.fields
    .flatMap((field) =>
      field === shape.signatureField
        ? signatures.map((signature) => fill(field, signature, timestamp))
        : [fill(field, first, timestamp)],
    )
    .join(shape.separator ?? ',')
}

/** True when the text could be a signature of this scheme that just does not match; false for something else. */
export function looksLikeSignature(scheme: SignatureScheme, text: string): boolean {
  // Sixteen characters are the least of which anything can be reproduced.
  if (/[A-Za-z0-9+/_-]{16}/.test(text)) return true
  const prefix = textBefore(shapeOf(scheme).signatureField)
  const alphabet = scheme.encoding === 'hex' ? /^[0-9a-f]+$/i : /^[A-Za-z0-9+/]+={0,2}$/
  return text.startsWith(prefix) && alphabet.test(text.slice(prefix.length))
}

const shapes = new WeakMap<SignatureScheme, FormatShape>()

/** Worked out once for each scheme: every capture asks for it twice. */
function shapeOf(scheme: SignatureScheme): FormatShape {
  let shape = shapes.get(scheme)
  if (shape === undefined) {
    shape = readShape(scheme)
    shapes.set(scheme, shape)
  }
  return shape
}

function readShape(scheme: SignatureScheme): FormatShape {
  const { format } = scheme
  const separator = format.includes(timestampMark)
    ? separatorBetweenMarks(format)
    : separatorOfSeveral(scheme)
  const splits = separator !== null && format.includes(timestampMark)
  const fields = splits ? format.split(separator) : [format]
  return {
    separator,
    fields,
    signatureField: fields.find((field) => field.includes(signatureMark)) ?? format,
    timestampField: fields.find((field) => field.includes(timestampMark)) ?? null,
  }
}

function separatorOfSeveral(scheme: SignatureScheme): string | null {
  if (!scheme.multiple) return null
  return scheme.format.includes(',') ? ' ' : ','
}

function separatorBetweenMarks(format: string): string | null {
  const marks = [
    { at: format.indexOf(signatureMark), length: signatureMark.length },
    { at: format.indexOf(timestampMark), length: timestampMark.length },
  ].sort((a, b) => a.at - b.at)
  const [first, second] = marks
  const between = format.slice((first?.at ?? 0) + (first?.length ?? 0), second?.at)
  return [',', ';', ' '].find((character) => between.includes(character)) ?? null
}

function splitFields(value: string, separator: string | null): string[] {
  if (separator === null) return [value]
  return value
    .split(separator)
    .map((field) => field.trim())
    .filter((field) => field !== '')
}

function textBefore(field: string): string {
  const ends = [field.indexOf(signatureMark), field.indexOf(timestampMark)].filter((at) => at >= 0)
  return field.slice(0, Math.min(...ends))
}

/** The timestamp that stands in a field of this form, or null when the field has another form. */
function readTimestamp(form: string, text: string): string | null {
  const at = form.indexOf(timestampMark)
  const before = form.slice(0, at)
  const after = form.slice(at + timestampMark.length)
  if (after.includes(signatureMark)) {
    const middle = after.slice(0, after.indexOf(signatureMark))
    const end = middle === '' ? -1 : text.indexOf(middle, before.length)
    return text.startsWith(before) && end >= 0 ? text.slice(before.length, end) : null
  }
  if (before.includes(signatureMark)) {
    const middle = before.slice(before.indexOf(signatureMark) + signatureMark.length)
    const start = middle === '' ? -1 : text.lastIndexOf(middle)
    return text.endsWith(after) && start >= 0
      ? text.slice(start + middle.length, text.length - after.length)
      : null
  }
  const fits = text.startsWith(before) && text.endsWith(after) && text.length >= before.length + after.length
  return fits ? text.slice(before.length, text.length - after.length) : null
}

// With functions: `$` in a text would be read as a pattern.
function fill(form: string, signature: string, timestamp: string): string {
  const timed = form.includes(timestampMark) ? form.replaceAll(timestampMark, () => timestamp) : form
  return timed.replaceAll(signatureMark, () => signature)
}

import { createHmac } from 'node:crypto'
import type { SignatureScheme } from '../../../src-shared/model/scheme.ts'

/** What can stand in signed content. `timestamp` and `id` are the text as it travels. */
export interface ContentValues {
  readonly timestamp: string
  readonly id: string
  readonly body: Uint8Array
}

/** True when the scheme signs this part. */
export function signsPart(scheme: SignatureScheme, part: 'timestamp' | 'id' | 'body'): boolean {
  return scheme.content.includes(part)
}

/** Paths into the JSON body of the signed parts that no header carries. */
export function signedPartPaths(scheme: SignatureScheme): {
  timestamp: string | undefined
  id: string | undefined
} {
  const inHeader = scheme.timestamp_header !== undefined || scheme.format.includes('{timestamp}')
  return {
    timestamp: signsPart(scheme, 'timestamp') && !inHeader ? scheme.timestamp_path : undefined,
    id: signsPart(scheme, 'id') && scheme.id_header === undefined ? scheme.id_path : undefined,
  }
}

/** The exact bytes that are signed. Copies the body; signing itself feeds the parts one by one. */
export function signedContent(scheme: SignatureScheme, values: ContentValues): Uint8Array {
  const chunks = contentChunks(scheme, values)
  return Buffer.concat(
    chunks.map((chunk) => (typeof chunk === 'string' ? Buffer.from(chunk, 'latin1') : chunk)),
  )
}

/** The signature of the values in the scheme's algorithm and encoding, without the text around it. */
export function computeSignature(scheme: SignatureScheme, key: Uint8Array, values: ContentValues): string {
  // As text: Node 24 takes ten times as long for a key that is given as bytes.
  const keyText = Buffer.from(key.buffer, key.byteOffset, key.byteLength).toString('latin1')
  const hmac = createHmac(scheme.algorithm, keyText, { encoding: 'latin1' })
  for (const chunk of contentChunks(scheme, values)) {
    if (typeof chunk === 'string') hmac.update(chunk, 'latin1')
    else hmac.update(chunk)
  }
  return hmac.digest(scheme.encoding)
}

/**
 * The content as few chunks: each costs a call out of JavaScript, which is dearer than joining short texts.
 * Strings are latin-1, one byte a character.
 */
function contentChunks(scheme: SignatureScheme, values: ContentValues): (string | Uint8Array)[] {
  const chunks: (string | Uint8Array)[] = []
  let text = ''
  for (const part of scheme.content) {
    if (part === 'body') {
      if (text !== '') chunks.push(text)
      text = ''
      chunks.push(values.body)
    } else {
      text += typeof part === 'string' ? byteText(values[part]) : utf8Text(part.literal)
    }
  }
  if (text !== '') chunks.push(text)
  return chunks
}

/**
 * Header text holds one byte a character. Text from a JSON body may hold more than that: it counts as UTF-8,
 * because cut to the low byte two different ids would sign alike.
 */
function byteText(text: string): string {
  return largestCode(text) > 0xff ? utf8Text(text) : text
}

function utf8Text(text: string): string {
  return largestCode(text) < 0x80 ? text : Buffer.from(text, 'utf8').toString('latin1')
}

function largestCode(text: string): number {
  let largest = 0
  for (let index = 0; index < text.length; index++) largest = Math.max(largest, text.charCodeAt(index))
  return largest
}

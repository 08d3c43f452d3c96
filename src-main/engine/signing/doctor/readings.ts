import type { SignatureScheme } from '../../../../src-shared/model/scheme.ts'
import { signatureText } from '../signature-format.ts'
import type { Change } from './variation.ts'

/** What a received signature may mean: digest bytes, and what is wrong with the way they are written. */
export interface Reading {
  readonly digest: Buffer
  /** Only the beginning of the digest is there, for every longer one. */
  readonly isPrefix: boolean
  /** Empty: written as the provider does. */
  readonly changes: readonly Change[]
}

/** Fewer bytes prove nothing: sixteen hex digits. */
const leastBytes = 8

/**
 * Every way in which the text of one received signature can be read. Prefix and encoding may both be wrong; that a
 * digest was cut is found when it is compared.
 * @param text with the text around it, as it stood in the header
 */
export function readingsOf(scheme: SignatureScheme, text: string, timestamp: string): Reading[] {
  const form = signatureText(scheme, '\u0000', timestamp)
  const [before = '', after = ''] = form.split('\u0000')
  const isFramed =
    text.startsWith(before) && text.endsWith(after) && text.length >= before.length + after.length
  const framed = isFramed ? text.slice(before.length, text.length - after.length) : ''
  const isWhole = decodings(framed).length > 0
  const inner = isWhole ? framed : bare(text)
  const framing = isWhole ? [] : [wrongPrefix(text, inner, before)]
  const readings: Reading[] = []
  for (const { bytes, how, isCut = false } of decodings(inner)) {
    if (bytes.length < leastBytes) continue
    const changes = how === scheme.encoding ? framing : [...framing, wrongEncoding(scheme, how)]
    if (!isCut) readings.push({ digest: bytes, isPrefix: false, changes })
    readings.push({ digest: bytes, isPrefix: true, changes: [...changes, truncated(bytes.length)] })
  }
  // What is written rightly is tried first, and whole digests before cut ones.
  return readings.sort((a, b) => a.changes.length - b.changes.length)
}

/** The signature without what others put around theirs: `sha1=`, `v1=`, `HMAC `, quotes, spaces. */
function bare(text: string): string {
  return text
    .trim()
    .replace(/^["']|["']$/g, '')
    .replace(/^[A-Za-z][\w-]{0,20}(=|:|,|\s)\s*(?=.{11})/, '')
    .trim()
}

type Encoding =
  | 'hex'
  | 'upper-case hex'
  | 'base64'
  | 'URL-safe base64'
  | 'base64 without padding'
  | 'base64 of the hex text'

interface Decoding {
  readonly bytes: Buffer
  readonly how: Encoding
  /** Half a byte at its end is left out. */
  readonly isCut?: boolean
}

function decodings(text: string): Decoding[] {
  const found: Decoding[] = []
  const hex = /^0x(?=[0-9a-f])/i.test(text) ? text.slice(2) : text
  if (/^[0-9a-f]+$/i.test(hex))
    found.push({
      bytes: Buffer.from(hex.slice(0, hex.length - (hex.length % 2)), 'hex'),
      how: hex === text && !/[A-F]/.test(hex) ? 'hex' : 'upper-case hex',
      isCut: hex.length % 2 === 1,
    })
  if (/^[A-Za-z0-9+/_-]+={0,2}$/.test(text)) {
    const bytes = Buffer.from(text, 'base64')
    const isPlain = text === bytes.toString('base64')
    const how = /[_-]/.test(text) ? 'URL-safe base64' : 'base64 without padding'
    found.push({ bytes, how: isPlain ? 'base64' : how })
    const inner = bytes.toString('latin1')
    if (/^([0-9a-f]{2}){8,}$/i.test(inner))
      found.push({ bytes: Buffer.from(inner, 'hex'), how: 'base64 of the hex text' })
  }
  return found
}

function wrongPrefix(text: string, inner: string, before: string): Change {
  const at = text.indexOf(inner)
  const found = at > 0 ? text.slice(0, at) : ''
  // Only what others write there is quoted: a secret may have been put there.
  const isUsual = /^(sha\d+|md5|hmac|v\d+|t|s|sig|signature)[=:, ]+$/i.test(found)
  const wanted = before === '' ? 'nothing' : `"${before}"`
  return {
    cause: 'signature-prefix',
    how:
      found === ''
        ? `but ${wanted} is missing before the signature`
        : `but ${isUsual ? `"${found}"` : 'something else'} stands before the signature`,
    mend: `Write ${wanted} before it.`,
  }
}

function wrongEncoding({ encoding }: SignatureScheme, how: Encoding): Change {
  const wanted = encoding === 'hex' ? 'lower-case hex' : 'base64'
  return {
    cause: 'signature-encoding',
    how: `but the signature is written as ${how}`,
    mend: `Write it as ${wanted}.`,
  }
}

function truncated(bytes: number): Change {
  return {
    cause: 'signature-truncated',
    how: `but only the first ${bytes} bytes of the signature are there`,
    mend: 'Send the whole signature, and see that no column or field cuts it.',
  }
}

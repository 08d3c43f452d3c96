/** Two excerpts that begin at the same place of their bodies. */
export interface ComparedBytes {
  /** Of the first byte that is another. */
  readonly offset: number
  /** Where both excerpts begin. */
  readonly from: number
  readonly signed: { readonly bytes: Uint8Array; readonly total: number }
  readonly arrived: { readonly bytes: Uint8Array; readonly total: number }
}

/** Both sides as text, cut where they begin to differ; control characters are still in it. */
export interface ShownDifference {
  /** What is the same on both sides; with an ellipsis where it is not the beginning. */
  readonly same: string
  readonly signed: string
  readonly arrived: string
}

/** Bytes as text: UTF-8 as it is meant, all others as their hexadecimal digits in `‹›`. */
export function shownDifference({ offset, from, signed, arrived }: ComparedBytes): ShownDifference {
  // No character is cut in two.
  let at = offset - from
  while (at > 0 && (isContinuation(signed.bytes[at]) || isContinuation(arrived.bytes[at]))) at -= 1
  const rest = ({ bytes, total }: ComparedBytes['signed']): string => {
    const isCut = from + bytes.length < total
    return (
      textOfBytes(isCut ? withoutHalfCharacter(bytes.subarray(at)) : bytes.subarray(at)) + (isCut ? '…' : '')
    )
  }
  return {
    same: (from > 0 ? '…' : '') + textOfBytes(withoutLooseStart(signed.bytes.subarray(0, at), from > 0)),
    signed: rest(signed),
    arrived: rest(arrived),
  }
}

function isContinuation(byte: number | undefined): boolean {
  return byte !== undefined && (byte & 0xc0) === 0x80
}

/** Without the end of a character whose beginning is cut off. */
function withoutLooseStart(bytes: Uint8Array, isCut: boolean): Uint8Array {
  if (!isCut) return bytes
  let start = 0
  while (start < 3 && isContinuation(bytes[start])) start += 1
  return bytes.subarray(start)
}

/** Without the beginning of a character whose end is cut off. */
function withoutHalfCharacter(bytes: Uint8Array): Uint8Array {
  for (let back = 1; back <= Math.min(3, bytes.length); back += 1) {
    const byte = bytes[bytes.length - back] ?? 0
    if (isContinuation(byte)) continue
    return lengthOf(byte) > back ? bytes.subarray(0, bytes.length - back) : bytes
  }
  return bytes
}

/** Bytes of the UTF-8 character that begins with this one. */
function lengthOf(first: number): number {
  if (first >= 0xf0) return 4
  if (first >= 0xe0) return 3
  return first >= 0xc0 ? 2 : 1
}

function textOfBytes(bytes: Uint8Array): string {
  let text = ''
  for (let at = 0; at < bytes.length;) {
    const first = bytes[at] ?? 0
    const character = characterOf(bytes.subarray(at, at + lengthOf(first)))
    text += character ?? `‹${first.toString(16).toUpperCase().padStart(2, '0')}›`
    at += character === null ? 1 : lengthOf(first)
  }
  return text
}

/** The smallest code point that needs so many bytes. */
const leastOf = [0, 0, 0x80, 0x800, 0x1_0000]

/** The character of a UTF-8 sequence, or null where it is none. @see RFC 3629 */
function characterOf(sequence: Uint8Array): string | null {
  const [first = 0, ...others] = sequence
  const length = lengthOf(first)
  if (length === 1) return first < 0x80 ? String.fromCharCode(first) : null
  if (sequence.length < length || !others.every(isContinuation)) return null
  const point = others.reduce((value, byte) => value * 64 + (byte & 0x3f), first & (0xff >> (length + 1)))
  const isCharacter =
    point >= (leastOf[length] ?? 0) && point <= 0x10_ffff && (point < 0xd800 || point > 0xdfff)
  return isCharacter ? String.fromCodePoint(point) : null
}

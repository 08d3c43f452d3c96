import { brotliDecompressSync, gunzipSync, inflateRawSync, inflateSync } from 'node:zlib'
import { headerValues, type Header } from '../../../../src-shared/model/header.ts'
import type { Change, Variation } from './variation.ts'

const wireBytes = 'Sign and verify the bytes as they are on the wire, before anything changes them.'
const mostDecodedBytes = 4 * 1024 * 1024
const mostCodings = 4

/** The body as it may have been when it was signed: the smallest changes first. */
export function* byteVariations(body: Buffer, headers: readonly Header[]): Generator<Variation<Buffer>> {
  yield* trailingNewlines(body)
  yield* lineEnds(body)
  yield* byteOrderMarks(body)
  yield* contentCodings(body, headers)
  if (body.length > 0)
    yield vary(
      Buffer.alloc(0),
      'body-empty',
      'over an empty body',
      'Sign the body that is sent: it was read before it was there, or twice.',
    )
}

const lf = 0x0a
const cr = 0x0d

export function* trailingNewlines(body: Buffer): Generator<Variation<Buffer>> {
  const ended = (how: string): Change => ({ cause: 'body-trailing-newline', how, mend: wireBytes })
  if (body.length === 0) return
  const end = endWithoutBreaks(body)
  if (end < body.length) {
    const without = ended('over the body without the line break at its end')
    // One of them, and then all.
    const last = body.at(-1) === lf && body.at(-2) === cr ? 2 : 1
    yield { value: body.subarray(0, body.length - last), change: without }
    yield { value: body.subarray(0, end), change: without }
  }
  if (body.at(-1) !== lf) {
    const withOne = ended('over the body with a line break at its end')
    yield { value: Buffer.concat([body, latin1('\n')]), change: withOne }
    yield { value: Buffer.concat([body, latin1('\r\n')]), change: withOne }
  }
}

/** Counted from the end: a pattern would look from every line break on. */
function endWithoutBreaks(body: Buffer): number {
  let end = body.length
  while (end > 0 && (body[end - 1] === lf || body[end - 1] === cr)) end -= 1
  return end
}

export function* lineEnds(body: Buffer): Generator<Variation<Buffer>> {
  if (!body.includes(lf) && !body.includes(cr)) return
  const text = body.toString('latin1')
  const unix = text.replace(/\r\n?/g, '\n')
  const by = (name: string): Change => ({
    cause: 'body-line-endings',
    how: `over the body with ${name} line ends`,
    mend: wireBytes,
  })
  if (unix !== text) yield { value: latin1(unix), change: by('Unix (LF)') }
  const windows = unix.replaceAll('\n', '\r\n')
  if (windows !== text) yield { value: latin1(windows), change: by('Windows (CRLF)') }
}

const mark = Buffer.from([0xef, 0xbb, 0xbf])

function* byteOrderMarks(body: Buffer): Generator<Variation<Buffer>> {
  if (body.subarray(0, 3).equals(mark))
    yield vary(
      body.subarray(3),
      'body-byte-order-mark',
      'over the body without its byte order mark',
      wireBytes,
    )
  else if (body.length > 0)
    yield vary(
      Buffer.concat([mark, body]),
      'body-byte-order-mark',
      'over the body with a byte order mark before it',
      wireBytes,
    )
}

const decoders: Readonly<
  Record<string, readonly ((bytes: Buffer, options: { maxOutputLength: number }) => Buffer)[]>
> = {
  gzip: [gunzipSync],
  'x-gzip': [gunzipSync],
  deflate: [inflateSync, inflateRawSync],
  br: [brotliDecompressSync],
}

/** Signed before it was compressed; or after, and something on the way unpacked it, which can't be reproduced. */
function* contentCodings(body: Buffer, headers: readonly Header[]): Generator<Variation<Buffer>> {
  const named = headerValues(headers, 'content-encoding').flatMap((value) =>
    value
      .toLowerCase()
      .split(',')
      .map((coding) => coding.trim()),
  )
  // A header that was lost on the way: gzip is known by its first bytes.
  const isUnnamed = named.length === 0 && body[0] === 0x1f && body[1] === 0x8b
  const codings = isUnnamed ? ['gzip'] : named
  let bytes = body
  for (const coding of codings.reverse().slice(0, mostCodings)) {
    const decoded = decode(bytes, coding)
    if (decoded === null) return
    bytes = decoded
    yield vary(
      bytes,
      'body-content-encoding',
      `over the body before it was compressed (${coding}${isUnnamed ? ', which no Content-Encoding says' : ''})`,
      'Sign the bytes that are sent: compress first, sign then; and verify before unpacking.',
    )
  }
}

function decode(bytes: Buffer, coding: string): Buffer | null {
  for (const decoder of decoders[coding] ?? []) {
    try {
      return decoder(bytes, { maxOutputLength: mostDecodedBytes })
    } catch {
      // Not this coding, or far too large.
    }
  }
  return null
}

/** The body in another charset than it was sent in. */
export function* charsetVariations(body: Buffer): Generator<Variation<Buffer>> {
  const mend = 'Encode the text as UTF-8 once, and sign those bytes.'
  const as = (value: Buffer, how: string): Variation<Buffer> => vary(value, 'body-charset', how, mend)
  const isAscii = body.every((byte) => byte < 0x80)
  const text = decodeText(body)
  if (text !== null) {
    if (!isAscii) {
      const narrow = inLatin1(text)
      if (narrow !== null) yield as(narrow, 'over the text in ISO 8859-1 (Latin-1)')
      const windows = inWindows1252(text)
      if (windows !== null) yield as(windows, 'over the text in Windows-1252')
      yield as(
        latin1(text.replace(/[\u0080-\u{10ffff}]/gu, '?')),
        'over the text in ASCII, with ? for what that lacks',
      )
      for (const form of ['NFC', 'NFD'] as const)
        yield as(Buffer.from(text.normalize(form)), `over the text in the Unicode form ${form}`)
    }
    const wide = Buffer.from(text, 'utf16le')
    yield as(wide, 'over the text in UTF-16')
    yield as(Buffer.from(wide).swap16(), 'over the text in UTF-16, big-endian')
  }
  if (!isAscii)
    yield as(
      Buffer.from(body.toString('latin1')),
      text === null
        ? 'over the text in UTF-8, which is sent in another charset'
        : 'over the text encoded as UTF-8 twice',
    )
}

function decodeText(body: Buffer): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(body)
  } catch {
    return null
  }
}

function inLatin1(text: string): Buffer | null {
  return /[\u0100-\uffff]/.test(text) ? null : latin1(text)
}

/** What Windows-1252 has at 0x80 to 0x9f. */
const windowsCharacters = '€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ'

function inWindows1252(text: string): Buffer | null {
  if (!/[\u0080-\u009f\u0100-\uffff]/.test(text)) return null
  const bytes: number[] = []
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0
    const at = windowsCharacters.indexOf(character)
    if (code < 0x80 || (code >= 0xa0 && code <= 0xff)) bytes.push(code)
    else if (at >= 0) bytes.push(0x80 + at)
    else return null
  }
  return Buffer.from(bytes)
}

function latin1(text: string): Buffer {
  return Buffer.from(text, 'latin1')
}

function vary(value: Buffer, cause: Change['cause'], how: string, mend: string): Variation<Buffer> {
  return { value, change: { cause, how, mend } }
}

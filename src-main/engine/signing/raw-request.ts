import { invalidInput } from '../../../src-shared/errors.ts'
import { headerValues, type Header } from '../../../src-shared/model/header.ts'

/** One HTTP/1.x request as it stood in its bytes. */
export interface RawRequest {
  readonly method: string
  /** Exactly as written, not decoded. */
  readonly target: string
  /** `1.0` or `1.1`. */
  readonly httpVersion: string
  /** In order, with case and duplicates; values as latin-1. */
  readonly headers: readonly Header[]
  /** Chunks undone, content codings not. */
  readonly body: Uint8Array
  readonly trailers: readonly Header[]
}

const token = "[!#$%&'*+.^_`|~0-9A-Za-z-]+"
const requestLinePattern = new RegExp(`^(${token}) ([^ ]+) HTTP/(1\\.\\d)$`)
const headerPattern = new RegExp(`^(${token}):(.*)$`, 's')

const lineFeed = 0x0a
const carriageReturn = 0x0d
const hash = 0x23
const blank = 0x20
const byteOrderMark = [0xef, 0xbb, 0xbf]

/**
 * Reads one raw HTTP/1.x request. Lines of the head may end with CRLF or a bare LF. The body is what
 * Content-Length or the chunks say, otherwise every byte that follows; bytes after a Content-Length body
 * (an editor's last newline) are left out.
 *
 * @throws AppError `invalid_input` with the reason.
 * @see RFC 9112
 */
export function parseRawRequest(bytes: Uint8Array): RawRequest {
  const reader = new LineReader(bytes, startOf(bytes))
  const requestLine = readRequestLine(reader)
  const headers = readHeaders(reader, 'headers')
  return { ...requestLine, headers, ...readBody(reader, headers) }
}

function startOf(bytes: Uint8Array): number {
  let at = byteOrderMark.every((byte, index) => bytes[index] === byte) ? byteOrderMark.length : 0
  // RFC 9112, 2.2: empty lines before the request line are let pass.
  while (bytes[at] === carriageReturn || bytes[at] === lineFeed) at++
  return afterComments(bytes, at)
}

/** Lines that begin with `# ` are remarks of an export, unless it is a request with the method `#`. */
function afterComments(bytes: Uint8Array, from: number): number {
  let at = from
  while (bytes[at] === hash && bytes[at + 1] === blank) {
    const end = bytes.indexOf(lineFeed, at)
    const line = Buffer.from(bytes.subarray(at, Math.max(at, end))).toString('latin1')
    if (end < 0 || requestLinePattern.test(line.replace(/\r$/, ''))) break
    at = end + 1
  }
  return at
}

function readRequestLine(reader: LineReader): Pick<RawRequest, 'method' | 'target' | 'httpVersion'> {
  const line = reader.next()
  if (line === null) {
    throw invalidInput(
      'This is no whole HTTP request: it needs a request line, headers, and a blank line after them.',
    )
  }
  if (/^HTTP\/\d/.test(line)) throw invalidInput('This is an HTTP response; give the request.')
  const [, method, target, httpVersion] = requestLinePattern.exec(line) ?? []
  if (method === undefined || target === undefined || httpVersion === undefined) {
    throw invalidInput(`The first line must be like "POST /path HTTP/1.1", not ${quoted(line)}.`)
  }
  return { method, target, httpVersion }
}

function readHeaders(reader: LineReader, what: string): Header[] {
  const headers: Header[] = []
  for (;;) {
    const line = reader.next()
    if (line === null)
      throw invalidInput(`The request ends within its ${what}: a blank line must follow them.`)
    if (line === '') return headers
    headers.push(readHeader(line))
  }
}

function readHeader(line: string): Header {
  if (/^[ \t]/.test(line)) {
    throw invalidInput(
      `Headers folded over several lines are obsolete; write ${quoted(line.trim())} on the line before.`,
    )
  }
  const match = headerPattern.exec(line)
  const [, name, value] = match ?? []
  if (name === undefined || value === undefined) {
    throw invalidInput(`The line ${quoted(line)} is no header; headers are written "Name: value".`)
  }
  if (value.includes('\0') || value.includes('\r')) {
    throw invalidInput(`The header ${name} holds a byte that headers can't have (NUL or CR).`)
  }
  return [name, trimBlanks(value)]
}

// Not trim(): a byte A0 at the end is part of the value. Not a pattern: long runs of blanks would be quadratic.
function trimBlanks(value: string): string {
  const isBlank = (at: number): boolean => value[at] === ' ' || value[at] === '\t'
  let start = 0
  let end = value.length
  while (start < end && isBlank(start)) start++
  while (end > start && isBlank(end - 1)) end--
  return value.slice(start, end)
}

interface ReadBody {
  readonly body: Uint8Array
  readonly trailers: readonly Header[]
}

function readBody(reader: LineReader, headers: readonly Header[]): ReadBody {
  const codings = headerValues(headers, 'transfer-encoding')
  const lengths = headerValues(headers, 'content-length')
  if (codings.length > 0) {
    if (lengths.length > 0) {
      throw invalidInput('The request has both Content-Length and Transfer-Encoding; leave one out.')
    }
    if (codings.join(',').trim().toLowerCase() !== 'chunked') {
      throw invalidInput(`Transfer-Encoding ${quoted(codings.join(', '))} can't be read; only chunked can.`)
    }
    return readChunks(reader)
  }
  if (lengths.length === 0) return { body: reader.rest(), trailers: [] }
  return { body: readLength(reader, lengths), trailers: [] }
}

function readLength(reader: LineReader, lines: readonly string[]): Uint8Array {
  const lengths = new Set(lines.flatMap((line) => line.split(',').map((text) => text.trim())))
  const [text = ''] = lengths
  if (lengths.size !== 1 || !/^\d+$/.test(text)) {
    throw invalidInput(`Content-Length must be one decimal number, not ${quoted(lines.join(', '))}.`)
  }
  const wanted = Number(text)
  const rest = reader.rest()
  if (rest.byteLength < wanted) {
    throw invalidInput(
      `Content-Length says ${wanted} bytes, but only ${rest.byteLength} follow the headers: the body was cut or changed.`,
    )
  }
  return rest.subarray(0, wanted)
}

function readChunks(reader: LineReader): ReadBody {
  const chunks: Uint8Array[] = []
  for (;;) {
    const line = reader.next()
    if (line === null)
      throw invalidInput('The chunked body ends too early: its last chunk, of size 0, is missing.')
    const [, hex] = /^([0-9A-Fa-f]{1,13})[ \t]*(?:;.*)?$/.exec(line) ?? []
    if (hex === undefined) throw invalidInput(`The line ${quoted(line)} is no size of a chunk.`)
    const size = Number.parseInt(hex, 16)
    if (size === 0) return { body: Buffer.concat(chunks), trailers: readHeaders(reader, 'trailers') }
    const chunk = reader.take(size)
    if (chunk === null || reader.next() !== '') {
      throw invalidInput(`A chunk says ${size} bytes, but other than that many stand before its line end.`)
    }
    chunks.push(chunk)
  }
}

/** Walks bytes line by line; lines come as latin-1 text without their end. */
class LineReader {
  readonly #bytes: Uint8Array
  #at: number

  constructor(bytes: Uint8Array, at: number) {
    this.#bytes = bytes
    this.#at = at
  }

  /** The next line, or null when no line end follows. */
  next(): string | null {
    const end = this.#bytes.indexOf(lineFeed, this.#at)
    if (end < 0) return null
    const last = end > this.#at && this.#bytes[end - 1] === carriageReturn ? end - 1 : end
    const line = Buffer.from(this.#bytes.subarray(this.#at, last)).toString('latin1')
    this.#at = end + 1
    return line
  }

  take(count: number): Uint8Array | null {
    if (this.#bytes.byteLength - this.#at < count) return null
    const bytes = this.#bytes.subarray(this.#at, this.#at + count)
    this.#at += count
    return bytes
  }

  rest(): Uint8Array {
    return this.#bytes.subarray(this.#at)
  }
}

function quoted(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text)
}

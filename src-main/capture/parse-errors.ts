/** What Node's `clientError` brings. */
export interface ParserError extends Error {
  readonly code?: string
  /** llhttp's own words. */
  readonly reason?: string
  /** The packet in which the parser found the error. */
  readonly rawPacket?: Buffer
}

interface Explanation {
  /** A sentence in plain words. */
  readonly reason: string
  readonly status: number
  /** Not the bytes are at fault: the sender went away or stopped. */
  readonly gone: boolean
}

const timedOut = 'The rest of the request did not come in time.'
const wentAway = 'The connection ended before the request was complete.'

const sentences: Readonly<Record<string, string>> = {
  HPE_INVALID_METHOD: 'The request does not begin with a known HTTP method.',
  HPE_INVALID_URL: 'The request target has a character that is not allowed there.',
  HPE_INVALID_CONSTANT:
    'The request line is not METHOD TARGET HTTP/1.1; a space in the target has to be %20.',
  HPE_INVALID_VERSION: 'The request line names an HTTP version that does not exist.',
  HPE_INVALID_HEADER_TOKEN: 'A header has a character that is not allowed there, or its name has no colon.',
  HPE_INVALID_CONTENT_LENGTH: 'Content-Length is not a number.',
  HPE_UNEXPECTED_CONTENT_LENGTH: 'There is a second Content-Length.',
  HPE_INVALID_TRANSFER_ENCODING: 'Transfer-Encoding is not one that HTTP/1.1 allows there.',
  HPE_INVALID_CHUNK_SIZE: 'The size of a chunk is not a hexadecimal number.',
  HPE_STRICT: 'A chunk is longer or shorter than its size says.',
  HPE_CR_EXPECTED: 'A line ends without a carriage return.',
  HPE_LF_EXPECTED: 'A carriage return stands without its line feed.',
  HPE_CLOSED_CONNECTION: 'Bytes follow a request after which the sender wanted the connection closed.',
  HPE_HEADER_OVERFLOW: 'The request line and headers are larger than 64 KiB.',
  HPE_CHUNK_EXTENSIONS_OVERFLOW: 'The chunk extensions are larger than 16 KiB.',
  HPE_PAUSED_H2_UPGRADE: 'The sender speaks HTTP/2 where this receiver speaks HTTP/1.1.',
}

const statuses: Readonly<Record<string, number>> = {
  HPE_HEADER_OVERFLOW: 431,
  HPE_CHUNK_EXTENSIONS_OVERFLOW: 413,
}

/** Puts a parser's or socket's error in plain words. `raw`: the broken request's bytes. */
export function explainParseError(error: ParserError, raw: Buffer): Explanation {
  const code = error.code ?? ''
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return { reason: timedOut, status: 408, gone: true }
  if (code === 'HPE_INVALID_EOF_STATE' || !code.startsWith('HPE_')) {
    return { reason: wentAway, status: 400, gone: true }
  }
  return { reason: sentenceFor(error, code, raw), status: statuses[code] ?? 400, gone: false }
}

function sentenceFor(error: ParserError, code: string, raw: Buffer): string {
  if (raw[0] === 0x16 && raw[1] === 0x03) {
    return 'This is a TLS handshake: the sender used https:// where this receiver speaks plain http://.'
  }
  if (/transfer-encoding/i.test(error.reason ?? '') && /content-length/i.test(error.reason ?? '')) {
    return 'There are both Content-Length and Transfer-Encoding.'
  }
  // A bare line feed behind the version has the code of a wrong version.
  const missingReturn = code === 'HPE_INVALID_VERSION' && /CRLF/.test(error.reason ?? '')
  const sentence = sentences[missingReturn ? 'HPE_CR_EXPECTED' : code]
  if (sentence !== undefined) return sentence
  return error.reason === undefined || error.reason === '' ? 'This is no valid HTTP.' : `${error.reason}.`
}

import type { SendError } from '../engine/ports.ts'

/**
 * Names what Node, OpenSSL and undici report, in the words of `SendErrorCode`.
 * Sentences name host and port only: paths, queries, header values and user info may hold secrets.
 */

/** How far a request had come when its connection failed. */
export type Stage =
  /** The connection was being made. */
  | 'connect'
  /** The request was written, no answer has come. */
  | 'written'
  /** The answer's headers have come. */
  | 'answered'

/** A failure with its name already found, in the form undici wants. */
export class NamedFailure extends Error {
  readonly failure: SendError

  constructor(failure: SendError) {
    super(failure.message)
    this.name = 'NamedFailure'
    this.failure = failure
  }
}

const tellingOrder = ['ECONNREFUSED', 'ECONNRESET', 'EHOSTUNREACH', 'ENETUNREACH', 'ETIMEDOUT']

function fieldOf(error: unknown, field: 'code' | 'message' | 'name' | 'reason'): string {
  if (typeof error !== 'object' || error === null) return ''
  const value: unknown = Reflect.get(error, field)
  return typeof value === 'string' ? value : ''
}

/** Of the failures of several addresses, the one that says most. */
function mostTelling(error: unknown): unknown {
  if (!(error instanceof AggregateError) || error.errors.length === 0) return error
  const failures: readonly unknown[] = error.errors
  for (const code of tellingOrder) {
    const found = failures.find((failure) => fieldOf(failure, 'code') === code)
    if (found !== undefined) return found
  }
  return failures[0]
}

const notFoundCodes = new Set(['ENOTFOUND', 'EAI_NONAME', 'EAI_NODATA', 'ENODATA', 'EAI_ADDRFAMILY'])

/** What a failed name resolution means. */
export function lookupFailure(error: unknown, hostname: string): SendError {
  const code = fieldOf(error, 'code')
  if (notFoundCodes.has(code)) return nameNotFound(hostname)
  return {
    code: 'dns_temporary',
    message: `The name ${hostname} could not be looked up just now (${code || 'the resolver failed'}). Check the network connection and the DNS server, then try again.`,
  }
}

/** The name has no address. */
export function nameNotFound(hostname: string): SendError {
  return {
    code: 'dns_not_found',
    message: `There is no host named ${hostname}. Check the spelling of the URL's host.`,
  }
}

const untrustedCodes = new Set([
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'CERT_UNTRUSTED',
  'CERT_REVOKED',
  'CERT_REJECTED',
  'CERT_SIGNATURE_FAILURE',
  'CERT_CHAIN_TOO_LONG',
  'INVALID_CA',
  'INVALID_PURPOSE',
  'PATH_LENGTH_EXCEEDED',
])

/** TLS failures by OpenSSL's and Node's codes; null for what isn't TLS. */
function tlsFailure(code: string, reason: string, label: string): SendError | null {
  const wayOut = 'or accept self-signed certificates for this destination'
  if (code === 'CERT_HAS_EXPIRED') {
    return {
      code: 'tls_expired',
      message: `The certificate of ${label} has expired. Renew it on the receiver, ${wayOut}.`,
    }
  }
  if (code === 'DEPTH_ZERO_SELF_SIGNED_CERT' || code === 'SELF_SIGNED_CERT_IN_CHAIN') {
    return {
      code: 'tls_self_signed',
      message: `The certificate of ${label} is self-signed. Give the destination its CA, ${wayOut}.`,
    }
  }
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    return {
      code: 'tls_wrong_host',
      message: `The certificate of ${label} is for another host name. Use the name it was issued for, ${wayOut}.`,
    }
  }
  if (untrustedCodes.has(code)) {
    return {
      code: 'tls_untrusted',
      message: `The certificate of ${label} was not issued by an authority known here (${code}). Give the destination its CA, ${wayOut}.`,
    }
  }
  return otherTlsFailure(code, reason, label)
}

function otherTlsFailure(code: string, reason: string, label: string): SendError | null {
  if (code === 'CERT_NOT_YET_VALID') {
    return {
      code: 'tls',
      message: `The certificate of ${label} is not valid yet. Check the clocks of this machine and of the receiver.`,
    }
  }
  const isTls = /^(ERR_SSL_|ERR_TLS_|ERR_OSSL_|CERT_|CRL_|EPROTO$|HOSTNAME_MISMATCH$)/.test(code)
  if (!isTls) return null
  const detail = `${reason} ${code}`.toLowerCase().replaceAll('_', ' ')
  if (/wrong version number|packet length too long|http request/.test(detail)) {
    return {
      code: 'tls',
      message: `${label} does not speak TLS on this port. Check the port, or use http:// if the receiver has no certificate.`,
    }
  }
  if (/certificate required|bad certificate|unknown ca|handshake failure/.test(detail)) {
    return {
      code: 'tls',
      message: `${label} refused the TLS connection (${reason || code}). It may want a client certificate: set the destination's.`,
    }
  }
  return {
    code: 'tls',
    message: `The TLS connection to ${label} could not be made (${reason || code}). Check the receiver's TLS set-up.`,
  }
}

/** Failures of this machine or of the way to the receiver. */
function networkFailure(code: string, label: string): SendError | null {
  switch (code) {
    case 'ECONNREFUSED':
      return {
        code: 'refused',
        message: `${label} refused the connection: nothing listens there. Start the receiver, or check host and port.`,
      }
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
    case 'ENETDOWN':
    case 'EHOSTDOWN':
      return {
        code: 'unreachable',
        message: `${label} cannot be reached from here (${code}). Check the network, a VPN or the firewall.`,
      }
    case 'ETIMEDOUT':
      return {
        code: 'timeout',
        message: `${label} did not take the connection in time. Check host, port and firewall.`,
      }
    case 'EMFILE':
    case 'ENFILE':
    case 'ENOBUFS':
    case 'EADDRNOTAVAIL':
      return {
        code: 'unreachable',
        message: `This machine has no room for another connection to ${label} (${code}). Lower the concurrency, or raise the limit of open files.`,
      }
    case 'EACCES':
    case 'EPERM':
      return {
        code: 'unreachable',
        message: `This machine does not allow the connection to ${label} (${code}). Check the local firewall.`,
      }
    default:
      return null
  }
}

function resetFailure(stage: Stage, label: string): SendError {
  if (stage === 'connect') {
    return {
      code: 'reset',
      message: `${label} ended the connection before the request was sent. Check that it expects http or https on this port.`,
    }
  }
  if (stage === 'written') {
    return {
      code: 'reset_after_send',
      message: `${label} ended the connection after the request was sent, without an answer. The request may have arrived: check the receiver before sending it again.`,
    }
  }
  return {
    code: 'reset',
    message: `The answer of ${label} broke off. Its status is kept; check what ended the connection at the receiver or a proxy.`,
  }
}

function answerFailure(error: unknown, code: string, stage: Stage, label: string): SendError | null {
  if (code === 'UND_ERR_HEADERS_OVERFLOW') {
    return {
      code: 'response_too_large',
      message: `The headers of ${label}'s answer are larger than 64 KiB. Make the receiver send fewer or shorter ones.`,
    }
  }
  const message = fieldOf(error, 'message')
  // Before the end of the headers undici reports every parser error so, once it has seen a Content-Length.
  const isUnparsable =
    (fieldOf(error, 'name') === 'HTTPParserError' && !message.includes('Invalid EOF state')) ||
    (code === 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH' && stage !== 'answered')
  if (isUnparsable || message === 'bad response' || message === 'bad upgrade') {
    const detail = /\(([^)]*)\)/.exec(message)?.[1] ?? message
    return {
      code: 'invalid_response',
      message: `The answer of ${label} is not HTTP/1.1 (${detail}). Check that an HTTP server listens there.`,
    }
  }
  return null
}

/** The failure of a connection or exchange in the user's words. Never throws. */
export function failureOf(error: unknown, stage: Stage, label: string): SendError {
  if (error instanceof NamedFailure) return error.failure
  const cause = mostTelling(error)
  const code = fieldOf(cause, 'code')
  if (code === 'UND_ERR_INVALID_ARG' || code === 'UND_ERR_NOT_SUPPORTED') {
    return { code: 'invalid_request', message: `The request cannot be sent: ${fieldOf(cause, 'message')}.` }
  }
  const answer = answerFailure(cause, code, stage, label)
  if (answer !== null) return answer
  if (stage === 'answered') return resetFailure(stage, label)
  const tls = tlsFailure(code, fieldOf(cause, 'reason'), label)
  if (tls !== null) return tls
  if (stage === 'written') return resetFailure(stage, label)
  return networkFailure(code, label) ?? resetFailure(stage, label)
}

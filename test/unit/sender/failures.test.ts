import { describe, expect, it } from 'vitest'
import { failureOf, lookupFailure } from '../../../src-main/sender/failures.ts'
import type { Stage } from '../../../src-main/sender/failures.ts'

function failing(code: string, message = code): Error {
  return Object.assign(new Error(message), { code })
}

describe('failureOf', () => {
  it.each<[string, Stage, string]>([
    ['ECONNREFUSED', 'connect', 'refused'],
    ['EHOSTUNREACH', 'connect', 'unreachable'],
    ['ENETUNREACH', 'connect', 'unreachable'],
    ['EMFILE', 'connect', 'unreachable'],
    ['ETIMEDOUT', 'connect', 'timeout'],
    ['ECONNRESET', 'connect', 'reset'],
    ['EPIPE', 'connect', 'reset'],
    ['ECONNRESET', 'written', 'reset_after_send'],
    ['EPIPE', 'written', 'reset_after_send'],
    ['UND_ERR_SOCKET', 'written', 'reset_after_send'],
    ['ECONNRESET', 'answered', 'reset'],
    ['UND_ERR_RES_CONTENT_LENGTH_MISMATCH', 'answered', 'reset'],
    ['CERT_HAS_EXPIRED', 'connect', 'tls_expired'],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', 'connect', 'tls_self_signed'],
    ['SELF_SIGNED_CERT_IN_CHAIN', 'connect', 'tls_self_signed'],
    ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'connect', 'tls_untrusted'],
    ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'connect', 'tls_untrusted'],
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'connect', 'tls_wrong_host'],
    ['CERT_NOT_YET_VALID', 'connect', 'tls'],
    ['EPROTO', 'connect', 'tls'],
    ['ERR_SSL_WRONG_VERSION_NUMBER', 'connect', 'tls'],
    ['ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED', 'written', 'tls'],
    ['UND_ERR_HEADERS_OVERFLOW', 'written', 'response_too_large'],
    ['UND_ERR_INVALID_ARG', 'connect', 'invalid_request'],
  ])('names %s in the stage %s %s', (code, stage, expected) => {
    const failure = failureOf(failing(code), stage, 'h.test:80')
    expect(failure.code).toBe(expected)
    expect(failure.message).toMatch(/\.$/)
  })

  it.each<Stage>(['written', 'answered'])(
    'names what undici cannot parse (%s) an invalid answer',
    (stage) => {
      const error = Object.assign(
        new Error('Response does not match the HTTP/1.1 protocol (Expected HTTP/)'),
        {
          name: 'HTTPParserError',
        },
      )
      const failure = failureOf(error, stage, 'h.test:80')
      expect(failure).toMatchObject({
        code: 'invalid_response',
        message: expect.stringContaining('Expected HTTP/'),
      })
    },
  )

  it('says that a request may have arrived', () => {
    expect(failureOf(failing('ECONNRESET'), 'written', 'h.test:80').message).toContain('may have arrived')
  })

  it('takes the most telling failure of several addresses', () => {
    const several = new AggregateError([failing('ENETUNREACH'), failing('ECONNREFUSED')])
    expect(failureOf(several, 'connect', 'h.test:80').code).toBe('refused')
    expect(failureOf(new AggregateError([]), 'connect', 'h.test:80').code).toBe('reset')
  })

  it.each([undefined, null, 'text', 7, {}])('takes %j without throwing', (thrown) => {
    expect(failureOf(thrown, 'connect', 'h.test:80').code).toBe('reset')
  })
})

describe('lookupFailure', () => {
  it.each([
    ['ENOTFOUND', 'dns_not_found'],
    ['ENODATA', 'dns_not_found'],
    ['EAI_AGAIN', 'dns_temporary'],
    ['EAI_FAIL', 'dns_temporary'],
    ['ESERVFAIL', 'dns_temporary'],
  ])('fault 02: names %s %s', (code, expected) => {
    expect(lookupFailure(failing(code), 'h.test').code).toBe(expected)
  })
})

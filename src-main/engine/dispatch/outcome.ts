import type { Failure } from '../../../src-shared/model/delivery.ts'
import { headerValue } from '../../../src-shared/model/header.ts'
import type { SendOutcome } from '../ports.ts'

/** What an attempt means for its delivery. */
export type OutcomeVerdict =
  | { readonly succeeded: true; readonly status: number }
  | { readonly succeeded: false; readonly status: number | null; readonly failure: Failure }

const redirectErrors = new Set(['too_many_redirects', 'address_forbidden', 'url_invalid'])

/** 2xx is success, also when the answer's body broke off; everything else is a failure with its reason. */
export function verdictOf({ response, error }: SendOutcome): OutcomeVerdict {
  if (response === null) {
    const failure = error ?? { code: 'no_response', message: 'The receiver did not answer.' }
    return { succeeded: false, status: null, failure: { code: failure.code, message: failure.message } }
  }
  const { status } = response
  // A deadline that passed while the answer dripped in is a time-out, whatever the status line said.
  if (error !== null && error.code === 'timeout') return { succeeded: false, status, failure: error }
  if (status >= 200 && status < 300) return { succeeded: true, status }
  // Redirects were followed until that went wrong: the error says why, the last 3xx does not.
  if (error !== null && redirectErrors.has(error.code)) return { succeeded: false, status, failure: error }
  return {
    succeeded: false,
    status,
    failure: statusFailure(status, headerValue(response.headers, 'location')),
  }
}

function statusFailure(status: number, location: string | undefined): Failure {
  if (status >= 300 && status < 400) {
    const where = location === undefined ? '' : ` to ${location.slice(0, 500)}`
    return {
      code: 'http_redirect',
      message: `The receiver redirected (${status})${where}; redirects are not followed.`,
    }
  }
  return { code: `http_${status}`, message: `The receiver answered ${status}.` }
}

/** The usual cause of a failure, as advice; null when there is none to give. @see product.md, Deliveries */
export function hintFor(failure: Failure | null, status: number | null): string | null {
  if (failure === null) return null
  return (
    (failure.code.startsWith('http_') ? statusHint(failure, status) : null) ??
    networkHints[failure.code] ??
    null
  )
}

// Only for a failure that the status itself is: another failure may follow one that an older attempt answered.
function statusHint(failure: Failure, status: number | null): string | null {
  if (status === 401 || status === 403)
    return "Check the receiver's authentication: a token it wants, or a signature it refuses."
  if (status === 404) return "Check the URL and the receiver's route."
  if (status === 410)
    return 'The receiver says that it is gone for good; check the URL, or disable the destination.'
  if (status === 413) return 'The receiver finds the body too large; look at its limit.'
  if (status === 422 || status === 400) return "Check the receiver's validation and the body template."
  if (status !== null && status >= 500) return "Look at the receiver's log."
  if (failure.code === 'http_redirect')
    return 'Use the address that it redirects to, or switch on Follow redirects.'
  return null
}

const networkHints: Readonly<Record<string, string>> = {
  timeout: 'The receiver took too long: answer first and work later, or raise the timeout.',
  refused: 'Nothing listens there: start the receiver, and check host and port.',
  dns_not_found: "Check the host's spelling.",
  dns_temporary: 'The name server could not answer; check the network.',
  tls_self_signed: 'Accept self-signed certificates for this destination, or give its CA.',
  tls_expired: "Renew the receiver's certificate.",
  tls_wrong_host: "The certificate is for another name: check the host, or the receiver's certificate.",
  tls_untrusted: "Give the CA that signed the receiver's certificate in the destination's TLS settings.",
  address_forbidden: 'Strict URL rules are on: switch them off to reach local addresses.',
  interrupted: 'It is sent again by itself.',
}

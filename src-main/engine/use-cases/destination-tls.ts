import type { Destination, DestinationSettings } from '../../../src-shared/model/destination.ts'
import { belongTogether, certificatesOf, privateKeyOf } from '../pem.ts'
import { invalidField, type EngineContext } from './context.ts'

type Tls = DestinationSettings['tls']

/** The TLS settings of a destination as they are kept: checked, with the client's key sealed. @throws AppError */
export function keptTls(context: EngineContext, wanted: Tls, before: Destination['tls'] | null): Tls {
  const { secrets } = context
  // Write only: without a new one the one that is there goes on, as long as there is a certificate.
  const sealed = before?.client_key ?? null
  const keeps = wanted.client_key === null && wanted.client_certificate !== null && sealed !== null
  const key = keeps ? secrets.open(sealed) : wanted.client_key
  checkTls({ ...wanted, client_key: key }, keeps)
  return { ...wanted, client_key: keeps ? sealed : key === null ? null : secrets.seal(key) }
}

/** The same checks, of settings whose key is sealed. @throws AppError */
export function checkSealedTls({ secrets }: EngineContext, tls: Tls): void {
  checkTls({ ...tls, client_key: tls.client_key === null ? null : secrets.open(tls.client_key) }, false)
}

function checkTls({ ca, client_certificate: certificate, client_key: key }: Tls, isKept: boolean): void {
  if (ca !== null && certificatesOf(ca) === null) throw invalidField('tls.ca', notPem)
  if (certificate === null) {
    if (key !== null) throw invalidField('tls.client_certificate', 'is needed beside its key')
    return
  }
  const chain = certificatesOf(certificate)
  if (chain === null) throw invalidField('tls.client_certificate', notPem)
  if (key === null) throw invalidField('tls.client_key', 'is needed beside the client certificate')
  // What is wrong with a key is not said in OpenSSL's words: they may quote it.
  const parsed = privateKeyOf(key)
  if (parsed === null)
    throw invalidField('tls.client_key', 'is no private key in PEM form that opens without a passphrase')
  if (!belongTogether(chain, parsed)) {
    const other = isKept ? 'the key that is kept does not belong' : 'does not belong'
    throw invalidField('tls.client_key', `${other} to the client certificate`)
  }
}

const notPem = 'is no certificate in PEM form; paste the text from BEGIN CERTIFICATE to END CERTIFICATE'

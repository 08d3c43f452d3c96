import { createHash } from 'node:crypto'
import { createSecureContext, rootCertificates } from 'node:tls'
import type { SecureContext } from 'node:tls'
import { certificatesOf } from '../engine/pem.ts'
import type { SendError, TlsOptions } from '../engine/ports.ts'

/** TLS options made ready for connections. */
export interface TlsMaterial {
  readonly context: SecureContext
  readonly rejectUnauthorized: boolean
}

const keys = new WeakMap<TlsOptions, string>()

/** Equal for equal options: connections made with other options are never shared. */
export function tlsKey(options: TlsOptions): string {
  const trust = options.acceptSelfSigned === true ? 'any' : ''
  if (
    options.ca === undefined &&
    options.clientCertificate === undefined &&
    options.clientKey === undefined
  ) {
    return trust
  }
  const known = keys.get(options)
  if (known !== undefined) return known
  const parts = [trust, options.ca ?? null, options.clientCertificate ?? null, options.clientKey ?? null]
  const key = createHash('sha256').update(JSON.stringify(parts)).digest('base64')
  keys.set(options, key)
  return key
}

function unusable(message: string): SendError {
  return { code: 'tls', message }
}

function fault(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  return typeof code === 'string' ? code : 'not readable'
}

/** Makes a destination's TLS options ready, or says which of them is unusable. */
export function tlsMaterial(options: TlsOptions): TlsMaterial | SendError {
  const { ca, clientCertificate, clientKey } = options
  const authorities = ca === undefined ? undefined : certificatesOf(ca)
  if (authorities === null) {
    return unusable(
      "The destination's CA is not a PEM certificate. Paste the text from BEGIN CERTIFICATE to END.",
    )
  }
  if ((clientCertificate === undefined) !== (clientKey === undefined)) {
    return unusable(
      "The destination's client certificate and its key are only of use together. Set both or none.",
    )
  }
  if (clientCertificate !== undefined && certificatesOf(clientCertificate) === null) {
    return unusable("The destination's client certificate is not a PEM certificate.")
  }
  try {
    const context = createSecureContext({
      ...(authorities === undefined ? {} : { ca: [...rootCertificates, ...authorities] }),
      ...(clientCertificate === undefined ? {} : { cert: clientCertificate }),
      ...(clientKey === undefined ? {} : { key: clientKey }),
    })
    return { context, rejectUnauthorized: options.acceptSelfSigned !== true }
  } catch (error) {
    return unusable(
      `The destination's client certificate and key cannot be used (${fault(error)}). They must be PEM, belong together, and the key must have no passphrase.`,
    )
  }
}

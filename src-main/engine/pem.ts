import { createPrivateKey, X509Certificate, type KeyObject } from 'node:crypto'

/** Certificates and keys as PEM text. */

const pemCertificate = /-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g

/** The certificates in a PEM text, or null when there is none or one is damaged. OpenSSL would skip them silently. */
export function certificatesOf(pem: string): string[] | null {
  const blocks = pem.match(pemCertificate)
  if (blocks === null) return null
  try {
    for (const block of blocks) void new X509Certificate(block)
  } catch {
    return null
  }
  return blocks
}

/** A private key, or null when the text holds none that opens without a passphrase. */
export function privateKeyOf(pem: string): KeyObject | null {
  try {
    return createPrivateKey(pem)
  } catch {
    return null
  }
}

/** Whether the key is that of the first certificate, which is the client's own. */
export function belongTogether(certificates: readonly string[], key: KeyObject): boolean {
  const [own] = certificates
  return own !== undefined && new X509Certificate(own).checkPrivateKey(key)
}

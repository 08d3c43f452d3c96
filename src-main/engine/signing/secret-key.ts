import { invalidInput } from '../../../src-shared/errors.ts'
import type { SignatureScheme } from '../../../src-shared/model/scheme.ts'

const base64Text = /^[A-Za-z0-9+/]+={0,2}$/

/** What a scheme says about the form of its secrets. */
export type SecretForm = Pick<SignatureScheme, 'secret_encoding' | 'secret_prefix'>

/**
 * The key of a secret: its text as UTF-8, or the bytes that its base64 stands for after an optional prefix.
 * Null when the text has not that form, or gives no byte at all: an empty key would let anybody sign.
 */
export function readSecretKey(form: SecretForm, secret: string): Uint8Array | null {
  if (form.secret_encoding === 'utf8') return secret === '' ? null : Buffer.from(secret, 'utf8')
  const prefix = form.secret_prefix ?? ''
  const text = secret.startsWith(prefix) ? secret.slice(prefix.length) : secret
  if (!base64Text.test(text)) return null
  const key = Buffer.from(text, 'base64')
  return key.byteLength === 0 ? null : key
}

/** As {@link readSecretKey}. @throws AppError `invalid_input` when the secret has not the scheme's form. */
export function secretKey(form: SecretForm, secret: string): Uint8Array {
  const key = readSecretKey(form, secret)
  if (key !== null) return key
  if (form.secret_encoding === 'utf8') throw invalidInput('The signing secret is empty.')
  const prefix = form.secret_prefix === undefined ? '' : ` after ${form.secret_prefix}`
  throw invalidInput(`The signing secret must be base64${prefix}.`)
}

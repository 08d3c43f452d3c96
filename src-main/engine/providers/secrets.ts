import type { Random } from '../ports.ts'
import type { Provider, SecretRule } from './provider.ts'

const alphanumerics = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'
// The largest multiple of the alphabet's size in a byte: a remainder of larger bytes would favour the first letters.
const unbiasedBelow = 256 - (256 % alphanumerics.length)

/** Random letters and digits, each equally likely. */
export function randomAlphanumerics(random: Random, length: number): string {
  let text = ''
  while (text.length < length) {
    for (const byte of random.bytes(length * 2)) {
      if (byte < unbiasedBelow && text.length < length) text += alphanumerics[byte % alphanumerics.length]
    }
  }
  return text
}

/** What no secret may be, whoever the provider is; null when the text is usable. */
export function checkSecretText(secret: string): string | null {
  if (secret === '') return 'The secret is empty.'
  if (secret.trim() === '') return 'The secret is only white space.'
  if (hasControlCharacter(secret)) {
    return 'The secret holds a control character, such as a line break or a tab; copy it again without.'
  }
  return null
}

/**
 * What is wrong with the form of a secret that requests are verified with, or null. A receiver may know it without the
 * prefix that its scheme allows.
 */
export function verifyingSecretProblem(
  { secret: rule, scheme }: Pick<Provider, 'secret' | 'scheme'>,
  secret: string,
): string | null {
  const problem = rule.check(secret)
  const { secret_prefix: prefix } = scheme
  if (problem === null || prefix === undefined) return problem
  return rule.check(prefix + secret) === null ? null : problem
}

/** A secret whose text is the key: 40 letters and digits when generated, any printable text when typed in. */
export function textSecret(options: { readonly required: boolean } = { required: true }): SecretRule {
  return {
    required: options.required,
    generate: (random) => randomAlphanumerics(random, 40),
    check: checkSecretText,
  }
}

/** A key in base64 after a prefix, of `minBytes` to `maxBytes`. */
export function base64Secret(form: {
  readonly prefix: string
  readonly generatedBytes: number
  readonly minBytes: number
  readonly maxBytes: number
}): SecretRule {
  return {
    required: true,
    generate: (random) => form.prefix + Buffer.from(random.bytes(form.generatedBytes)).toString('base64'),
    check: (secret) => checkSecretText(secret) ?? checkBase64(secret, form),
  }
}

function checkBase64(
  secret: string,
  form: { readonly prefix: string; readonly minBytes: number; readonly maxBytes: number },
): string | null {
  const { prefix, minBytes, maxBytes } = form
  if (!secret.startsWith(prefix)) return `The secret must begin with ${prefix}.`
  const text = secret.slice(prefix.length)
  const key = Buffer.from(text, 'base64')
  // Writing it again finds every character that decoding would quietly skip.
  if (key.toString('base64') !== text) return `What follows ${prefix} must be base64 with its padding.`
  if (key.byteLength < minBytes || key.byteLength > maxBytes) {
    return `The key after ${prefix} must have ${minBytes} to ${maxBytes} bytes; this one has ${key.byteLength}.`
  }
  return null
}

function hasControlCharacter(text: string): boolean {
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index)
    if (code < 0x20 || (code >= 0x7f && code <= 0x9f)) return true
  }
  return false
}

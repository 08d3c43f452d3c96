import type { SignatureScheme } from '../../../../src-shared/model/scheme.ts'
import type { Change, Variation } from './variation.ts'

/** Other keys that the text of a secret may have been taken for: with white space, decoded or not. */
export function* keyVariations(scheme: SignatureScheme, secret: string): Generator<Variation<Buffer>> {
  yield* spaced(scheme, secret)
  yield* quoted(secret)
  yield* scheme.secret_encoding === 'utf8' ? decoded(secret) : undecoded(scheme, secret)
}

const asText = "Use the secret's text as it is for the key."
const unquoted = 'Use the secret without quotes around it.'
const cleanSecret =
  'Cut white space from the secret where it is read, and see that no file or variable adds any.'

function* spaced(scheme: SignatureScheme, secret: string): Generator<Variation<Buffer>> {
  const as = (text: string, how: string): Variation<Buffer> => ({
    value: Buffer.from(text),
    change: { cause: 'secret-whitespace', how, mend: cleanSecret },
  })
  const trimmed = secret.trim()
  if (trimmed !== secret) yield as(trimmed, 'with the secret without the white space around it')
  // White space in base64 is skipped by most decoders, so only the text itself can have been the key.
  const texts = scheme.secret_encoding === 'utf8' ? [secret] : []
  for (const text of texts) {
    yield as(`${text}\n`, 'with a line break at the end of the secret')
    yield as(`${text}\r\n`, 'with a line break (CRLF) at the end of the secret')
    yield as(`${text} `, 'with a space at the end of the secret')
    yield as(` ${text}`, 'with a space before the secret')
    yield as(`${text}\t`, 'with a tab at the end of the secret')
    yield as(`\t${text}`, 'with a tab before the secret')
    yield as(`${text}\r`, 'with a carriage return at the end of the secret')
    yield as(`\n${text}`, 'with a line break before the secret')
    yield as(` ${text} `, 'with spaces around the secret')
    yield as(`${text}\u0000`, 'with a NUL at the end of the secret')
  }
}

function* quoted(secret: string): Generator<Variation<Buffer>> {
  const how = 'with quotes around the secret'
  for (const quote of ['"', "'"]) yield asDecoding(Buffer.from(quote + secret + quote), how, unquoted)
  const bare = /^(["'])(.+)\1$/s.exec(secret)?.[2]
  if (bare !== undefined) yield asDecoding(Buffer.from(bare), 'with the secret without its quotes', unquoted)
}

/** For schemes whose key is the secret's text. What the prefix is stays unsaid: it is a part of the secret. */
function* decoded(secret: string): Generator<Variation<Buffer>> {
  const rest = /^[a-z]+(?:_[a-z]+)*_(.+)$/is.exec(secret)?.[1]
  const texts: [string, string][] = [[secret, 'the secret']]
  if (rest !== undefined) {
    texts.push([rest, 'the secret without its prefix'])
    yield asDecoding(Buffer.from(rest), 'with the secret without its prefix', asText)
  }
  for (const [text, name] of texts) {
    if (isBase64(text))
      yield asDecoding(Buffer.from(text, 'base64'), `with ${name} decoded from base64`, asText)
    if (/^([0-9a-f]{2})+$/i.test(text))
      yield asDecoding(Buffer.from(text, 'hex'), `with ${name} decoded from hex`, asText)
  }
  yield asDecoding(
    Buffer.from(Buffer.from(secret).toString('base64')),
    'with the secret encoded as base64',
    asText,
  )
  yield asDecoding(Buffer.from(Buffer.from(secret).toString('hex')), 'with the secret encoded as hex', asText)
  yield asDecoding(
    Buffer.from(encodeURIComponent(Buffer.from(secret).toString())),
    'with the secret percent-encoded',
    asText,
  )
  yield asDecoding(Buffer.from(secret, 'utf16le'), 'with the secret in UTF-16', asText)
}

/** For schemes whose key the secret stands for in base64. */
function* undecoded(
  { secret_prefix: prefix = '' }: SignatureScheme,
  secret: string,
): Generator<Variation<Buffer>> {
  const rest = prefix !== '' && secret.startsWith(prefix) ? secret.slice(prefix.length) : secret
  const decode = `Decode ${prefix === '' ? 'the secret' : `what follows ${prefix} in the secret`} from base64 for the key.`
  yield asDecoding(Buffer.from(secret), "with the secret's text as the key", decode)
  if (rest !== secret) {
    yield asDecoding(Buffer.from(rest), `with the text behind ${prefix} as the key`, decode)
    yield asDecoding(
      Buffer.from(secret, 'base64'),
      `with the secret decoded from base64 together with ${prefix}`,
      decode,
    )
  }
  for (const text of new Set([secret, rest]))
    yield asDecoding(Buffer.from(`${text}\n`), "with the secret's text and a line break as the key", decode)
  if (/^([0-9a-f]{2})+$/i.test(rest))
    yield asDecoding(Buffer.from(rest, 'hex'), 'with the secret decoded from hex', decode)
}

function isBase64(text: string): boolean {
  return text.length >= 8 && /^[A-Za-z0-9+/_-]+={0,2}$/.test(text)
}

function asDecoding(value: Buffer, how: string, mend: string): Variation<Buffer> {
  const change: Change = {
    cause: 'secret-decoding',
    how,
    mend,
  }
  return { value, change }
}

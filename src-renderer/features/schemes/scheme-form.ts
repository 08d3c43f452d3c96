import type { OperationInput } from '../../../src-shared/api/contract.ts'
import type { ContentPart, SignatureScheme } from '../../../src-shared/model/scheme.ts'

/** A scheme as text in the fields of its form. */
export interface SchemeForm {
  readonly name: string
  readonly kind: SignatureScheme['kind']
  readonly algorithm: SignatureScheme['algorithm']
  /** `{timestamp}.{body}` */
  readonly content: string
  readonly header: string
  readonly format: string
  readonly encoding: SignatureScheme['encoding']
  readonly multiple: boolean
  readonly timestamp_header: string
  readonly timestamp_path: string
  readonly id_header: string
  readonly id_path: string
  readonly event_header: string
  readonly event_path: string
  readonly secret_path: string
  readonly secret_encoding: SignatureScheme['secret_encoding']
  readonly secret_prefix: string
  readonly tolerance_seconds: string
}

type SchemeInput = OperationInput<'schemes.create'>['scheme']

/** Fields that a scheme leaves out where they are empty. */
const optional = [
  'header',
  'timestamp_header',
  'timestamp_path',
  'id_header',
  'id_path',
  'event_header',
  'event_path',
  'secret_path',
  'secret_prefix',
] as const

export function formOf(name: string, scheme: SignatureScheme): SchemeForm {
  const {
    kind,
    algorithm,
    format,
    encoding,
    multiple,
    secret_encoding,
    tolerance_seconds: tolerance,
  } = scheme
  const texts = Object.fromEntries(optional.map((field) => [field, scheme[field] ?? ''])) as Record<
    (typeof optional)[number],
    string
  >
  return {
    name,
    kind,
    algorithm,
    content: contentText(scheme.content),
    format,
    encoding,
    multiple,
    secret_encoding,
    tolerance_seconds: String(tolerance),
    ...texts,
  }
}

/** @param before what a literal that looks like a placeholder would be lost of */
export function schemeOf(form: SchemeForm, before: SignatureScheme | null): SchemeInput {
  const { kind, algorithm, format, encoding, multiple, secret_encoding } = form
  const given = optional.flatMap((field) => {
    const text = form[field].trim()
    return text === '' ? [] : [[field, text] as const]
  })
  return {
    kind,
    algorithm,
    content:
      before !== null && contentText(before.content) === form.content
        ? before.content
        : contentOf(form.content),
    format,
    encoding,
    multiple,
    secret_encoding,
    tolerance_seconds: form.tolerance_seconds.trim() === '' ? Number.NaN : Number(form.tolerance_seconds),
    ...Object.fromEntries(given),
  }
}

function contentText(content: readonly ContentPart[]): string {
  return content.map((part) => (typeof part === 'string' ? `{${part}}` : part.literal)).join('')
}

function contentOf(text: string): ContentPart[] {
  return text
    .split(/(\{timestamp\}|\{id\}|\{body\})/)
    .filter((part) => part !== '')
    .map((part) => {
      const [, name] = /^\{(timestamp|id|body)\}$/.exec(part) ?? []
      return name === undefined ? { literal: part } : (name as 'timestamp' | 'id' | 'body')
    })
}

const digest = { sha1: 40, sha256: 64, sha512: 128 } as const

/** What a sender's signature header looks like, or null where the secret travels in the body. */
export function exampleHeader(form: SchemeForm): string | null {
  if (form.header.trim() === '') return null
  const signature =
    form.kind === 'shared_secret'
      ? 'the secret'
      : form.encoding === 'hex'
        ? `9f2c…  (${digest[form.algorithm]} hex digits)`
        : 'nyw…=  (base64)'
  const value = form.format.replaceAll('{timestamp}', '1700000000').replaceAll('{signature}', signature)
  return `${form.header.trim()}: ${value}`
}

import type { Header } from '../../../src-shared/model/header.ts'
import { isSensitiveHeader, withMaskedParameters, withoutUserinfo } from './sensitive.ts'

/** A request on its way out of Hookbench as a document, whatever it comes from. */
export interface RequestDocument {
  readonly method: string
  /** The request target exactly as on the wire; latin-1. */
  readonly target: string
  /** `1.1`, `1.0` */
  readonly httpVersion: string
  readonly secure: boolean
  /** Where it is sent: `127.0.0.1:4848`. */
  readonly authority: string
  /** In order, with case and duplicates; latin-1. */
  readonly headers: readonly Header[]
  readonly trailers: readonly Header[]
  readonly body: Uint8Array
  /** Epoch milliseconds. */
  readonly startedAt: number
  readonly durationMs: number
  readonly response: ResponseDocument | null
  /** What a reader has to know: that it is masked, cut, was never sent. Sentences in plain ASCII letters. */
  readonly notes: readonly string[]
}

export interface ResponseDocument {
  readonly status: number
  readonly headers: readonly Header[]
  readonly body: Uint8Array
  readonly truncated: boolean
}

export const mask = '*****'
const maskedNote =
  'Masked by Hookbench: secrets and signatures are left out, so these are not the bytes that were sent. Export it with secrets for those.'

/**
 * Signatures, credentials and cookies replaced by asterisks. It says so if anything was.
 * @param signatureHeaders lower case
 * @param isBodyMasked the body holds asterisks already
 */
export function maskedDocument(
  document: RequestDocument,
  signatureHeaders: ReadonlySet<string>,
  isBodyMasked: boolean,
): RequestDocument {
  let isMasked = isBodyMasked
  const headersOf = (headers: readonly Header[]): Header[] => {
    const shown = maskedHeaders(headers, signatureHeaders)
    isMasked ||= shown.some(([, value], index) => value !== headers[index]?.[1])
    return shown
  }
  const { response } = document
  const target = maskedTarget(document.target)
  isMasked ||= target !== document.target
  const shown: RequestDocument = {
    ...document,
    target,
    headers: headersOf(document.headers),
    trailers: headersOf(document.trailers),
    response: response === null ? null : { ...response, headers: headersOf(response.headers) },
  }
  return isMasked ? { ...shown, notes: [maskedNote, ...document.notes] } : shown
}

/** @param signatureHeaders lower case */
export function maskedHeaders(headers: readonly Header[], signatureHeaders: ReadonlySet<string>): Header[] {
  return headers.map(([name, value]) => {
    const isSecret = isSensitiveHeader(name) || signatureHeaders.has(name.toLowerCase())
    return [name, isSecret && value !== '' ? mask : value]
  })
}

export function maskedTarget(target: string): string {
  return withMaskedParameters(withoutUserinfo(target), mask)
}

/** Headers with a Content-Length that fits the body, where there is one. */
export function withLengthOf(headers: readonly Header[], body: Uint8Array): Header[] {
  return headers.map(([name, value]) =>
    name.toLowerCase() === 'content-length' ? [name, String(body.length)] : [name, value],
  )
}

/** A URL taken apart as the sender does it: the target as written, without fragment and credentials. */
export function partsOfUrl(url: string): Pick<RequestDocument, 'secure' | 'authority' | 'target'> {
  const [, scheme = 'http', authority = '', rest = ''] =
    /^([a-z]+):\/\/([^/?#\\]*)([^#]*)/is.exec(withoutUserinfo(url)) ?? []
  const path = rest.startsWith('/') ? rest : `/${rest}`
  const target = path.replace(/[^\x21-\x7e]+/g, (text) =>
    Buffer.from(text).toString('hex').toUpperCase().replace(/../g, '%$&'),
  )
  return { secure: scheme.toLowerCase() === 'https', authority, target }
}

/** The whole URL, for readers that want one: an absolute target stands for itself. */
export function urlOf({ secure, authority, target }: RequestDocument): string {
  if (/^https?:\/\//i.test(target)) return target
  return `http${secure ? 's' : ''}://${authority}${target.startsWith('/') ? '' : '/'}${target}`
}

/** Strict UTF-8, or null. */
export function textOf(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return null
  }
}

import { AppError } from '../../../src-shared/errors.ts'
import type { Header } from '../../../src-shared/model/header.ts'
import { sendableHeaders } from '../replay/sendable-headers.ts'
import { textOf, urlOf, type RequestDocument } from './request-document.ts'

/** A request for programs in which one edits requests as text, and which make the connection's headers themselves. */
export interface ClientRequest {
  readonly method: string
  readonly url: string
  readonly headers: readonly Header[]
  /** Empty: none. */
  readonly body: string
  /** As the document's, and what such a program will send differently. */
  readonly notes: readonly string[]
}

/**
 * @param program how messages call it: `A .http file`
 * @throws AppError `conflict` for what such a program could not send as it is: a body of bytes, and `{{`, which all of
 * them take for a variable, and some for a program to run
 */
export function clientRequest(document: RequestDocument, program: string): ClientRequest {
  const { method, trailers, body, notes } = document
  const headers = sendableHeaders(document.headers)
  const url = urlOf(document)
  const text = textOf(body)
  if (text === null) throw unfit(program, 'the body is no UTF-8 text')
  if (!/^[A-Z]+$/.test(method)) throw unfit(program, 'the method is an unusual one')
  if (!/^https?:\/\/[^/\s]+\/(?!\*$)[\x21-\x5b\x5d-\x7e]*$/i.test(url))
    throw unfit(program, 'the URL is an unusual one')
  if ([url, text, ...headers.flat()].some((part) => part.includes('{{')))
    throw unfit(program, 'it has {{ in it, which would be taken for a variable')
  return { method, url, headers, body: text, notes: [...notes, ...changes(headers, trailers)] }
}

/** @param reason why it can't hold the request */
export function unfit(program: string, reason: string): AppError {
  return new AppError('conflict', {
    message: `${program} can't hold this request: ${reason}. Export it as cURL or raw HTTP.`,
  })
}

function changes(headers: readonly Header[], trailers: readonly Header[]): string[] {
  return [
    ...(trailers.length > 0 ? ['The trailers are left out.'] : []),
    ...(headers.some(([, value]) => /[^\t\x20-\x7e]/.test(value))
      ? ['A header has bytes beyond ASCII, which will be sent as UTF-8.']
      : []),
  ]
}

import { headerValue, type Header } from '../../../src-shared/model/header.ts'
import { textOf, urlOf, type RequestDocument, type ResponseDocument } from './request-document.ts'

/**
 * Requests with their answers as HAR 1.2. HAR knows no encoding for what is sent; a body that is no UTF-8 stands in
 * base64 with `encoding`, as other tools write it, and a comment that says so.
 *
 * @see http://www.softwareishard.com/blog/har-12-spec/
 */
export function harDocument(
  documents: readonly RequestDocument[],
  version: string,
  notes: readonly string[] = [],
): object {
  const allNotes = new Set([...notes, ...documents.flatMap((document) => document.notes)])
  return {
    log: {
      version: '1.2',
      creator: { name: 'Hookbench', version },
      entries: documents.map(entryOf),
      ...commentOf([...allNotes]),
    },
  }
}

function entryOf(document: RequestDocument): object {
  const { notes, durationMs, startedAt } = document
  return {
    startedDateTime: new Date(startedAt).toISOString(),
    time: durationMs,
    request: requestOf(document),
    response: responseOf(document),
    cache: {},
    timings: { send: 0, wait: durationMs, receive: 0 },
    ...commentOf(notes),
  }
}

function commentOf(notes: readonly string[]): { comment?: string } {
  return notes.length === 0 ? {} : { comment: notes.join(' ') }
}

const named = (headers: readonly Header[]): object[] => headers.map(([name, value]) => ({ name, value }))

/** Bytes of the head, from its first line to the blank one. */
function headBytes(firstLine: string, headers: readonly Header[]): number {
  return headers.reduce((sum, [name, value]) => sum + name.length + value.length + 4, firstLine.length + 4)
}

function requestOf(document: RequestDocument): object {
  const { method, target, httpVersion, headers, body } = document
  const version = `HTTP/${httpVersion}`
  const text = textOf(body)
  const mimeType = headerValue(headers, 'content-type') ?? ''
  const data =
    text === null
      ? {
          text: Buffer.from(body).toString('base64'),
          encoding: 'base64',
          comment: 'The body is no UTF-8 text: it stands here in base64.',
        }
      : { text }
  return {
    method,
    url: urlOf(document),
    httpVersion: version,
    cookies: [],
    headers: named(headers),
    queryString: queryOf(target),
    ...(body.length === 0 ? {} : { postData: { mimeType, params: [], ...data } }),
    headersSize: headBytes(`${method} ${target} ${version}`, headers),
    bodySize: body.length,
  }
}

function queryOf(target: string): object[] {
  const query = target.split('#', 1)[0]?.split('?').slice(1).join('?') ?? ''
  return [...new URLSearchParams(query)].map(([name, value]) => ({ name, value }))
}

const noResponse: ResponseDocument = { status: 0, headers: [], body: new Uint8Array(), truncated: false }

function responseOf({ response, httpVersion }: RequestDocument): object {
  const { status, headers, body, truncated } = response ?? noResponse
  const text = textOf(body)
  const content =
    text === null ? { text: Buffer.from(body).toString('base64'), encoding: 'base64' } : { text }
  return {
    status,
    statusText: '',
    httpVersion: `HTTP/${httpVersion}`,
    cookies: [],
    headers: named(headers),
    content: {
      size: body.length,
      mimeType: headerValue(headers, 'content-type') ?? 'x-unknown',
      ...(body.length === 0 ? {} : content),
      ...(truncated ? { comment: 'Only the beginning of the body is kept.' } : {}),
    },
    redirectURL: headerValue(headers, 'location') ?? '',
    headersSize: -1,
    bodySize: truncated || response === null ? -1 : body.length,
    ...(response === null ? { comment: 'There was no answer.' } : {}),
  }
}

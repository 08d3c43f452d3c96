import { headerValue, type Header } from '../../../src-shared/model/header.ts'
import { clientRequest, type ClientRequest } from './client-request.ts'
import { textOf, type RequestDocument } from './request-document.ts'

/**
 * The request as a collection of one, with its answer as the example; Postman and what reads its collections sends the
 * body and the URL as they are.
 *
 * @see https://schema.postman.com/collection/json/v2.1.0/draft-07/docs/index.html
 * @throws AppError `conflict` for a request that a collection can't hold
 */
export function postmanCollection(document: RequestDocument): object {
  const request = clientRequest(document, 'A Postman collection')
  const name = `${request.method} ${request.url}`
  const written = requestOf(request)
  return {
    info: {
      name: `Hookbench: ${name}`,
      schema: 'https://schema.getpostman.com/json/collection/v2.1.0/collection.json',
      ...(request.notes.length === 0 ? {} : { description: request.notes.join(' ') }),
    },
    item: [
      {
        name,
        request: written,
        response: exampleOf(document, written),
        protocolProfileBehavior: {
          disableUrlEncoding: true,
          disableBodyPruning: true,
          followRedirects: false,
        },
      },
    ],
  }
}

function requestOf({ method, url, headers, body }: ClientRequest): object {
  // Without a type, naming a language would add one.
  const type = headerValue(headers, 'content-type') ?? ''
  return {
    method,
    header: named(headers),
    url: urlParts(url),
    ...(body === ''
      ? {}
      : { body: { mode: 'raw', raw: body, ...(type === '' ? {} : languageOption(type)) } }),
  }
}

function languageOption(mediaType: string): object {
  return { options: { raw: { language: languageOf(mediaType) } } }
}

/** Taken apart at its own characters, so that put together again it is the same. */
function urlParts(url: string): object {
  const [, protocol = 'http', authority = '', path = '', query] =
    /^(https?):\/\/([^/?#]+)([^?#]*)(?:\?([^#]*))?/i.exec(url) ?? []
  const [, host = authority, port] = /^(.*?)(?::(\d+))?$/.exec(authority) ?? []
  return {
    raw: url,
    protocol: protocol.toLowerCase(),
    host: host.startsWith('[') ? [host] : host.split('.'),
    ...(port === undefined ? {} : { port }),
    path: path.slice(1).split('/'),
    ...(query === undefined ? {} : { query: query.split('&').map(parameter) }),
  }
}

function parameter(pair: string): object {
  const at = pair.indexOf('=')
  return at < 0 ? { key: pair, value: null } : { key: pair.slice(0, at), value: pair.slice(at + 1) }
}

const named = (headers: readonly Header[]): object[] => headers.map(([key, value]) => ({ key, value }))

function languageOf(mediaType: string): string {
  return /\b(json|xml|html|javascript)\b/i.exec(mediaType)?.[1]?.toLowerCase() ?? 'text'
}

function exampleOf({ response, durationMs }: RequestDocument, originalRequest: object): object[] {
  if (response === null) return []
  const { status, headers, body, truncated } = response
  const text = textOf(body)
  return [
    {
      name: truncated ? 'Its answer, of which only the beginning is kept' : 'Its answer',
      originalRequest,
      code: status,
      responseTime: durationMs,
      header: named(headers),
      cookie: [],
      _postman_previewlanguage: languageOf(headerValue(headers, 'content-type') ?? ''),
      ...(text === null ? {} : { body: text }),
    },
  ]
}

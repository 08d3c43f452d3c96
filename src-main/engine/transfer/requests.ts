import type { Handlers } from '../../../src-shared/api/contract.ts'
import type { RequestFormat } from '../../../src-shared/api/contract/transfer.ts'
import type { Content } from '../../../src-shared/api/operation.ts'
import { AppError } from '../../../src-shared/errors.ts'
import type { Capture, CaptureWithBody } from '../../../src-shared/model/capture.ts'
import type { Attempt, Delivery } from '../../../src-shared/model/delivery.ts'
import { headerValue, type Header } from '../../../src-shared/model/header.ts'
import { answeredView } from '../capture/kept-answer.ts'
import { findProvider, knownSchemes } from '../providers/index.ts'
import { replaceJsonText } from '../signing/json-body.ts'
import type { Store } from '../store.ts'
import { shownBody } from '../use-cases/captures.ts'
import type { EngineContext } from '../use-cases/context.ts'
import { lastSent, requestOf } from '../use-cases/deliveries.ts'
import { curlCommand } from './curl.ts'
import { harDocument } from './har.ts'
import { httpFile } from './http-file.ts'
import { postmanCollection } from './postman.ts'
import { rawHttp } from './raw-http.ts'
import {
  mask,
  maskedDocument,
  partsOfUrl,
  textOf,
  withLengthOf,
  type RequestDocument,
  type ResponseDocument,
} from './request-document.ts'
import { jsonText } from './write-config.ts'

type RequestExportHandlers = Pick<Handlers, 'captures.export' | 'deliveries.export'>

/** Captures and deliveries as documents for other tools. */
export function requestExportHandlers(context: EngineContext, version: () => string): RequestExportHandlers {
  const { store } = context
  return {
    'captures.export': async ({ id, format, include_secrets: withSecrets }) => {
      const capture = await store.capture(id)
      if (capture === undefined) throw new AppError('capture_not_found', { id })
      const name = `capture-${id}`
      if (capture.malformed !== null) return malformed(capture, name, format, withSecrets)
      return written(capturedRequest(context, capture, withSecrets), format, name, version())
    },
    'deliveries.export': async ({ id, format, include_secrets: withSecrets }) => {
      const delivery = await store.delivery(id)
      if (delivery === undefined) throw new AppError('delivery_not_found', { id })
      const document = await deliveredRequest(context, delivery, withSecrets)
      if (document === null) {
        throw new AppError('conflict', {
          message:
            'This delivery was never sent, and its request can not be made: its destination or event is gone, or a template is wrong.',
        })
      }
      return written(document, format, `delivery-${id}`, version())
    },
  }
}

/** A capture that is valid HTTP, as a request; masked, unless secrets are asked for. */
export function capturedRequest(
  context: EngineContext,
  capture: CaptureWithBody,
  withSecrets: boolean,
): RequestDocument {
  const document = captureDocument(context, capture)
  if (withSecrets) return document
  const body = shownBody(context, capture)
  return maskedDocument({ ...document, body }, signatureHeaders(context.store), !body.equals(capture.body))
}

/** What a delivery sent last, or would send; null when that can't be made any more. */
export async function deliveredRequest(
  context: EngineContext,
  delivery: Delivery,
  withSecrets: boolean,
): Promise<RequestDocument | null> {
  const { store } = context
  const last = lastSent(await store.attempts(delivery.id))
  const document = await deliveryDocument(context, delivery, last)
  if (document === null) return null
  const whole = withSharedSecret(context, delivery, document, withSecrets)
  if (withSecrets) return whole
  return maskedDocument(whole, signatureHeaders(store), whole.body !== document.body)
}

function written(document: RequestDocument, format: RequestFormat, name: string, version: string): Content {
  switch (format) {
    case 'curl':
      return fileContent(curlCommand(document), 'text/x-shellscript; charset=utf-8', `${name}.sh`)
    case 'http':
      return fileContent(rawHttp(document), 'application/octet-stream', `${name}.raw`)
    case 'http-file':
      return fileContent(httpFile(document), 'text/plain; charset=utf-8', `${name}.http`)
    case 'postman':
      return fileContent(
        Buffer.from(jsonText(postmanCollection(document))),
        'application/json',
        `${name}.postman_collection.json`,
      )
    case 'har':
      return fileContent(
        Buffer.from(jsonText(harDocument([document], version))),
        'application/json',
        `${name}.har`,
      )
  }
}

export function fileContent(bytes: Buffer, mediaType: string, fileName: string): Content {
  return { media_type: mediaType, file_name: fileName, bytes, offset: 0, total_bytes: bytes.length }
}

/** The headers of every known signature, of the user's own schemes too; lower case. */
export function signatureHeaders(store: Store): ReadonlySet<string> {
  const schemes = [...knownSchemes, ...store.schemes.list()].map(({ scheme }) => scheme)
  return new Set(schemes.flatMap(({ header }) => (header === undefined ? [] : [header.toLowerCase()])))
}

/** Its bytes are all that is known of it, so nothing in them can be masked. */
function malformed(
  capture: CaptureWithBody,
  name: string,
  format: RequestFormat,
  withSecrets: boolean,
): Content {
  if (format !== 'http' || !withSecrets) {
    throw new AppError('conflict', {
      message:
        'This capture is no valid HTTP request: it can only be exported as its bytes, with format http and with secrets.',
    })
  }
  return fileContent(Buffer.from(capture.body), 'application/octet-stream', `${name}.raw`)
}

const soundAuthority = /^([a-z0-9._-]+|\[[0-9a-f:.]+\])(:\d{1,5})?$/i

/** What the sender got back, as far as it is kept. */
function answered(capture: Capture): ResponseDocument {
  const { status, headers = [], body: text = '', body_bytes: bytes } = answeredView(capture)
  const body = Buffer.from(text, 'utf8')
  return { status, headers, body, truncated: bytes !== undefined && bytes > body.length }
}

function captureDocument(context: EngineContext, capture: CaptureWithBody): RequestDocument {
  const { method, target, httpVersion, headers, trailers, body, bodyBytes, truncated, aborted } = capture
  const host = headerValue(headers, 'host') ?? ''
  const notes =
    truncated || aborted
      ? [`Only ${body.length} of ${bodyBytes} bytes of the body are kept, so this is not the whole request.`]
      : []
  return {
    method,
    target,
    httpVersion: httpVersion === '' ? '1.1' : httpVersion,
    secure: false,
    authority: soundAuthority.test(host) ? host : partsOfUrl(context.receiverUrl()).authority,
    headers,
    trailers,
    body,
    startedAt: capture.receivedAt,
    durationMs: 0,
    response: answered(capture),
    notes,
  }
}

const neverSent =
  'This delivery was not sent yet: this is what would be sent as of now, without a signature and the headers that belong to it.'

async function deliveryDocument(
  context: EngineContext,
  delivery: Delivery,
  last: Attempt | undefined,
): Promise<RequestDocument | null> {
  const { method, url, headers, body: sent } = await requestOf(context, delivery, last)
  if (url === '') return null
  const parts = partsOfUrl(url)
  const body = sent ?? new Uint8Array()
  const length: Header[] = sent === null ? [] : [['Content-Length', String(body.length)]]
  return {
    ...parts,
    method,
    httpVersion: '1.1',
    headers: last === undefined ? [['Host', parts.authority], ...headers, ...length] : headers,
    trailers: [],
    body,
    startedAt: last?.startedAt ?? delivery.createdAt,
    durationMs: last?.durationMs ?? 0,
    response: last === undefined ? null : answerOf(last),
    notes: last === undefined ? [neverSent] : [],
  }
}

function answerOf({ response }: Attempt): RequestDocument['response'] {
  if (response === null) return null
  const { status, headers, excerpt, truncated } = response
  return { status, headers, body: excerpt, truncated }
}

/** The body as it went out, where a secret travels in it: it is never kept there. */
function withSharedSecret(
  context: EngineContext,
  delivery: Delivery,
  document: RequestDocument,
  withSecrets: boolean,
): RequestDocument {
  const { store, secrets } = context
  const { workspaceId, destinationId } = delivery
  const workspace = workspaceId === null ? undefined : store.workspaces.get(workspaceId)
  const scheme = findProvider(workspace?.provider ?? '')?.scheme
  if (scheme?.kind !== 'shared_secret' || scheme.secret_path === undefined) return document
  const destination = destinationId === null ? undefined : store.destinations.get(destinationId)
  const sealed = destination?.secret?.sealed
  const secret = withSecrets ? (sealed === undefined ? null : secrets.open(sealed)) : mask
  const text = textOf(document.body)
  const signed = secret === null || text === null ? null : replaceJsonText(text, scheme.secret_path, secret)
  if (signed === null) return document
  const body = Buffer.from(signed)
  const headers = withLengthOf(document.headers, body)
  const wasOther = withSecrets && headers.some(([, value], index) => value !== document.headers[index]?.[1])
  const note = 'The secret was changed since this was sent, so these are not the same bytes.'
  return {
    ...document,
    body,
    headers,
    notes: wasOther && document.notes.length === 0 ? [note] : document.notes,
  }
}

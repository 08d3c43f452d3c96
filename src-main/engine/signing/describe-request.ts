import { headerValue, type Header } from '../../../src-shared/model/header.ts'
import type { SignatureScheme } from '../../../src-shared/model/scheme.ts'
import { parseJsonBody, textAtPath } from './json-body.ts'

/** What a request says about itself; null where it says nothing. */
export interface RequestDescription {
  readonly eventType: string | null
  readonly deliveryId: string | null
}

/** The headers that a scheme writes, lower case: signature, timestamp, id and event. */
export function signatureHeaderNames(scheme: SignatureScheme): string[] {
  return [scheme.header, scheme.timestamp_header, scheme.id_header, scheme.event_header]
    .filter((name) => name !== undefined)
    .map((name) => name.toLowerCase())
}

/** A JSON document that is parsed when it is first asked for, and only then. */
export function lazyJson(body: Uint8Array): () => unknown {
  let parsed: { readonly document: unknown } | undefined
  return () => {
    parsed ??= { document: parseJsonBody(body) }
    return parsed.document
  }
}

/** Event type and delivery id of a request. The body is parsed once at most, and only when a path is needed. */
export function describeRequest(
  scheme: SignatureScheme,
  headers: readonly Header[],
  body: Uint8Array,
): RequestDescription {
  const document = lazyJson(body)
  const read = (header: string | undefined, path: string | undefined): string | null => {
    const value = header === undefined ? undefined : headerValue(headers, header)
    if (value !== undefined && value !== '') return value
    return path === undefined ? null : textAtPath(document(), path)
  }
  return {
    eventType: read(scheme.event_header, scheme.event_path),
    deliveryId: read(scheme.id_header, scheme.id_path),
  }
}

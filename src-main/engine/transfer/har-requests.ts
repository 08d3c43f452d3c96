import { z } from 'zod'
import { invalidInput } from '../../../src-shared/errors.ts'
import type { Header } from '../../../src-shared/model/header.ts'
import { rawHttp } from './raw-http.ts'
import { partsOfUrl } from './request-document.ts'

/** What is read of a HAR: its requests. Browsers and proxies add much to it. */
const harSchema = z.object({
  log: z.object({
    entries: z
      .array(
        z.object({
          request: z.object({
            method: z.string().regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/, 'is no HTTP method'),
            url: z.string().regex(/^https?:\/\//i, 'must be an http or https URL'),
            httpVersion: z.string().default('HTTP/1.1'),
            headers: z.array(z.object({ name: z.string(), value: z.string() })).default([]),
            postData: z.object({ text: z.string().default(''), encoding: z.string().optional() }).optional(),
          }),
        }),
      )
      .max(1000, 'has more than 1000 requests'),
  }),
})

/** True for what begins as a JSON object: no HTTP request does. */
export function isHar(bytes: Uint8Array): boolean {
  return /^\ufeff?\s*\{/.test(Buffer.from(bytes.subarray(0, 1000)).toString('utf8'))
}

/**
 * The requests of a HAR as raw HTTP/1.1. The framing is made anew: a HAR has bodies without their chunks.
 * @throws AppError `invalid_input`
 */
export function requestsOfHar(bytes: Uint8Array): Buffer[] {
  let document: unknown
  try {
    document = JSON.parse(
      Buffer.from(bytes)
        .toString('utf8')
        .replace(/^\ufeff/, ''),
    )
  } catch (cause) {
    throw invalidInput(
      `This is neither an HTTP request nor a HAR: ${cause instanceof Error ? cause.message : ''}.`,
    )
  }
  const har = harSchema.safeParse(document)
  if (!har.success) {
    const [issue] = har.error.issues
    throw invalidInput(`This is no HAR: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}.`)
  }
  return har.data.log.entries.map(({ request }) => {
    const { method, url, httpVersion, postData } = request
    const body = Buffer.from(postData?.text ?? '', postData?.encoding === 'base64' ? 'base64' : 'utf8')
    const parts = partsOfUrl(url)
    return rawHttp({
      ...parts,
      method,
      httpVersion: httpVersion.toUpperCase() === 'HTTP/1.0' ? '1.0' : '1.1',
      headers: headersOf(request.headers, parts.authority, body),
      trailers: [],
      body,
      startedAt: 0,
      durationMs: 0,
      response: null,
      notes: [],
    })
  })
}

function headersOf(
  given: readonly { readonly name: string; readonly value: string }[],
  authority: string,
  body: Buffer,
): Header[] {
  const headers = given
    // HTTP/2 has its first line among the headers.
    .filter(({ name }) => /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(name))
    .filter(({ name }) => name.toLowerCase() !== 'transfer-encoding')
    .map(({ name, value }): Header => {
      const isLength = name.toLowerCase() === 'content-length'
      // Line breaks would begin headers of their own.
      return [name, isLength ? String(body.length) : value.replace(/[\r\n\0]+/g, ' ')]
    })
  const has = (name: string): boolean => headers.some(([other]) => other.toLowerCase() === name)
  return [
    ...(has('host') ? [] : [['Host', authority] as const]),
    ...headers,
    ...(body.length > 0 && !has('content-length') ? [['Content-Length', String(body.length)] as const] : []),
  ]
}

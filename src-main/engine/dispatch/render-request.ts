import type { Destination } from '../../../src-shared/model/destination.ts'
import type { Delivery, Failure } from '../../../src-shared/model/delivery.ts'
import type { WebhookEvent } from '../../../src-shared/model/event.ts'
import type { Header } from '../../../src-shared/model/header.ts'
import type { JsonObject } from '../../../src-shared/model/json.ts'
import type { Workspace } from '../../../src-shared/model/workspace.ts'
import {
  encodeUrlValue,
  parseTemplate,
  renderText,
  renderUrl,
  TemplateError,
  type Template,
} from '../../../src-shared/template/template.ts'
import type { Provider } from '../providers/provider.ts'

/**
 * From a destination's templates and an event to the request before signing. Pure.
 *
 * @see product.md, Templates
 */

/** A destination's templates, parsed once. */
export interface DestinationTemplates {
  readonly url: Template
  readonly headers: readonly { readonly name: string; readonly value: Template }[]
  readonly query: readonly { readonly name: string; readonly value: Template }[]
  readonly body: Template | null
  readonly literal: boolean
  readonly setsContentType: boolean
}

/** @throws TemplateError */
export function parseDestinationTemplates(destination: {
  readonly url_template: string
  readonly headers_template: readonly { readonly name: string; readonly value: string }[]
  readonly query_template: readonly { readonly name: string; readonly value: string }[]
  readonly body_template: string | null
}): DestinationTemplates {
  const url = parseTemplate(destination.url_template.trim())
  const named = (list: readonly { name: string; value: string }[]): { name: string; value: Template }[] =>
    list.map(({ name, value }) => ({ name, value: parseTemplate(value) }))
  const headers = named(destination.headers_template)
  const query = named(destination.query_template)
  const blank = destination.body_template === null || destination.body_template.trim() === ''
  const body = blank ? null : parseTemplate(destination.body_template ?? '')
  const all = [url, ...headers.map(({ value }) => value), ...query.map(({ value }) => value)]
  return {
    url,
    headers,
    query,
    body,
    literal: (body?.literal ?? true) && all.every((template) => template.literal),
    setsContentType: headers.some(({ name }) => name.toLowerCase() === 'content-type'),
  }
}

export interface RenderInput {
  readonly provider: Provider
  readonly destination: Destination
  readonly templates: DestinationTemplates
  readonly workspace: Workspace
  readonly event: WebhookEvent
  readonly delivery: Pick<Delivery, 'providerDeliveryId' | 'eventId' | 'eventType'>
  /** The capture receiver's address of the moment, for `{{ receiver.url }}`. */
  readonly receiverUrl: string
}

/** A request before it is signed. */
export interface RenderedRequest {
  readonly method: string
  readonly url: string
  readonly headers: readonly Header[]
  /** null: no body. The event's payload itself (the same object) when there is no body template. */
  readonly body: Uint8Array | null
}

/** Header values that HTTP can carry: visible ASCII, latin-1, space and tab. @see RFC 9110, 5.5 */
const headerValuePattern = /^[\t\x20-\x7e\x80-\xff]*$/
// eslint-disable-next-line no-control-regex -- control characters are what is looked for
const urlForbidden = /[\x00-\x20\x7f]/

/** Renders the request, or tells why it can't be sent. */
export function renderRequest(input: RenderInput): RenderedRequest | Failure {
  return unlessInvalid(() => render(input))
}

/** A destination's URL with its query, for a request that is not made from its templates. */
export function renderDestinationUrl(templates: DestinationTemplates, root: JsonObject): string | Failure {
  return unlessInvalid(() => {
    const url = renderFullUrl(templates, root)
    return checkUrl(url) ?? url
  })
}

function unlessInvalid<T>(render: () => T): T | Failure {
  try {
    return render()
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error
    return {
      code: 'template_invalid',
      message: `A template of the destination ${error.message}; nothing was sent.`,
    }
  }
}

function render(input: RenderInput): RenderedRequest | Failure {
  const { provider, destination, templates } = input
  // Most destinations are literal: their events' payloads are never parsed.
  const root = templates.literal ? {} : templateRoot(input)
  const url = renderFullUrl(templates, root)
  const urlProblem = checkUrl(url)
  if (urlProblem !== null) return urlProblem
  const rendered = renderHeaders(templates, root)
  if (!Array.isArray(rendered)) return rendered
  const body = renderBody(input, root)
  const headers: Header[] = provider.headers({
    eventType: input.delivery.eventType,
    deliveryId: input.delivery.providerDeliveryId,
  })
  if (body !== null && !templates.setsContentType) headers.push(['Content-Type', 'application/json'])
  headers.push(...rendered)
  return { method: destination.method, url, headers, body }
}

/** What templates can reach: the payload's own fields, over event, workspace, delivery, destination and receiver. */
export function templateRoot(input: RenderInput): JsonObject {
  const { event, workspace, delivery, destination } = input
  const payload = JSON.parse(Buffer.from(event.payload).toString('utf8')) as JsonObject
  return {
    event: { id: event.id, type: event.type, occurred_at: new Date(event.occurredAt).toISOString() },
    workspace: { uuid: workspace.id, name: workspace.name },
    ...payload,
    delivery: { uuid: delivery.providerDeliveryId, event_id: delivery.eventId },
    destination: { uuid: destination.id, name: destination.name },
    receiver: { url: input.receiverUrl },
  }
}

function renderFullUrl(templates: DestinationTemplates, root: unknown): string {
  const url = renderUrl(templates.url, root)
  if (templates.query.length === 0) return url
  const [beforeFragment = ''] = url.split('#', 1)
  const pairs = templates.query.map(
    ({ name, value }) => `${encodeUrlValue(name)}=${encodeUrlValue(renderText(value, root))}`,
  )
  return `${beforeFragment}${beforeFragment.includes('?') ? '&' : '?'}${pairs.join('&')}`
}

function checkUrl(url: string): Failure | null {
  if (urlForbidden.test(url)) {
    return {
      code: 'url_invalid',
      message:
        'The rendered URL holds white space or a control character; nothing was sent. Check the URL template and its values.',
    }
  }
  if (!/^https?:\/\/[^/?#]/i.test(url) || !URL.canParse(url)) {
    return {
      code: 'url_invalid',
      message: `The rendered URL is not an http or https address: "${withoutUserinfo(url).slice(0, 200)}". Check the URL template and its values.`,
    }
  }
  return null
}

/** A URL for messages: what stands before the `@` of its authority may be a password. */
export function withoutUserinfo(url: string): string {
  return url.replace(/^([a-z]+:\/\/)[^/?#@]*@/i, '$1')
}

function renderHeaders(templates: DestinationTemplates, root: unknown): Header[] | Failure {
  const headers: Header[] = []
  for (const { name, value } of templates.headers) {
    const text = renderText(value, root)
    if (!headerValuePattern.test(text)) {
      return {
        code: 'header_invalid',
        message: `The rendered value of the header ${name} holds a line break or another byte that a header can't carry; nothing was sent.`,
      }
    }
    headers.push([name, text])
  }
  return headers
}

const encoder = new TextEncoder()

function renderBody(input: RenderInput, root: unknown): Uint8Array | null {
  const { templates, provider, destination, event } = input
  if (templates.body !== null) return encoder.encode(renderText(templates.body, root))
  return provider.methodsWithBody.includes(destination.method) ? event.payload : null
}

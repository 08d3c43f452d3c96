import type { JsonObject } from '../../../src-shared/model/json.ts'
import {
  encodeUrlValue,
  lookUp,
  parseTemplate,
  renderText,
  renderUrl,
  TemplateError,
  type Template,
} from '../../../src-shared/template/template.ts'
import type { DestinationForm } from './destination-form.ts'

/** What a destination's templates make of an event, and what is doubtful about them. Pure. */
export interface TemplatePreview {
  readonly method: string
  readonly url: string
  readonly headers: readonly (readonly [string, string])[]
  /** null: the event's payload as it is. */
  readonly body: string | null
  /** Templates that can't be saved, by the form's field. */
  readonly errors: readonly { readonly field: string; readonly message: string }[]
  readonly warnings: readonly string[]
}

/** @param root what templates can reach: the payload over workspace, destination, delivery and receiver */
export function previewTemplates(form: DestinationForm, root: JsonObject): TemplatePreview {
  const errors: { field: string; message: string }[] = []
  const unknown = new Set<string>()
  const render = (field: string, source: string, how: (template: Template, root: unknown) => string) => {
    try {
      const template = parseTemplate(source)
      for (const part of template.parts)
        if ('path' in part && lookUp(root, part.path) === undefined) unknown.add(part.path.join('.'))
      return how(template, root)
    } catch (error) {
      if (!(error instanceof TemplateError)) throw error
      errors.push({ field, message: error.message })
      return source
    }
  }
  const url = render('url_template', form.url_template.trim(), renderUrl)
  const query = form.query_template
    .filter(({ name }) => name !== '')
    .map(
      ({ name, value }, index) =>
        `${encodeUrlValue(name)}=${encodeUrlValue(render(`query_template.${index}.value`, value, renderText))}`,
    )
    .join('&')
  const headers = form.headers_template
    .filter(({ name }) => name !== '')
    .map(
      ({ name, value }, index) =>
        [name, render(`headers_template.${index}.value`, value, renderText)] as const,
    )
  const withBody = form.ownBody && form.body_template.trim() !== ''
  const body = withBody ? render('body_template', form.body_template, renderText) : null
  return {
    method: form.method,
    url: query === '' ? url : `${url}${url.includes('?') ? '&' : '?'}${query}`,
    headers,
    body,
    errors,
    warnings: [
      ...[...unknown].map((path) => `{{ ${path} }} is not in this event: nothing is inserted for it.`),
      ...(body === null ? [] : fragileJson(form.body_template, root)),
    ],
  }
}

/** Values that must not break a JSON body: a quote, a line break, an emoji. */
const hardValue = 'a "quote",\na line break and 🎉'

/** Warns when the body is JSON for this event, but not for one whose values need escaping. */
function fragileJson(source: string, root: JsonObject): string[] {
  let template: Template
  try {
    template = parseTemplate(source)
  } catch {
    return []
  }
  if (!isJson(renderText(template, root))) return []
  const broken = template.parts.find((part) => {
    if (!('path' in part) || part.json || typeof lookUp(root, part.path) !== 'string') return false
    const hard = template.parts.map((each) =>
      'text' in each
        ? each.text
        : each === part
          ? hardValue
          : renderText({ source: ' ', parts: [each], literal: false }, root),
    )
    return !isJson(hard.join(''))
  })
  if (broken === undefined || !('path' in broken)) return []
  const path = broken.path.join('.')
  return [
    `The body stops being JSON when {{ ${path} }} holds a quote or a line break. Write {{ ${path} | json }} without quotes around it.`,
  ]
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

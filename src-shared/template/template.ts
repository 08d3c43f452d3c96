/**
 * `{{ path }}` templates: parsed once, rendered in time linear in template and values.
 * Own extension: `{{ path | json }}` inserts the value as JSON text with quotes and escapes.
 *
 * @see product.md, Templates
 */

/** Literal text, or a variable with where it stands in the source. */
export type TemplatePart =
  | { readonly text: string }
  | { readonly path: readonly string[]; readonly json: boolean; readonly at: number }

export interface Template {
  readonly source: string
  readonly parts: readonly TemplatePart[]
  /** True when nothing has to be rendered. */
  readonly literal: boolean
}

/** Where and why a template can't be parsed. `at` counts UTF-16 units from 0. */
export class TemplateError extends Error {
  readonly at: number

  constructor(message: string, at: number) {
    super(message)
    this.name = 'TemplateError'
    this.at = at
  }
}

const longestPath = 500

/** @throws TemplateError with the place of the mistake */
export function parseTemplate(source: string): Template {
  const parts: TemplatePart[] = []
  let position = 0
  while (position < source.length) {
    const open = source.indexOf('{{', position)
    if (open === -1) break
    if (open > position) parts.push({ text: source.slice(position, open) })
    const close = source.indexOf('}}', open + 2)
    const inner = close === -1 ? -1 : source.indexOf('{{', open + 2)
    if (close === -1 || (inner !== -1 && inner < close)) {
      throw new TemplateError(`the {{ at character ${open + 1} is never closed with }}`, open)
    }
    parts.push(parseVariable(source.slice(open + 2, close), open))
    position = close + 2
  }
  if (position < source.length) parts.push({ text: source.slice(position) })
  return { source, parts, literal: parts.every((part) => 'text' in part) }
}

function parseVariable(inside: string, at: number): TemplatePart {
  const place = `the {{ at character ${at + 1}`
  const [pathText = '', filter, ...more] = inside.split('|').map((piece) => piece.trim())
  if (pathText === '') throw new TemplateError(`${place} names no variable`, at)
  if (pathText.length > longestPath) throw new TemplateError(`${place} names too long a path`, at)
  if (/[\s{}]/.test(pathText)) throw new TemplateError(`${place} holds more than one path: "${pathText}"`, at)
  if ((filter !== undefined && filter !== 'json') || more.length > 0) {
    throw new TemplateError(`${place} uses an unknown filter; only "| json" is known`, at)
  }
  return { path: pathText.split('.'), json: filter === 'json', at }
}

/**
 * The value at a path, or undefined. Keys that hold dots are found too: the longest key that matches wins.
 * Own properties only; of arrays, their elements.
 */
export function lookUp(root: unknown, path: readonly string[]): unknown {
  let value = root
  let index = 0
  while (index < path.length) {
    if (typeof value !== 'object' || value === null) return undefined
    const taken = longestKey(value, path, index)
    if (taken === 0) return undefined
    value = (value as Record<string, unknown>)[path.slice(index, index + taken).join('.')]
    index += taken
  }
  return value
}

/** How many segments from `index` on make the longest key of `value`; 0 when none does. */
function longestKey(value: object, path: readonly string[], index: number): number {
  if (Array.isArray(value)) return /^\d{1,9}$/.test(path[index] ?? '') ? 1 : 0
  for (let count = path.length - index; count > 0; count -= 1) {
    const key = count === 1 ? (path[index] ?? '') : path.slice(index, index + count).join('.')
    if (key !== '__proto__' && Object.hasOwn(value, key)) return count
  }
  return 0
}

/** A value as it is inserted: strings as they are, null and missing as nothing, the rest as compact JSON. */
export function valueText(value: unknown): string {
  if (value === undefined || value === null) return ''
  return typeof value === 'string' ? value : JSON.stringify(value)
}

function partText(part: TemplatePart, root: unknown): string {
  if ('text' in part) return part.text
  const value = lookUp(root, part.path)
  return part.json ? JSON.stringify(value ?? null) : valueText(value)
}

/** Renders without any encoding: headers and bodies. */
export function renderText(template: Template, root: unknown): string {
  if (template.literal) return template.source
  return template.parts.map((part) => partText(part, root)).join('')
}

// encodeURIComponent throws on half a surrogate pair.
const loneSurrogate = /[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/g

/** Percent-encodes a value for a URL's path or query. */
export function encodeUrlValue(text: string): string {
  return encodeURIComponent(text.replace(loneSurrogate, '\uFFFD'))
}

/** Renders a URL: values are percent-encoded, except for a variable that the template starts with. */
export function renderUrl(template: Template, root: unknown): string {
  if (template.literal) return template.source
  return template.parts
    .map((part, index) => ('text' in part || index === 0 ? partText(part, root) : encodeUrlValue(partText(part, root))))
    .join('')
}

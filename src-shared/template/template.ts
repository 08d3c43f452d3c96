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
/** A path of more keys than this costs too much to look up where keys hold dots. */
const mostKeys = 50
/** In UTF-16 units: a short template can insert a long value many times over. */
const longestRendering = 32 * 1024 * 1024

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
  const path = pathText.split('.')
  if (path.length > mostKeys) throw new TemplateError(`${place} names more than ${mostKeys} keys`, at)
  return { path, json: filter === 'json', at }
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
  const first = path[index] ?? ''
  if (Array.isArray(value)) return /^\d{1,9}$/.test(first) ? 1 : 0
  let longest = first !== '__proto__' && Object.hasOwn(value, first) ? 1 : 0
  let node = dottedKeysOf(value)?.get(first)
  for (let count = 2; node !== undefined && index + count <= path.length; count += 1) {
    node = node.next.get(path[index + count - 1] ?? '')
    if (node?.isKey === true) longest = count
  }
  return longest
}

/** The keys of an object that hold dots, as a tree of their segments: a lookup takes one step for each segment. */
interface KeyNode {
  isKey: boolean
  readonly next: Map<string, KeyNode>
}

// Of values that are rendered more than once; they don't change meanwhile.
const dottedKeys = new WeakMap<object, Map<string, KeyNode> | null>()

function dottedKeysOf(value: object): Map<string, KeyNode> | null {
  let tree = dottedKeys.get(value)
  if (tree === undefined) {
    const keys = Object.keys(value).filter((key) => key.includes('.'))
    tree = keys.length === 0 ? null : treeOf(keys)
    dottedKeys.set(value, tree)
  }
  return tree
}

function treeOf(keys: readonly string[]): Map<string, KeyNode> {
  const root: KeyNode = { isKey: false, next: new Map() }
  for (const key of keys) {
    let node = root
    // No path has more segments than it may have keys.
    const segments = key.split('.', mostKeys + 1)
    if (segments.length > mostKeys) continue
    for (const segment of segments) {
      let next = node.next.get(segment)
      if (next === undefined) {
        next = { isKey: false, next: new Map() }
        node.next.set(segment, next)
      }
      node = next
    }
    node.isKey = true
  }
  return root.next
}

/** A value as it is inserted: strings as they are, null and missing as nothing, the rest as compact JSON. */
export function valueText(value: unknown): string {
  if (value === undefined || value === null) return ''
  return typeof value === 'string' ? value : JSON.stringify(value)
}

/** @throws TemplateError when the result would be too long */
function render(template: Template, root: unknown, encode: (text: string, index: number) => string): string {
  // The same value may stand in a template many times over; making JSON of a large one each time is not linear.
  const known = new Map<string, string>()
  let rendered = ''
  for (const [index, part] of template.parts.entries()) {
    if ('text' in part) {
      rendered += part.text
    } else {
      const name = `${part.json ? 'json' : 'text'} ${part.path.join('.')}`
      let text = known.get(name)
      if (text === undefined) {
        const value = lookUp(root, part.path)
        text = part.json ? JSON.stringify(value ?? null) : valueText(value)
        known.set(name, text)
      }
      if (rendered.length + text.length > longestRendering) {
        throw new TemplateError(
          `renders to more than ${longestRendering / 1024 / 1024} Mi characters`,
          part.at,
        )
      }
      rendered += encode(text, index)
    }
  }
  return rendered
}

/**
 * Renders without any encoding: headers and bodies.
 * @throws TemplateError when the result would be longer than 32 Mi characters
 */
export function renderText(template: Template, root: unknown): string {
  return template.literal ? template.source : render(template, root, (text) => text)
}

// encodeURIComponent throws on half a surrogate pair.
const loneSurrogate = /[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/g

/** Percent-encodes a value for a URL's path or query. */
export function encodeUrlValue(text: string): string {
  return encodeURIComponent(text.replace(loneSurrogate, '\uFFFD'))
}

/**
 * Renders a URL: values are percent-encoded, except for a variable that the template starts with.
 * @throws TemplateError when the result would be longer than 32 Mi characters
 */
export function renderUrl(template: Template, root: unknown): string {
  if (template.literal) return template.source
  return render(template, root, (text, index) => (index === 0 ? text : encodeUrlValue(text)))
}

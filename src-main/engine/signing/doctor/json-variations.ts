import { readTree, type JsonText, type JsonTree } from './json-tree.ts'
import type { Variation } from './variation.ts'

/** How a library writes JSON. */
interface Style {
  /** Whose way it is, as messages call it. */
  readonly name: string
  /** Between members on one line, and after keys. */
  readonly comma?: string
  readonly colon?: string
  /** One level of indentation; absent: all on one line. */
  readonly indent?: string
  readonly escape?: Escape
  /** How numbers are written that are no integers; absent: as they stood. */
  readonly numbers?: (value: number) => string
  /** Jackson's: `[ 1, 2 ]`, `[ ]`, `{ }`. */
  readonly arraysOnOneLine?: boolean
  /** Ruby's way with empty ones: broken lines. */
  readonly rubyEmpties?: boolean
  /** Strings as they stand in the body: only white space goes. */
  readonly rawStrings?: boolean
  /** JSON.stringify's own way, with so many spaces: it rounds numbers, drops repeated keys and moves those that are numbers. */
  readonly native?: number
  readonly sorted?: boolean
  /** PHP's arrays: an empty object becomes `[]`. */
  readonly emptyAsArray?: boolean
}

/** What is written as an escape besides quotes, backslashes and control characters. */
interface Escape {
  readonly pattern: RegExp
  readonly upperCase?: boolean
  readonly slash?: boolean
  /** .NET writes a quote as `\u0022`. */
  readonly quote?: boolean
}

const beyondAscii: Escape = { pattern: /[\u0080-\uffff]/g }
const python: Escape = { pattern: /[\u007f-\uffff]/g }
const php: Escape = { pattern: /[\u0080-\uffff]/g, slash: true }
/** PHP with JSON_UNESCAPED_UNICODE, which does not concern line separators. */
const phpUnicode: Escape = { pattern: /[\u2028\u2029]/g, slash: true }
const separators: Escape = { pattern: /[\u2028\u2029]/g }
const go: Escape = { pattern: /[<>&\u2028\u2029]/g }
const gson: Escape = { pattern: /[<>&='\u2028\u2029]/g }
const dotnet: Escape = { pattern: /[\u0080-\uffff]|[<>&'+`]/g, upperCase: true, quote: true }

/** Python's repr: `1.0`, `1e-07`, `1e+16`. */
function inPython(value: number): string {
  const size = Math.abs(value)
  if (value !== 0 && (size < 1e-4 || size >= 1e16))
    return value.toExponential().replace(/e([+-])(\d)$/, 'e$10$2')
  return Number.isInteger(value) ? `${value}.0` : String(value)
}

/** The likeliest first. */
const styles: readonly Style[] = [
  { name: 'JSON.stringify of JavaScript does', native: 0 },
  { name: 'many libraries do, on one line without spaces' },
  { name: "Python's json.dumps does", comma: ', ', colon: ': ', escape: python, numbers: inPython },
  { name: 'JSON.stringify does with an indent of 2', native: 2 },
  { name: "Python's json.dumps does with ensure_ascii=False", comma: ', ', colon: ': ', numbers: inPython },
  { name: "Python's json.dumps does with compact separators", escape: python, numbers: inPython },
  { name: "PHP's json_encode does", escape: php, numbers: String },
  { name: "PHP's json_encode does with JSON_UNESCAPED_UNICODE", escape: phpUnicode, numbers: String },
  { name: 'minifiers do, which take out white space only', rawStrings: true },
  { name: 'pretty printers do, with an indent of 2', indent: '  ' },
  { name: 'pretty printers do, with an indent of 4', indent: '    ' },
  { name: 'Go’s encoding/json and Rails’ to_json do', escape: go, numbers: String },
  {
    name: 'Go’s encoding/json does with the keys of a map sorted',
    escape: go,
    numbers: String,
    sorted: true,
  },
  { name: 'System.Text.Json of .NET does', escape: dotnet },
  { name: 'Gson of Java does', escape: gson },
  { name: 'Go’s encoding/json does with json.RawMessage', rawStrings: true, escape: go },
  { name: 'libraries do that sort the keys', sorted: true },
  {
    name: "Python's json.dumps does with sort_keys",
    comma: ', ',
    colon: ': ',
    escape: python,
    numbers: inPython,
    sorted: true,
  },
  {
    name: "Python's json.dumps does with sort_keys and compact separators",
    escape: python,
    numbers: inPython,
    sorted: true,
  },
  {
    name: 'Python does with sort_keys and ensure_ascii=False',
    comma: ', ',
    colon: ': ',
    sorted: true,
    numbers: inPython,
  },
  { name: 'JSON.stringify does with an indent of 4', native: 4 },
  { name: 'pretty printers do, with tabs', indent: '\t' },
  { name: "Python's json.dumps does with indent=2", indent: '  ', escape: python, numbers: inPython },
  { name: "Python's json.dumps does with indent=4", indent: '    ', escape: python, numbers: inPython },
  { name: "PHP's json_encode does with JSON_PRETTY_PRINT", indent: '    ', escape: php, numbers: String },
  {
    name: "PHP's json_encode does with JSON_PRETTY_PRINT and unescaped slashes",
    indent: '    ',
    escape: beyondAscii,
  },
  {
    name: "PHP's json_encode does with JSON_PRETTY_PRINT and unescaped Unicode",
    indent: '    ',
    escape: phpUnicode,
    numbers: String,
  },
  { name: 'System.Text.Json of .NET does when it indents', indent: '  ', escape: dotnet },
  { name: 'Jackson of Java does when it indents', indent: '  ', colon: ' : ', arraysOnOneLine: true },
  { name: 'Gson of Java does when it indents', indent: '  ', escape: gson },
  { name: 'pretty printers do that sort the keys, with an indent of 2', indent: '  ', sorted: true },
  { name: 'pretty printers do that sort the keys, with an indent of 4', indent: '    ', sorted: true },
  {
    name: "Python's json.dumps does with indent=2 and sort_keys",
    indent: '  ',
    escape: python,
    numbers: inPython,
    sorted: true,
  },
  {
    name: "Python's json.dumps does with indent=4 and sort_keys",
    indent: '    ',
    escape: python,
    numbers: inPython,
    sorted: true,
  },
  { name: 'JSON.pretty_generate of Ruby does', indent: '  ', rubyEmpties: true },
  { name: 'Go’s json.MarshalIndent does with 2 spaces', indent: '  ', escape: go },
  { name: 'Go’s json.MarshalIndent does with 2 spaces and a map', indent: '  ', escape: go, sorted: true },
  { name: 'Go’s json.MarshalIndent does with tabs', indent: '\t', escape: go },
  {
    name: "PHP's json_encode does with JSON_UNESCAPED_SLASHES and JSON_UNESCAPED_UNICODE",
    escape: separators,
  },
  {
    name: "PHP's json_encode does after json_decode to arrays",
    escape: php,
    numbers: String,
    emptyAsArray: true,
  },
  {
    name: "PHP's json_encode does after json_decode to arrays, with unescaped slashes and Unicode",
    escape: separators,
    emptyAsArray: true,
  },
  {
    name: "PHP's json_encode does after json_decode to arrays, with unescaped slashes",
    escape: beyondAscii,
    emptyAsArray: true,
  },
  {
    name: "PHP's json_encode does after json_decode to arrays, with unescaped Unicode",
    escape: phpUnicode,
    numbers: String,
    emptyAsArray: true,
  },
]

/** A JSON body parsed and written again by other libraries; nothing for a body that is no JSON. */
export function* jsonVariations(body: Buffer): Generator<Variation<Buffer>> {
  const read = parsed(body)
  if (read === null) return
  for (const style of styles) {
    const { native, name } = style
    const text =
      native === undefined ? new Writer(style).write(read.tree) : JSON.stringify(read.document, null, native)
    yield {
      value: Buffer.from(text),
      change: {
        cause: 'body-reserialized',
        how: `over the JSON written again, as ${name}`,
        mend: 'Sign and verify the bytes as they are on the wire, not JSON that was parsed and written again.',
      },
    }
  }
}

function parsed(body: Buffer): { readonly document: object; readonly tree: JsonTree } | null {
  try {
    const json = new TextDecoder('utf-8', { fatal: true }).decode(body)
    const document: unknown = JSON.parse(json)
    const tree = typeof document === 'object' && document !== null ? readTree(json) : null
    return tree === null ? null : { document: document as object, tree }
  } catch {
    return null
  }
}

class Writer {
  readonly #style: Style
  readonly #comma: string
  readonly #colon: string

  constructor(style: Style) {
    this.#style = style
    this.#comma = style.comma ?? ','
    this.#colon = style.colon ?? (style.indent === undefined ? ':' : ': ')
  }

  write(tree: JsonTree, margin = '\n'): string {
    switch (tree.kind) {
      case 'plain':
        return this.#plain(tree.text)
      case 'string':
        return this.#text(tree)
      case 'array':
        return this.#list('[', ']', tree.items.length, margin, (at, inner) =>
          this.write(tree.items[at] ?? nothing, inner),
        )
      case 'object': {
        if (tree.members.length === 0 && this.#style.emptyAsArray === true) return '[]'
        const members = this.#style.sorted === true ? tree.members.toSorted(byKey) : tree.members
        return this.#list('{', '}', members.length, margin, (at, inner) => {
          const [key, value] = members[at] ?? [null, nothing]
          return (key === null ? '' : this.#text(key)) + this.#colon + this.write(value, inner)
        })
      }
    }
  }

  #list(
    open: string,
    close: string,
    length: number,
    margin: string,
    item: (at: number, margin: string) => string,
  ): string {
    const { indent, arraysOnOneLine = false } = this.#style
    if (length === 0) return this.#empty(open, close, margin)
    if (arraysOnOneLine && open === '[') {
      const items = Array.from({ length }, (_, at) => item(at, margin))
      return `[ ${items.join(', ')} ]`
    }
    const inner = indent === undefined ? margin : margin + indent
    let text = open
    for (let at = 0; at < length; at += 1) {
      if (at > 0) text += indent === undefined ? this.#comma : ','
      if (indent !== undefined) text += inner
      text += item(at, inner)
    }
    return text + (indent === undefined ? '' : margin) + close
  }

  #plain(text: string): string {
    const { numbers } = this.#style
    return numbers === undefined || !/^-?\d+[.eE]/.test(text) ? text : numbers(Number(text))
  }

  #empty(open: string, close: string, margin: string): string {
    const { arraysOnOneLine = false, rubyEmpties = false } = this.#style
    if (rubyEmpties) return open + (open === '[' ? '\n' : '') + margin + close
    return arraysOnOneLine ? `${open} ${close}` : open + close
  }

  #text({ raw, json: whole, isPlain }: JsonText): string {
    const { escape, rawStrings = false } = this.#style
    const json = rawStrings ? raw : whole
    if (isPlain || escape === undefined) return json
    const { pattern, slash, quote, upperCase = false } = escape
    let written = json.replace(pattern, (character) => escaped(character, upperCase))
    if (slash === true) written = written.replaceAll('/', '\\/')
    return quote === true
      ? `"${written.slice(1, -1).replace(/\\\\|\\"/g, (pair) => (pair === '\\"' ? '\\u0022' : pair))}"`
      : written
  }
}

const nothing: JsonTree = { kind: 'plain', text: 'null' }

type Member = readonly [key: JsonText, value: JsonTree]

function byKey([{ text: left }]: Member, [{ text: right }]: Member): number {
  return left < right ? -1 : left > right ? 1 : 0
}

/** @param unit one of UTF-16: what lies beyond U+FFFF becomes two escapes */
function escaped(unit: string, upperCase: boolean): string {
  const digits = unit.charCodeAt(0).toString(16).padStart(4, '0')
  return `\\u${upperCase ? digits.toUpperCase() : digits}`
}

/** JSON as it was written: numbers keep their digits and objects their order, repeated keys too. */
export type JsonTree =
  | { readonly kind: 'object'; readonly members: readonly (readonly [key: JsonText, value: JsonTree])[] }
  | { readonly kind: 'array'; readonly items: readonly JsonTree[] }
  | JsonText
  /** Numbers, `true`, `false`, `null`. */
  | { readonly kind: 'plain'; readonly text: string }

export interface JsonText {
  readonly kind: 'string'
  readonly text: string
  /** As it stood in the document, with its quotes. */
  readonly raw: string
  /** As JSON.stringify writes it. */
  readonly json: string
  /** Every library writes it alike: nothing in it is ever escaped. */
  readonly isPlain: boolean
}

/** @param json with its quotes, as it stood in the document */
function readText(json: string): JsonText {
  if (/^"[\w .:@,;!?()$%#*|~^-]*"$/.test(json))
    return { kind: 'string', text: json.slice(1, -1), raw: json, json, isPlain: true }
  const text = JSON.parse(json) as string
  return { kind: 'string', text, raw: json, json: JSON.stringify(text), isPlain: false }
}

const mostDepth = 200
const token = /\s*(?:([{}[\]:,])|("(?:[^"\\]|\\.)*")|(-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null))/y

/** The tree of a text that `JSON.parse` takes, or null for what is nested too deep. */
export function readTree(json: string): JsonTree | null {
  return new Reader(json).read()
}

class Reader {
  readonly #json: string
  #at = 0

  constructor(json: string) {
    this.#json = json
  }

  read(): JsonTree | null {
    return this.#value(this.#next(), 0)
  }

  #next(): string {
    token.lastIndex = this.#at
    const match = token.exec(this.#json)
    if (match === null) return ''
    this.#at = token.lastIndex
    return match[1] ?? match[2] ?? match[3] ?? ''
  }

  #value(first: string, depth: number): JsonTree | null {
    if (depth > mostDepth || first === '') return null
    if (first === '{') return this.#object(depth)
    if (first === '[') return this.#array(depth)
    if (first.startsWith('"')) return readText(first)
    return { kind: 'plain', text: first }
  }

  #object(depth: number): JsonTree | null {
    const members: [JsonText, JsonTree][] = []
    for (let key = this.#next(); key !== '}'; key = this.#next()) {
      if (key === ',') continue
      if (!key.startsWith('"') || this.#next() !== ':') return null
      const value = this.#value(this.#next(), depth + 1)
      if (value === null) return null
      members.push([readText(key), value])
    }
    return { kind: 'object', members }
  }

  #array(depth: number): JsonTree | null {
    const items: JsonTree[] = []
    for (let next = this.#next(); next !== ']'; next = this.#next()) {
      if (next === ',') continue
      const item = this.#value(next, depth + 1)
      if (item === null) return null
      items.push(item)
    }
    return { kind: 'array', items }
  }
}

/** Values inside a JSON body, without changing a byte that need not change. */

/** Parses a body as JSON; a byte order mark is let pass. `undefined` when it is no JSON. */
export function parseJsonBody(body: Uint8Array): unknown {
  if (body.byteLength === 0) return undefined
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body))
  } catch {
    return undefined
  }
}

/** The value at a dotted path (own properties and array indexes only), or `undefined`. */
export function valueAtPath(document: unknown, path: string): unknown {
  let value = document
  for (const key of path.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined
    value = Reflect.get(value, key)
  }
  return value
}

/** The string, number or nothing that stands at a path, as text. Anything else counts as absent. */
export function textAtPath(document: unknown, path: string): string | null {
  const value = valueAtPath(document, path)
  if (typeof value === 'string') return value
  return typeof value === 'number' ? String(value) : null
}

/**
 * Puts `text` at the path of a JSON object and leaves every other character as it is: writing the document
 * again would move keys that look like numbers and round long ones. A last key that is absent is added at the
 * end of its object. Null when the text is no JSON object, or the path leads through something else.
 */
export function replaceJsonText(json: string, path: string, text: string): string | null {
  if (!isJsonObject(json)) return null
  const keys = path.split('.')
  const scanner = new JsonScanner(json)
  let position = scanner.skipSpace(json.charCodeAt(0) === byteOrderMark ? 1 : 0)
  for (const [index, key] of keys.entries()) {
    if (json[position] !== '{') return null
    const found = scanner.findMember(position, key)
    if (found.value !== null) {
      position = found.value
    } else if (index === keys.length - 1) {
      const member = `${found.empty ? '' : ','}${JSON.stringify(key)}:${JSON.stringify(text)}`
      return json.slice(0, found.end) + member + json.slice(found.end)
    } else {
      return null
    }
  }
  return json.slice(0, position) + JSON.stringify(text) + json.slice(scanner.skipValue(position))
}

const byteOrderMark = 0xfeff

function isJsonObject(json: string): boolean {
  try {
    const document: unknown = JSON.parse(json.charCodeAt(0) === byteOrderMark ? json.slice(1) : json)
    return typeof document === 'object' && document !== null && !Array.isArray(document)
  } catch {
    return false
  }
}

interface MemberSearch {
  /** Where the member's value begins; the last one of that name, as JSON.parse takes it. */
  readonly value: number | null
  /** Where a further member would be put: right after the last value, or after the opening brace. */
  readonly end: number
  readonly empty: boolean
}

/** Walks text that is known to be valid JSON. */
class JsonScanner {
  readonly #json: string

  constructor(json: string) {
    this.#json = json
  }

  skipSpace(from: number): number {
    let at = from
    while (' \t\n\r'.includes(this.#json[at] ?? 'x')) at++
    return at
  }

  findMember(objectAt: number, wanted: string): MemberSearch {
    let value: number | null = null
    let end = objectAt + 1
    let at = this.skipSpace(objectAt + 1)
    if (this.#json[at] === '}') return { value, end, empty: true }
    for (;;) {
      const keyEnd = this.skipValue(at)
      const key: unknown = JSON.parse(this.#json.slice(at, keyEnd))
      const valueAt = this.skipSpace(this.skipSpace(keyEnd) + 1)
      if (key === wanted) value = valueAt
      end = this.skipValue(valueAt)
      at = this.skipSpace(end)
      if (this.#json[at] === '}') return { value, end, empty: false }
      at = this.skipSpace(at + 1)
    }
  }

  /** The position after the value that begins here. Counts brackets: deep nesting must not exhaust the stack. */
  skipValue(from: number): number {
    let depth = 0
    let at = from
    for (;;) {
      const character = this.#json[at]
      if (character === '"') at = this.#skipString(at)
      else if (character === '{' || character === '[') at++
      else if (character === '}' || character === ']') at++
      else if (depth > 0 && ' \t\n\r,:'.includes(character ?? '')) at++
      else at = this.#skipScalar(at)
      if (character === '{' || character === '[') depth++
      if (character === '}' || character === ']') depth--
      if (depth === 0) return at
    }
  }

  #skipString(from: number): number {
    let at = from + 1
    while (this.#json[at] !== '"') at += this.#json[at] === '\\' ? 2 : 1
    return at + 1
  }

  #skipScalar(from: number): number {
    let at = from
    while (at < this.#json.length && !' \t\n\r,:]}'.includes(this.#json[at] ?? '')) at++
    return at
  }
}

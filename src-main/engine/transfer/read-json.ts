import {
  brokenFile,
  mostLevels,
  mostParts,
  soundNumber,
  tooDeep,
  tooMany,
  type Located,
  type Member,
} from './located.ts'

/**
 * Reads JSON with the line of every value. `JSON.parse` would neither tell lines nor refuse a key that stands twice.
 *
 * @throws AppError `invalid_input` with the line. @see RFC 8259
 */
export function readJson(text: string): Located {
  const reader = new JsonReader(text)
  const document = reader.value(0)
  reader.end()
  return document
}

const space = /[ \t\r\n]*/y
const stringToken = /"(?:[^"\\]|\\.)*"/sy
const plainToken = /[^\s,:[\]{}"]+/y

class JsonReader {
  readonly #text: string
  #at = 0
  #line = 1
  #parts = 0

  constructor(text: string) {
    this.#text = text
    this.#skipSpace()
  }

  value(level: number): Located {
    const line = this.#line
    if (level > mostLevels) throw brokenFile(line, tooDeep)
    this.#parts += 1
    if (this.#parts > mostParts) throw brokenFile(line, tooMany)
    switch (this.#text[this.#at]) {
      case '{':
        return { line, kind: 'map', members: this.#members(level) }
      case '[':
        return { line, kind: 'list', items: this.#items(level) }
      case '"':
        return { line, kind: 'value', value: this.#string() }
      default:
        return { line, kind: 'value', value: this.#plain() }
    }
  }

  end(): void {
    if (this.#at < this.#text.length) throw this.#unexpected('the end of the file')
  }

  #members(level: number): ReadonlyMap<string, Member> {
    const members = new Map<string, Member>()
    this.#sequence('}', () => {
      const line = this.#line
      if (this.#text[this.#at] !== '"') throw this.#unexpected('a key in quotes')
      const key = this.#string()
      if (members.has(key)) throw brokenFile(line, `the key ${JSON.stringify(key)} stands twice`)
      this.#skipSpace()
      if (this.#text[this.#at] !== ':') throw this.#unexpected('a colon')
      this.#step()
      members.set(key, { line, value: this.value(level + 1) })
    })
    return members
  }

  #items(level: number): Located[] {
    const items: Located[] = []
    this.#sequence(']', () => items.push(this.value(level + 1)))
    return items
  }

  #sequence(close: string, readOne: () => void): void {
    this.#step()
    if (this.#text[this.#at] === close) {
      this.#step()
      return
    }
    for (;;) {
      readOne()
      this.#skipSpace()
      const next = this.#text[this.#at]
      if (next !== ',' && next !== close) throw this.#unexpected(`a comma or ${close}`)
      this.#step()
      if (next === close) return
    }
  }

  #string(): string {
    stringToken.lastIndex = this.#at
    const token = stringToken.exec(this.#text)?.[0]
    if (token === undefined) throw brokenFile(this.#line, 'the text that begins here has no closing quote')
    let value: string
    try {
      value = JSON.parse(token) as string
    } catch {
      throw brokenFile(this.#line, 'a text holds a line break, a control character or a wrong escape')
    }
    this.#at += token.length
    this.#skipSpace()
    return value
  }

  #plain(): number | boolean | null {
    plainToken.lastIndex = this.#at
    const token = plainToken.exec(this.#text)?.[0]
    if (token === undefined) throw this.#unexpected('a value')
    let value: unknown
    try {
      value = JSON.parse(token)
    } catch {
      throw brokenFile(this.#line, `${token.slice(0, 40)} is no JSON value`)
    }
    if (typeof value === 'number') soundNumber(value, token, this.#line)
    this.#at += token.length
    this.#skipSpace()
    return value as number | boolean | null
  }

  /** Over one character and the space behind it. */
  #step(): void {
    this.#at += 1
    this.#skipSpace()
  }

  #skipSpace(): void {
    space.lastIndex = this.#at
    const skipped = space.exec(this.#text)?.[0] ?? ''
    this.#line += skipped.split('\n').length - 1
    this.#at += skipped.length
  }

  #unexpected(wanted: string): Error {
    const found = this.#text[this.#at]
    return brokenFile(
      this.#line,
      `${wanted} is wanted here, not ${found === undefined ? 'the end of the file' : JSON.stringify(found)}`,
    )
  }
}

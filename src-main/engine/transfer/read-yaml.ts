import {
  Composer,
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  Lexer,
  LineCounter,
  Parser,
  type Document,
  type ParsedNode,
  type CST,
} from 'yaml'
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
 * Reads one YAML 1.2 document, core schema, with the line of every value. No anchors, aliases or tags: a configuration
 * needs none, and bombs are made of them. Depth and number of parts are bounded before anything recursive runs.
 *
 * @throws AppError `invalid_input` with the line
 */
export function readYaml(text: string): Located {
  const lines = new LineCounter()
  const tokens = boundedTokens(text, lines)
  // Keys are compared one by one when the library looks for doubles: that is done below.
  const composer = new Composer({ schema: 'core', uniqueKeys: false, strict: true, logLevel: 'silent' })
  const documents: Document.Parsed[] = []
  for (const document of composer.compose(tokens, true, text.length)) {
    documents.push(document)
    const [problem] = document.errors
    if (problem !== undefined) {
      throw brokenFile(lines.linePos(problem.pos[0]).line, sentenceOf(problem.message))
    }
    const second = documents[1]
    if (second !== undefined)
      throw brokenFile(lines.linePos(second.range[0]).line, 'a second document begins; one is wanted')
  }
  const root = documents[0]?.contents
  if (root === undefined || root === null) throw brokenFile(1, 'the file is empty')
  return new YamlTree(lines).node(root)
}

function boundedTokens(text: string, lines: LineCounter): CST.Token[] {
  const parser = new Parser(lines.addNewLine)
  lines.addNewLine(0)
  const tokens: CST.Token[] = []
  let parts = 0
  let offset = 0
  let isText = false
  for (const lexeme of new Lexer().lex(text)) {
    for (const token of parser.next(lexeme)) tokens.push(token)
    parts += 1
    let problem = isText ? null : problemOf(lexeme)
    if (parser.stack.length > mostLevels) problem = tooDeep
    else if (parts > mostParts) problem = tooMany
    if (problem !== null) throw brokenFile(lines.linePos(offset).line, problem)
    offset = parser.offset
    isText = lexeme === startOfText
  }
  for (const token of parser.end()) tokens.push(token)
  return tokens
}

/** The lexer's sign that the next lexeme is the text of a scalar, whatever it looks like. */
const startOfText = '\u001f'

/** Found in the lexemes already, as composing stops at each of them. */
function problemOf(lexeme: string): string | null {
  switch (lexeme[0]) {
    case '&':
      return 'anchors (&) are not used here'
    case '*':
      return 'aliases (*) are not used here; a text that begins with * needs quotes'
    case '!':
      return 'tags (!) are not used here; a text that begins with ! needs quotes'
    case "'":
      return isClosed(lexeme) ? null : openQuote
    case '"':
      if (!isClosed(lexeme)) return openQuote
      // The library would tell each of them, which takes minutes when they are millions.
      return lexeme.replace(escape, '').includes('\\') ? 'a text holds a wrong escape (\\)' : null
    default:
      return null
  }
}

const openQuote = 'the text that begins here has no closing quote'

function isClosed(lexeme: string): boolean {
  return lexeme.length > 1 && lexeme.at(-1) === lexeme[0]
}

/** @see YAML 1.2.2, 5.7 */
const escape =
  /\\(?:[0abtnvfre "/\\N_LP\t\r\n]|x[\dA-Fa-f]{2}|u[\dA-Fa-f]{4}|U(?:000[\dA-Fa-f]|0010)[\dA-Fa-f]{4})/g

/** The first line of what the library says, without the place that follows it. */
function sentenceOf(message: string): string {
  return (
    message
      .split('\n', 1)[0]
      ?.replace(/ at line \d+, column \d+:?$/, '')
      .replace(/\.$/, '') ?? message
  )
}

class YamlTree {
  readonly #lines: LineCounter

  constructor(lines: LineCounter) {
    this.#lines = lines
  }

  node(node: ParsedNode | null): Located {
    const line = node === null ? 1 : this.#lineOf(node)
    if (node === null) return { line, kind: 'value', value: null }
    if (isAlias(node)) throw brokenFile(line, 'aliases (*) are not used here')
    if (isSeq(node)) {
      return { line, kind: 'list', items: node.items.map((item) => this.node(item)) }
    }
    if (isMap(node)) return { line, kind: 'map', members: this.#members(node.items) }
    if (isScalar(node)) return { line, kind: 'value', value: this.#scalar(node.value, node.source, line) }
    throw brokenFile(line, 'this is nothing that a configuration can hold')
  }

  #members(pairs: readonly { readonly key: unknown; readonly value: unknown }[]): Map<string, Member> {
    const members = new Map<string, Member>()
    for (const { key, value } of pairs) {
      if (!isScalar(key))
        throw brokenFile(isNode(key) ? this.#lineOf(key as ParsedNode) : 1, 'a key must be text')
      const node = key as ParsedNode & { readonly source?: string; readonly value: unknown }
      const line = this.#lineOf(node)
      if (node.value === null) throw brokenFile(line, 'a key must be text')
      const name = typeof node.value === 'string' ? node.value : (node.source ?? '')
      if (members.has(name)) throw brokenFile(line, `the key ${JSON.stringify(name)} stands twice`)
      const member = value === null ? nothingAt(line) : this.node(value as ParsedNode)
      members.set(name, { line, value: member })
    }
    return members
  }

  #scalar(value: unknown, source: string | undefined, line: number): string | number | boolean | null {
    if (typeof value === 'number') return soundNumber(value, source ?? String(value), line)
    if (value === null || typeof value === 'string' || typeof value === 'boolean') return value
    throw brokenFile(line, 'this is nothing that a configuration can hold')
  }

  #lineOf(node: ParsedNode): number {
    return this.#lines.linePos(node.range[0]).line
  }
}

function nothingAt(line: number): Located {
  return { line, kind: 'value', value: null }
}

import type { JsonObject, JsonValue } from '../../src-shared/model/json.ts'

/** Where in JSON, which need not be whole yet, the cursor stands. */
export interface JsonPlace {
  readonly kind: 'name' | 'value'
  /** The names of the objects around it, and of the property whose value it is; array places as numbers. */
  readonly path: readonly (string | number)[]
  /** The token that is being written, or the cursor twice. */
  readonly from: number
  readonly to: number
  /** What the object around a name has already. */
  readonly names: ReadonlySet<string>
  readonly next: string | null
}

interface Frame {
  readonly kind: 'object' | 'array'
  readonly names: Set<string>
  key: string | number
  expects: 'name' | 'colon' | 'value' | 'comma'
}

interface Token {
  readonly text: string
  readonly from: number
}

/** null: nothing can be offered here. */
export function jsonPlaceAt(text: string, cursor: number): JsonPlace | null {
  const tokens = [...text.matchAll(/"(?:[^"\\\n]|\\.)*"?|[{}[\],:]|[^\s"{}[\],:]+/g)].map((match): Token => ({
    text: match[0],
    from: match.index,
  }))
  const stack: Frame[] = []
  let at = 0
  for (; at < tokens.length; at += 1) {
    const token = tokens[at]
    if (token === undefined || token.from + token.text.length >= cursor) break
    take(stack, token.text)
  }
  const under = tokens[at]
  const written = under !== undefined && under.from < cursor && !isMark(under.text) ? under : null
  if (under !== undefined && under.from < cursor && written === null) take(stack, under.text)
  const frame = stack.at(-1)
  if (frame === undefined || (frame.expects !== 'name' && frame.expects !== 'value')) return null
  const rest = tokens.slice(under !== undefined && under.from < cursor ? at + 1 : at)
  const end = written === null ? cursor : written.from + written.text.length
  // Behind its closing quote a string is whole.
  if (written !== null && end === cursor && isClosed(written.text)) return null
  return {
    kind: frame.expects,
    path: [...stack.slice(0, -1).map(({ key }) => key), ...(frame.expects === 'value' ? [frame.key] : [])],
    from: written?.from ?? cursor,
    to: written !== null && isClosed(written.text) ? end : cursor,
    names: new Set([...frame.names, ...namesIn(rest)]),
    next: rest[0]?.text ?? null,
  }
}

const isMark = (token: string): boolean => /^[{}[\],:]$/.test(token)
const isClosed = (token: string): boolean => /^".*"$/.test(token) && token.length > 1

function take(stack: Frame[], token: string): void {
  const frame = stack.at(-1)
  if (token === '{') stack.push({ kind: 'object', names: new Set(), key: '', expects: 'name' })
  else if (token === '[') stack.push({ kind: 'array', names: new Set(), key: 0, expects: 'value' })
  else if (token === '}' || token === ']') {
    stack.pop()
    const around = stack.at(-1)
    if (around !== undefined) around.expects = 'comma'
  } else if (frame === undefined) return
  else if (token === ',') {
    frame.expects = frame.kind === 'object' ? 'name' : 'value'
    if (typeof frame.key === 'number') frame.key += 1
  } else if (token === ':') frame.expects = 'value'
  else if (frame.kind === 'object' && frame.expects === 'name') {
    frame.key = nameOf(token)
    frame.names.add(frame.key)
    frame.expects = 'colon'
  } else frame.expects = 'comma'
}

/** The names that follow in the same object. */
function namesIn(rest: readonly Token[]): readonly string[] {
  const names: string[] = []
  let depth = 0
  for (const [index, { text }] of rest.entries()) {
    if (text === '{' || text === '[') depth += 1
    else if (text === '}' || text === ']') depth -= 1
    if (depth < 0) break
    if (depth === 0 && rest[index + 1]?.text === ':') names.push(nameOf(text))
  }
  return names
}

function nameOf(token: string): string {
  try {
    return String(JSON.parse(token))
  } catch {
    return token.replaceAll('"', '')
  }
}

/** What a sample has at a path; of an array's items the first stands for all. */
export function sampleAt(sample: JsonObject, path: readonly (string | number)[]): JsonValue | undefined {
  let value: JsonValue | undefined = sample
  for (const step of path) {
    if (Array.isArray(value)) value = value[0]
    else if (typeof value === 'object' && value !== null && Object.hasOwn(value, step)) value = value[step]
    else return undefined
  }
  return value
}

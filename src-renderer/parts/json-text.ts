import type { JsonObject } from '../../src-shared/model/json.ts'

/**
 * JSON with line breaks and indentation. Works on the text: numbers, escapes and double keys stay as they were sent.
 * @returns null when it is no JSON
 */
export function indentJson(text: string): string | null {
  try {
    JSON.parse(text)
  } catch {
    return null
  }
  const parts: string[] = []
  let depth = 0
  const newLine = (): void => void parts.push('\n', '  '.repeat(depth))
  for (const match of text.matchAll(/"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s"{}[\],:]+/g)) {
    const [token] = match
    if (token === '{' || token === '[') {
      const close = /^\s*[}\]]/.exec(text.slice(match.index + 1, match.index + 200))
      parts.push(token)
      depth += 1
      if (close === null) newLine()
    } else if (token === '}' || token === ']') {
      depth -= 1
      const before = parts.at(-1)
      if (before !== '{' && before !== '[') newLine()
      parts.push(token)
    } else if (token === ',') {
      parts.push(token)
      newLine()
    } else parts.push(token === ':' ? ': ' : token)
  }
  return parts.join('')
}

/** The object that the text is, or null. */
export function parseObject(text: string): JsonObject | null {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : null
  } catch {
    return null
  }
}

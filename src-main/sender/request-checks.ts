import type { Header } from '../../src-shared/model/header.ts'
import type { SendError } from '../engine/ports.ts'

/** What cannot be sent is refused here, before a connection is made. */

const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/
// Bytes that may stand in a header: a tab, ASCII without control characters, and latin-1 above it.
const notInValue = /[^\t\x20-\x7e\x80-\xff]/

/** Headers that belong to the connection or the framing, which the sender makes itself. */
const ownHeaders = new Set(['host', 'connection', 'content-length', 'transfer-encoding'])
/** Headers that ask for what the sender doesn't do. */
const unsupportedHeaders = new Set(['expect', 'keep-alive', 'upgrade'])

function refused(message: string): SendError {
  return { code: 'invalid_request', message }
}

// A length is compared before a name is lower-cased: most headers are none of these.
const watchedLengths = new Set([...ownHeaders, ...unsupportedHeaders].map((name) => name.length))

function headerProblem(name: string, value: string): SendError | null {
  if (!token.test(name)) {
    return refused(
      `The header name ${JSON.stringify(name)} is not valid: only letters, digits and a few signs are.`,
    )
  }
  if (notInValue.test(value)) {
    return refused(
      `The header ${name} has a line break, another control character or a letter beyond latin-1 in its value. Check the values that its template takes.`,
    )
  }
  if (!watchedLengths.has(name.length)) return null
  const lower = name.toLowerCase()
  if (ownHeaders.has(lower)) return refused(`The header ${name} is made by Hookbench itself. Take it out.`)
  if (unsupportedHeaders.has(lower)) return refused(`The header ${name} cannot be sent. Take it out.`)
  return null
}

/** Why this request can't be sent, or null. */
export function requestProblem(method: string, headers: readonly Header[]): SendError | null {
  if (!token.test(method))
    return refused('The method is not valid: only letters, digits and a few signs are.')
  if (method.toUpperCase() === 'CONNECT') return refused('The method CONNECT cannot be sent. Choose another.')
  for (const [name, value] of headers) {
    const problem = headerProblem(name, value)
    if (problem !== null) return problem
  }
  return null
}

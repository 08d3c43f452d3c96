import type { z } from 'zod'

/** What is wrong with a value, in words that stand behind its name: `timeout_seconds: must be at most 120`. */
export function messageOf(issue: z.core.$ZodRawIssue): string | undefined {
  switch (issue.code) {
    case 'invalid_type':
      return issue.input === undefined ? 'is missing' : `must be ${kinds[issue.expected] ?? issue.expected}`
    case 'invalid_value':
      return `must be ${issue.values.length === 1 ? '' : 'one of '}${issue.values.map(String).join(', ')}`
    case 'too_big':
      return tooBig(issue)
    case 'too_small':
      return tooSmall(issue)
    case 'invalid_format':
      return formats[issue.format]
    case 'invalid_union':
      return 'has not the right form'
    default:
      // Custom rules bring their own words.
      return undefined
  }
}

const kinds: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  record: 'an object',
  null: 'null',
}

const formats: Readonly<Record<string, string>> = {
  datetime: 'must be a time in UTC, like 2026-04-22T18:30:00Z',
  base64: 'must be base64',
}

type TooBig = Pick<z.core.$ZodIssueTooBig, 'origin' | 'maximum'> & {
  readonly inclusive?: boolean | undefined
}
type TooSmall = Pick<z.core.$ZodIssueTooSmall, 'origin' | 'minimum'> & {
  readonly inclusive?: boolean | undefined
}

function tooBig({ origin, maximum, inclusive }: TooBig): string {
  if (origin === 'string') return `must not be longer than ${maximum} characters`
  if (origin === 'array') return `must not have more than ${maximum} entries`
  return inclusive === false ? `must be less than ${maximum}` : `must be at most ${maximum}`
}

function tooSmall({ origin, minimum, inclusive }: TooSmall): string {
  if (origin === 'string')
    return minimum === 1 ? 'must not be empty' : `must have at least ${minimum} characters`
  if (origin === 'array') return minimum === 1 ? 'must not be empty' : `must have at least ${minimum} entries`
  return inclusive === false ? `must be more than ${minimum}` : `must be at least ${minimum}`
}

import { z } from 'zod'
import { AppError, invalidInput, sentenceOfFields, type FieldError } from '../errors.ts'
import type { Transport } from './client.ts'
import { contract, type Handlers } from './contract.ts'
import type { Cancellation } from './operation.ts'
import { messageOf } from './input-messages.ts'

/** Parses an operation's input. @throws AppError `invalid_input`, naming the fields */
export function parseInput(schema: z.ZodType, input: unknown): unknown {
  const parsed = strict(schema).safeParse(input, { error: messageOf })
  if (parsed.success) return parsed.data
  const fields = parsed.error.issues.flatMap((issue) => fieldErrors(issue, []))
  throw invalidInput(sentenceOfFields(fields), fields)
}

/** Of a choice between forms, what is wrong with the form that was meant: the one whose kind of value it is. */
function fieldErrors(issue: z.core.$ZodIssue, within: readonly PropertyKey[]): FieldError[] {
  const path = [...within, ...issue.path]
  if (issue.code === 'invalid_union') {
    const meant = issue.errors.find((branch) => !branch.some(isWrongKind))
    if (meant !== undefined) return meant.flatMap((inner) => fieldErrors(inner, path))
  }
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({ path: [...path, key].join('.'), message: 'is not known here' }))
  }
  return [{ path: path.join('.'), message: issue.message }]
}

const isWrongKind = (issue: z.core.$ZodIssue): boolean =>
  issue.code === 'invalid_type' && issue.path.length === 0

const stricter = new WeakMap<z.ZodType, z.ZodType>()

/** A field that no operation knows is a mistake of the caller's, not something to drop silently. */
function strict(schema: z.ZodType): z.ZodType {
  let known = stricter.get(schema)
  if (known === undefined) {
    known = schema instanceof z.ZodObject ? schema.strict() : schema
    stricter.set(schema, known)
  }
  return known
}

/** Calls handlers in the same process, with the parsing that every transport does. */
export function createLocalTransport(handlers: Handlers): Transport {
  return async (name, input, cancelled) => {
    if (!Object.hasOwn(contract, name)) throw new AppError('route_not_found', { method: 'call', path: name })
    const handle = handlers[name] as (input: unknown, cancelled?: Cancellation) => Promise<unknown>
    return handle(parseInput(contract[name].input, input), cancelled)
  }
}

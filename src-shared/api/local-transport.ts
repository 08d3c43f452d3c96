import { z } from 'zod'
import { AppError, invalidInput } from '../errors.ts'
import type { Transport } from './client.ts'
import { contract, type Handlers } from './contract.ts'

/** Parses an operation's input. @throws AppError `invalid_input`, naming the fields */
export function parseInput(schema: z.ZodType, input: unknown): unknown {
  const parsed = strict(schema).safeParse(input)
  if (parsed.success) return parsed.data
  const fields = parsed.error.issues.map((issue) => ({ path: issue.path.join('.'), message: issue.message }))
  const sentence = fields
    .map(({ path, message }) => (path === '' ? message : `${path}: ${message}`))
    .join('; ')
  throw invalidInput(sentence, fields)
}

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
  return async (name, input) => {
    if (!Object.hasOwn(contract, name)) throw new AppError('route_not_found', { method: 'call', path: name })
    const handle = handlers[name] as (input: unknown) => Promise<unknown>
    return handle(parseInput(contract[name].input, input))
  }
}

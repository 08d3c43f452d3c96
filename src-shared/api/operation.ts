import { z } from 'zod'

/**
 * The shape of the contract's entries. An operation's input is one object: over HTTP its fields travel in the path,
 * the query (GET, DELETE) or the JSON body (POST, PATCH).
 */

export type HttpMethod = 'GET' | 'POST' | 'PATCH' | 'DELETE'

export interface Operation<Input extends z.ZodType = z.ZodType, Output extends z.ZodType = z.ZodType> {
  readonly method: HttpMethod
  /** Below /api/v1, parameters as `:name`. */
  readonly path: string
  readonly summary: string
  readonly input: Input
  readonly output: Output
  /** Status of success. */
  readonly status: number
}

export function operation<Input extends z.ZodType, Output extends z.ZodType>(
  entry: Omit<Operation<Input, Output>, 'status'> & { status?: number },
): Operation<Input, Output> {
  return { status: 200, ...entry }
}

/** Input of an operation, as a caller gives it. */
export type InputOf<O extends Operation> = z.input<O['input']>
/** Input of an operation, as its handler gets it. */
export type ParsedInputOf<O extends Operation> = z.output<O['input']>
export type OutputOf<O extends Operation> = z.output<O['output']>

/** The names of a path's parameters. */
export function pathParameters(path: string): string[] {
  return [...path.matchAll(/:([a-z_]+)/g)].map((match) => match[1] ?? '')
}

// Query values are text; callers inside the program pass numbers and booleans.
const wholeNumber = z.union([
  z.number(),
  z
    .string()
    .regex(/^-?\d{1,15}$/, 'must be a whole number')
    .transform(Number),
])

/** A page of a list: `limit` 1 to 500, `cursor` from the page before. */
export const pageInput = {
  cursor: z.string().max(200).optional(),
  limit: wholeNumber
    .pipe(z.number().int().min(1, 'must be at least 1').max(500, 'must be at most 500'))
    .default(50),
}

export const queryBoolean = z.union([
  z.boolean(),
  z.enum(['true', 'false']).transform((text) => text === 'true'),
])

/** A list in a query: one value, several, or several joined by commas. */
export function queryList<T extends z.ZodType<unknown, string>>(item: T) {
  return z
    .union([
      z.string().transform((text) => text.split(',').filter((part) => part !== '')),
      z.array(z.string()),
    ])
    .pipe(z.array(item))
}

export function pageOf<T extends z.ZodType>(item: T) {
  return z.object({ items: z.array(item), next_cursor: z.string().nullable() })
}

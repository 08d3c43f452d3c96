import { z } from 'zod'
import { instantSchema } from '../model/ids.ts'

/**
 * The shape of the contract's entries. An operation's input is one object: over HTTP its fields travel in the path,
 * in a header, in the query (GET, DELETE) or in the JSON body (POST, PATCH).
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
  /** Fields of the input that travel in a header over HTTP, each with that header's name. */
  readonly headers: Readonly<Record<string, string>>
}

export function operation<Input extends z.ZodType, Output extends z.ZodType>(
  entry: Omit<Operation<Input, Output>, 'status' | 'headers'> &
    Partial<Pick<Operation<Input, Output>, 'status' | 'headers'>>,
): Operation<Input, Output> {
  return { status: 200, headers: {}, ...entry }
}

/** Output of an operation that answers with a document of its own media type instead of JSON. */
export const contentSchema = z.object({
  media_type: z.string(),
  /** For saving it; null: it is only looked at. */
  file_name: z.string().nullable(),
  bytes: z.instanceof(Uint8Array<ArrayBufferLike>),
  /** Where `bytes` begin in the whole, and how long that is. */
  offset: z.number().int(),
  total_bytes: z.number().int(),
})
export type Content = z.infer<typeof contentSchema>

/** True for an operation whose answer is {@link Content}. */
export function answersContent(entry: Operation): boolean {
  return entry.output === contentSchema
}

/** Input or output of operations that need or tell nothing. */
export const nothing = z.object({})

/** Whether an answer is still wanted: an AbortSignal, as far as it is needed here. */
export interface Cancellation {
  readonly aborted: boolean
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
  const split = z.string().transform((text) => text.split(',').filter((part) => part !== ''))
  return z.union([split.pipe(z.array(item)), z.array(item)])
}

export function pageOf<T extends z.ZodType>(item: T) {
  return z.object({ items: z.array(item), next_cursor: z.string().nullable() })
}

/** Created at or after `since` and before `until`. */
export const timeRange = { since: instantSchema.optional(), until: instantSchema.optional() }

/** Ids that one request may name: more would not fit into a query. */
const mostIds = 300

export function idList<T extends z.ZodType<unknown, string>>(id: T) {
  return queryList(id).refine((ids) => ids.length <= mostIds, `must not name more than ${mostIds}`)
}

/** A full-text search: words are beginnings of words, all must be found; words in quotes stand for themselves. */
export const searchInput = z.string().min(1).max(200).optional()

/** A part of a document. @see RFC 9110, 14.2 */
export const rangeInput = z
  .string()
  .regex(/^bytes=(\d{1,15}-(\d{1,15})?|-\d{1,15})$/, 'must be one range of bytes, like bytes=0-1023')
  .optional()

/** What a removal by filter tells; `undo_token` brings everything back within a minute. */
export const removedSchema = z.object({
  removed: z.number().int(),
  /** Matched, but is just being sent. */
  skipped: z.number().int(),
  undo_token: z.string(),
  undo_until: instantSchema,
})

/** A caller's name for a request, so that repeating it does nothing twice. */
export const idempotencyKeyInput = z.string().min(1).max(200).optional()

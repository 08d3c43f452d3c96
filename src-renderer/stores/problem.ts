import { AppError, type FieldError } from '../../src-shared/errors.ts'

/** What went wrong, as a sentence that says what to do. */
export function sentenceOf(error: unknown): string {
  if (error instanceof AppError && error.code === 'unauthorized')
    return 'Hookbench was started anew. Open it again with `hookbench open`; this page goes on by itself then.'
  if (error instanceof AppError) return error.message
  return 'Hookbench does not answer: is it still running?'
}

/** The fields that an error is about. */
export function fieldsOf(error: unknown): readonly FieldError[] {
  return error instanceof AppError ? error.fields : []
}

/** What is wrong with fields, by their path in the contract's input. */
export type Wrong = Readonly<Record<string, string>>

/** An error where it belongs in a form. */
export interface PlacedError {
  readonly wrong: Wrong
  /** What belongs to no field of the form; null: nothing. */
  readonly above: string | null
}

export const nothingWrong: PlacedError = { wrong: {}, above: null }

/**
 * Divides an error among the fields of a form. What concerns a part of a field (`answer.headers.1` of `answer.headers`)
 * stands under both paths.
 * @param fields paths in the contract's input that the form has fields for
 */
export function placeError(error: unknown, fields: readonly string[]): PlacedError {
  const about = fieldsOf(error)
  const wrong: Record<string, string> = {}
  const homeless: FieldError[] = []
  for (const each of about) {
    const field = fields.find((name) => each.path === name || each.path.startsWith(`${name}.`))
    if (field === undefined) homeless.push(each)
    else {
      wrong[each.path] ??= capital(each.message)
      wrong[field] ??= capital(each.message)
    }
  }
  if (about.length === 0) return { wrong, above: sentenceOf(error) }
  if (homeless.length === 0) return { wrong, above: null }
  // Other errors say what they mean in a sentence of their own; of invalid input that is made of paths.
  const invalid = error instanceof AppError && error.code === 'invalid_input'
  return { wrong, above: invalid ? homeless.map(inWords).join(' ') : sentenceOf(error) }
}

/** `retention.max_age_days` and `must be at most 3650` → `Max age days must be at most 3650.` */
function inWords({ path, message }: FieldError): string {
  const name = path.split('.').findLast((part) => !/^\d*$/.test(part)) ?? ''
  const text = name === '' ? message : `${name.replaceAll('_', ' ')} ${message}`
  return `${capital(text)}${/[.!?]$/.test(text) ? '' : '.'}`
}

/** A message that begins with a word begins a sentence; a name stays as it is written. */
export function capital(message: string): string {
  return /^[a-z]+ /.test(message) ? message.charAt(0).toUpperCase() + message.slice(1) : message
}

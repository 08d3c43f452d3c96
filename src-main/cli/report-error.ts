import type { CommanderError } from 'commander'
import { AppError, invalidInput, type Problem } from '../../src-shared/errors.ts'
import { sentenceForUser, type FieldNames } from './field-names.ts'
import { visible, type Output } from './output.ts'

/**
 * How an error is said, on stderr: as one or two lines that say what to do, or with --json as one line with the
 * RFC 9457 problem that the API would answer. Its `detail` is the sentence of the text, its `errors` name the API's
 * fields.
 */
export function reportError(
  error: unknown,
  output: Pick<Output, 'json' | 'note'>,
  { verbose, fieldNames }: { readonly verbose: boolean; readonly fieldNames: FieldNames },
): void {
  const stack = verbose && error instanceof Error ? error.stack : undefined
  if (output.json) {
    output.note(
      JSON.stringify({ ...problemOf(error, fieldNames), ...(stack === undefined ? {} : { stack }) }),
    )
    return
  }
  output.note(`hookbench: ${visible(problemOf(error, fieldNames).detail)}`)
  if (stack !== undefined) output.note(stack)
  else if (!(error instanceof AppError))
    output.note('Run it again with --verbose for the details, and report it.')
}

function problemOf(error: unknown, fieldNames: FieldNames): Problem {
  if (error instanceof AppError) return { ...error.toProblem(), detail: sentenceForUser(error, fieldNames) }
  const message = error instanceof Error ? error.message : String(error)
  return { ...new AppError('internal').toProblem(), detail: `something broke: ${message}` }
}

/** Wrong usage as commander finds it, as one of our own errors. */
export function usageError(error: CommanderError): AppError {
  if (error.code === 'commander.help')
    return invalidInput('A command is wanted; the same with --help lists them.')
  return invalidInput(error.message.replace(/^error: /, '').replaceAll('\n', ' '))
}

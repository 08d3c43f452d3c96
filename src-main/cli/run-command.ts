import type { Command } from 'commander'
import { exitCodeOf, exitCodes } from './exit-codes.ts'
import type { FieldNames } from './field-names.ts'
import { createOutput, type Output } from './output.ts'
import { reportError } from './report-error.ts'
import { withSession, type GlobalOptions, type Session } from './session.ts'

/** What a command gets. `options` holds its own options and the global ones. */
export interface CommandContext<Options> {
  readonly options: Options & GlobalOptions
  readonly output: Output
  readonly session: <T>(
    work: (session: Session) => Promise<T>,
    settings?: { readonly dispatch: boolean },
  ) => Promise<T>
}

/**
 * Sets the exit code by what `work` returns (default 0) or throws, and says what went wrong.
 * @param fieldNames what this command calls fields of the API, where that isn't the usual name
 */
export function action<Options>(
  work: (context: CommandContext<Options>, ...operands: string[]) => Promise<number | void>,
  fieldNames: FieldNames = {},
): (...given: unknown[]) => Promise<void> {
  return async (...given) => {
    const command = given.at(-1) as Command
    const operands = given
      .slice(0, -2)
      .flat()
      .filter((operand) => operand !== undefined) as string[]
    const options: Options & GlobalOptions = command.optsWithGlobals()
    const output = createOutput(options.json ?? false, process.stdout, process.stderr)
    const context: CommandContext<Options> = {
      options,
      output,
      session: (inSession, settings) => withSession(options, output, inSession, settings?.dispatch ?? false),
    }
    try {
      process.exitCode = (await work(context, ...operands)) ?? exitCodes.fine
    } catch (error) {
      reportError(error, output, { verbose: options.verbose ?? false, fieldNames })
      process.exitCode = exitCodeOf(error)
    }
  }
}

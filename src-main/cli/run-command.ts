import type { Command } from 'commander'
import { AppError } from '../../src-shared/errors.ts'
import { exitCodeOf, exitCodes } from './exit-codes.ts'
import { createOutput, visible, type Output } from './output.ts'
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

/** Sets the exit code by what `work` returns (default 0) or throws, and prints errors as one or two lines. */
export function action<Options>(
  work: (context: CommandContext<Options>, ...operands: string[]) => Promise<number | void>,
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
      printError(error, output, options.verbose ?? false)
      process.exitCode = exitCodeOf(error)
    }
  }
}

function printError(error: unknown, output: Output, verbose: boolean): void {
  const message = error instanceof Error ? error.message : String(error)
  const lead = error instanceof AppError ? 'hookbench: ' : 'hookbench: something broke: '
  output.note(lead + visible(message))
  if (verbose && error instanceof Error && error.stack !== undefined) output.note(error.stack)
  else if (!(error instanceof AppError))
    output.note('Run it again with --verbose for the details, and report it.')
}

import { Command, CommanderError } from 'commander'
import { addCaptures } from './commands/captures.ts'
import { addCatalogue } from './commands/catalogue.ts'
import { addContacts } from './commands/contacts.ts'
import { addDeliveries } from './commands/deliveries.ts'
import { addDestinations } from './commands/destinations.ts'
import { addDoctor } from './commands/doctor.ts'
import { addEndpoints } from './commands/endpoints.ts'
import { addExport } from './commands/export.ts'
import { addImport } from './commands/import.ts'
import { addListen } from './commands/listen.ts'
import { addOpen } from './commands/open.ts'
import { addReplay } from './commands/replay.ts'
import { addReplays } from './commands/replays.ts'
import { addSend } from './commands/send.ts'
import { addSending } from './commands/sending.ts'
import { addServe } from './commands/serve.ts'
import { addSnippet } from './commands/snippet.ts'
import { addSubscriptions } from './commands/subscriptions.ts'
import { addTrigger } from './commands/trigger.ts'
import { addUndo } from './commands/undo.ts'
import { addVerify } from './commands/verify.ts'
import { addWorkspaces } from './commands/workspaces.ts'
import { version } from '../environment.ts'
import { exitCodes } from './exit-codes.ts'
import { createOutput } from './output.ts'
import { reportError, usageError } from './report-error.ts'

/** As commander may have stopped before it came to this option. */
const json = process.argv.includes('--json')

/** The command line's entry. @see interface.md for what scripts rely on. */
function createProgram(): Command {
  const program = new Command('hookbench')
    .description('A bench for webhook integrations: sends like the provider, captures to the byte, verifies.')
    .version(version)
    .option('--json', 'machine-readable output on stdout, errors on stderr')
    .option(
      '--data-dir <folder>',
      "where the data is kept (HOOKBENCH_DATA_DIR; default: the platform's user-data folder)",
    )
    .option('--verbose', 'show stack traces of errors')
    .showSuggestionAfterError()
    .exitOverride()
    .configureOutput({
      outputError: (text, write) => write(`hookbench: ${text.replace(/^error: /, '')}`),
      ...(json ? { writeErr: () => undefined } : {}),
    })
  for (const add of [addServe, addListen, addSend, addTrigger, addReplay, addVerify, addOpen, addUndo])
    add(program)
  for (const add of [addDeliveries, addCaptures, addReplays, addWorkspaces, addContacts, addDestinations])
    add(program)
  for (const add of [
    addSubscriptions,
    addEndpoints,
    addCatalogue,
    addSnippet,
    addDoctor,
    addExport,
    addImport,
    addSending,
  ])
    add(program)
  return program
}

/** Resolves once everything written so far has reached the system (or its reader has gone). */
const flushed = (stream: NodeJS.WriteStream): Promise<void> =>
  new Promise((resolve) => stream.write('', () => resolve()))

// With an empty event loop Node waits for V8's background work (the compiling of sql.js) before it goes on, and the
// Node in Electron 33 then waits for good at times. So the loop is never empty, and the end is said.
const busy = setInterval(() => undefined, 60_000)
try {
  // commander would count the arguments differently under Electron's Node.
  await createProgram().parseAsync(process.argv, { from: 'node' })
} catch (error) {
  if (!(error instanceof CommanderError)) throw error
  // commander has said what is wrong; help and version end as errors too, with code 0.
  process.exitCode = error.exitCode === 0 ? exitCodes.fine : exitCodes.invalid
  if (json && error.exitCode !== 0) {
    const output = createOutput(json, process.stdout, process.stderr)
    reportError(usageError(error), output, { verbose: false, fieldNames: {} })
  }
} finally {
  clearInterval(busy)
}
await Promise.all([flushed(process.stdout), flushed(process.stderr)])
process.exit()

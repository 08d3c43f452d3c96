import { existsSync } from 'node:fs'
import type { Command } from 'commander'
import { createClient } from '../../../src-shared/api/client.ts'
import { createLocalTransport } from '../../../src-shared/api/local-transport.ts'
import { AppError } from '../../../src-shared/errors.ts'
import { tryPort } from '../../api/port.ts'
import { dataFolder } from '../../data-folder.ts'
import { compactionWorkerUrl, uiFolder, version } from '../../environment.ts'
import { exitCodes } from '../exit-codes.ts'
import { checkHost, wholeNumber } from '../inputs.ts'
import { openInBrowser } from '../open-in-browser.ts'
import { tellPaused } from '../paused.ts'
import { action } from '../run-command.ts'
import { untilSignal } from '../signals.ts'

interface ServeOptions {
  readonly port?: number
  readonly capturePort?: number
  readonly host: string
  readonly exposeToNetwork?: boolean
  readonly open?: boolean
}

export function addServe(program: Command): void {
  program
    .command('serve')
    .description('run dispatcher, receiver, API and web UI until stopped')
    .option(
      '--port <port>',
      'of API and UI; 0 takes any free one (default: as in the settings, else 4747)',
      wholeNumber(0, 65535),
    )
    .option(
      '--capture-port <port>',
      'of the receiver; 0 takes any free one. When it is taken, API and UI run without a receiver and say so (default: as in the settings, else 4848)',
      wholeNumber(0, 65535),
    )
    .option('--host <address>', 'to listen on', '127.0.0.1')
    .option('--expose-to-network', 'needed for a --host beyond loopback: others can then reach this machine')
    .option('--open', 'open the UI in the browser')
    .action(
      action<ServeOptions>(async ({ options, output }) => {
        const { host, port = { unlessSet: 4747 }, capturePort = { unlessSet: 4848 } } = options
        if (!checkHost(host, options.exposeToNetwork)) {
          output.note(
            `Warning: API and receiver listen on ${host}; whoever reaches this machine can reach them. The token is still needed.`,
          )
        }
        const stopped = untilSignal()
        const folder = dataFolder(options.dataDir, process.env)
        // A port that is taken leaves no new folder behind; of an old one the settings know the port.
        if (!existsSync(folder)) await tryPort(host, typeof port === 'number' ? port : port.unlessSet)
        const { startHost } = await import('../../host.ts')
        const running = await startHost({
          folder,
          version,
          command: 'hookbench serve',
          api: { host, port, uiFolder: uiFolder() },
          capture: { host, port: capturePort },
          dispatch: true,
          compactionWorker: compactionWorkerUrl,
          environment: process.env,
          log: (line) => output.note(line),
        })
        const { api, receiver } = running
        if (api === null) throw new AppError('internal')
        output.event(
          {
            event: 'ready',
            api: api.url,
            capture: receiver.url,
            token: api.token,
            problem: receiver.problem,
          },
          [
            `Hookbench ${version}`,
            `  UI        ${api.loginLink()}`,
            `            (good once, for a minute; \`hookbench open\` makes another)`,
            `  API       ${api.url}/api/v1`,
            receiver.url === null
              ? `  Receiver  not listening: ${receiver.problem}`
              : `  Receiver  ${receiver.url}/in/<endpoint>`,
            `  Data      ${folder}`,
            'Ctrl+C stops it.',
          ],
        )
        await tellPaused(
          { client: createClient(createLocalTransport(running.handlers)), attached: true },
          false,
          (line) => output.note(line),
        )
        if (options.open === true) openInBrowser(api.loginLink())
        await stopped
        output.note('Stopping: finishing what is under way …')
        await running.stop()
        return exitCodes.fine
      }),
    )
}

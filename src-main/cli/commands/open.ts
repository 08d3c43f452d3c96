import type { Command } from 'commander'
import { AppError, invalidInput } from '../../../src-shared/errors.ts'
import { dataFolder } from '../../data-folder.ts'
import { openInBrowser } from '../open-in-browser.ts'
import { action } from '../run-command.ts'
import { runningInstance } from '../session.ts'

export function addOpen(program: Command): void {
  program
    .command('open')
    .description('open the UI of the running instance with a fresh one-time link')
    .option('--print', 'only print the link')
    .action(
      action<{ print?: boolean }>(async ({ options, output }) => {
        const instance = await runningInstance(dataFolder(options.dataDir, process.env))
        if (instance === null)
          throw invalidInput('Nothing is running on this data folder; start `hookbench serve` first.')
        const response = await fetch(`${instance.api}/session/links`, {
          method: 'POST',
          headers: { authorization: `Bearer ${instance.token}`, 'content-type': 'application/json' },
          body: '{}',
        }).catch((cause: unknown) => {
          throw new AppError('instance_unreachable', { pid: instance.pid, reason: String(cause) }, { cause })
        })
        if (!response.ok)
          throw new AppError('instance_unreachable', {
            pid: instance.pid,
            reason: `it answered ${response.status}`,
          })
        const { url } = (await response.json()) as { url: string }
        if (options.print !== true) openInBrowser(url)
        output.result({ url }, [url])
      }),
    )
}

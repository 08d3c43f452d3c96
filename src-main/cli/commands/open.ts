import type { Command } from 'commander'
import { invalidInput } from '../../../src-shared/errors.ts'
import { dataFolder } from '../../data-folder.ts'
import { requestLoginLink, runningInstance } from '../../running-instance.ts'
import { openInBrowser } from '../open-in-browser.ts'
import { action } from '../run-command.ts'

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
        const url = await requestLoginLink(instance)
        if (options.print !== true) openInBrowser(url)
        output.result({ url }, [url])
      }),
    )
}

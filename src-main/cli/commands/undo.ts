import type { Command } from 'commander'
import { action } from '../run-command.ts'
import { plural } from '../text.ts'

export function addUndo(program: Command): void {
  program
    .command('undo <token>')
    .description('bring back what `deliveries rm` or `captures rm` removed, within a minute of it')
    .action(
      action(async ({ output, session }, token = '') => {
        const undone = await session(({ client }) => client.call('undo.run', { token }))
        output.result(undone, [`${plural(undone.restored, 'row')} brought back`])
      }),
    )
}

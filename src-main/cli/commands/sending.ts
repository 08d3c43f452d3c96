import type { Command } from 'commander'
import { action } from '../run-command.ts'
import { plural } from '../text.ts'

/** The pause of everything, as the app's tray and the UI have it: what is accepted meanwhile waits. */
export function addSending(program: Command): void {
  program
    .command('pause')
    .description('hold all sending; what is made meanwhile waits, also after a restart')
    .action(setPaused(true))
  program.command('resume').description('send again, what has waited first').action(setPaused(false))
}

function setPaused(paused: boolean): (...given: unknown[]) => Promise<void> {
  return action(async ({ output, session }) => {
    const waiting = await session(async ({ client, attached }) => {
      await client.call('settings.change', { sending_paused: paused })
      // Without a dispatcher nothing is queued: whoever sends next counts it.
      return attached ? (await client.call('health.get', {})).dispatcher.waiting : null
    })
    const queue = waiting === null ? '' : `; ${plural(waiting, 'delivery')} waiting`
    output.result({ sending_paused: paused, waiting }, [
      `${paused ? 'Sending is paused' : 'Sending goes on'}${queue}`,
    ])
  })
}

import type { Command } from 'commander'
import { replayIdSchema } from '../../../src-shared/model/ids.ts'
import type { ReplayView } from '../../../src-shared/model/replay.ts'
import { idFrom } from '../choose.ts'
import { wholeNumber } from '../inputs.ts'
import { table, visible } from '../output.ts'
import { action } from '../run-command.ts'
import { nextPageLines, plural } from '../text.ts'

const replayId = idFrom(replayIdSchema, 'replay_not_found')

export function addReplays(program: Command): void {
  const group = program.command('replays').description('replays and how far they have come')
  group
    .command('ls')
    .description('list them, newest first')
    .option('--limit <n>', 'how many', wholeNumber(1, 500), 50)
    .option('--cursor <cursor>', 'from the page before')
    .action(
      action<{ limit: number; cursor?: string }>(async ({ options, output, session }) => {
        const { limit, cursor } = options
        const page = await session(({ client }) => client.call('replays.list', { limit, cursor }))
        const rows = page.items.map((replay) => [
          replay.id,
          replay.status,
          progress(replay),
          replay.mode,
          goal(replay),
          replay.created_at,
        ])
        const header = ['ID', 'STATUS', 'DONE', 'MODE', 'TO', 'MADE']
        output.result(page, [...table(header, rows, 'There is no replay.'), ...nextPageLines(page)])
      }),
    )
  group
    .command('show <id>')
    .description('how far one has come')
    .action(
      action(async ({ output, session }, wanted = '') => {
        const replay = await session(({ client }) => client.call('replays.get', { id: replayId(wanted) }))
        output.result(replay, replayLines(replay))
      }),
    )
  group
    .command('cancel <id>')
    .description('end what waits; what is being sent ends by itself')
    .action(
      action(async ({ output, session }, wanted = '') => {
        const replay = await session(({ client }) => client.call('replays.cancel', { id: replayId(wanted) }))
        output.result(replay, replayLines(replay))
      }),
    )
}

const progress = ({ total, waiting }: ReplayView): string => `${total - waiting} of ${total}`

function goal({ to }: ReplayView): string {
  return 'url' in to ? to.url : `destination ${to.destination_id}`
}

function replayLines(replay: ReplayView): string[] {
  const { id, status, mode, succeeded, failed, cancelled, waiting } = replay
  const counts = [
    plural(succeeded, 'delivery') + ' succeeded',
    `${failed} failed`,
    `${cancelled} cancelled`,
    `${waiting} to go`,
  ]
  return [`${id}  ${status}  ${mode} to ${visible(goal(replay))}`, counts.join(', ')]
}

import type { Command } from 'commander'
import { chooseWorkspace } from '../choose.ts'
import { table } from '../output.ts'
import { action } from '../run-command.ts'

export function addWorkspaces(program: Command): void {
  const group = program.command('workspaces').description('a workspace belongs to one provider')
  group
    .command('ls')
    .description('list them')
    .action(
      action(async ({ output, session }) => {
        const { items } = await session(({ client }) => client.call('workspaces.list', {}))
        output.result(
          items,
          table(
            ['ID', 'NAME', 'PROVIDER'],
            items.map((w) => [w.id, w.name, w.provider]),
            'There is no workspace.',
          ),
        )
      }),
    )
  group
    .command('add')
    .description('create one')
    .requiredOption('--name <name>', 'its name')
    .requiredOption('--provider <id>', 'see `hookbench providers`')
    .action(
      action<{ name: string; provider: string }>(async ({ options, output, session }) => {
        const { name, provider } = options
        const workspace = await session(({ client }) => client.call('workspaces.create', { name, provider }))
        output.result(workspace, [`created workspace ${workspace.id}`])
      }),
    )
  group
    .command('rm <workspace>')
    .description('delete one, with its contacts, destinations and subscriptions')
    .action(
      action(async ({ output, session }, wanted = '') => {
        const workspace = await session(async ({ client }) => {
          const chosen = await chooseWorkspace(client, wanted)
          await client.call('workspaces.delete', { id: chosen.id })
          return chosen
        })
        output.result({ deleted: workspace.id }, [`deleted workspace ${workspace.id}; its history stays`])
      }),
    )
}

import type { Command } from 'commander'
import { subscriptionIdSchema } from '../../../src-shared/model/ids.ts'
import { chooseDestination, idFrom } from '../choose.ts'
import { commaList } from '../inputs.ts'
import { table } from '../output.ts'
import { action } from '../run-command.ts'

const subscriptionId = idFrom(subscriptionIdSchema, 'subscription_not_found')

export function addSubscriptions(program: Command): void {
  const group = program.command('subscriptions').description('which events go to which destination')
  group
    .command('ls')
    .description('list them')
    .action(
      action(async ({ output, session }) => {
        const { items } = await session(({ client }) => client.call('subscriptions.list', {}))
        const rows = items.map((s) => [
          s.id,
          s.name,
          s.enabled ? 'enabled' : 'disabled',
          s.destination_id,
          s.event_types.join(' '),
        ])
        output.result(
          items,
          table(['ID', 'NAME', 'STATE', 'DESTINATION', 'EVENTS'], rows, 'There is no subscription.'),
        )
      }),
    )
  group
    .command('add')
    .description('subscribe a destination')
    .requiredOption('--destination <id or name>', 'who gets them')
    .requiredOption('--events <types>', "'contact.created,contact.updated', or '*' for all")
    .option('--name <name>', "default: the destination's")
    .action(
      action<{ destination: string; events: string; name?: string }>(async ({ options, output, session }) => {
        const subscription = await session(async ({ client }) =>
          client.call('subscriptions.create', {
            destination_id: (await chooseDestination(client, options.destination)).id,
            event_types: commaList(options.events),
            ...(options.name === undefined ? {} : { name: options.name }),
          }),
        )
        output.result(subscription, [`created subscription ${subscription.id}`])
      }),
    )
  group
    .command('rm <id>')
    .description('delete one')
    .action(
      action(async ({ output, session }, wanted = '') => {
        const id = subscriptionId(wanted)
        await session(({ client }) => client.call('subscriptions.delete', { id }))
        output.result({ deleted: id }, [`deleted subscription ${id}`])
      }),
    )
}

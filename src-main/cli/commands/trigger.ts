import type { Command } from 'commander'
import type { Client } from '../../../src-shared/api/client.ts'
import type { DeliveryView } from '../../../src-shared/model/delivery.ts'
import type { DeliveryId } from '../../../src-shared/model/ids.ts'
import { chooseWorkspace } from '../choose.ts'
import { exitCodes } from '../exit-codes.ts'
import { readData, repeated } from '../inputs.ts'
import { visible } from '../output.ts'
import { tellPaused } from '../paused.ts'
import { action } from '../run-command.ts'
import { attemptLine, deliveryLine, nameWithId, plural, sentLater } from '../text.ts'

interface TriggerOptions {
  readonly workspace?: string
  readonly data?: string
  readonly set?: string[]
  readonly wait?: boolean
  readonly anyEvent?: boolean
}

const pollEveryMs = 100

export function addTrigger(program: Command): void {
  program
    .command('trigger <event>')
    .description('raise an event in a workspace')
    .option('--workspace <id or name>', 'default: the only one')
    .option('--data <file>', 'JSON merged over the sample payload; - reads standard input')
    .option('--set <path=value>', 'sets one field of the payload (repeatable)', repeated)
    .option('--any-event', 'also a type that is not in the catalogue')
    .option('--wait', 'until the deliveries have ended; exit 1 if one failed')
    .action(
      action<TriggerOptions>(async ({ options, output, session }, type = '') => {
        const data = await readData(options.data, options.set ?? [])
        return session(
          async ({ client, attached }) => {
            const workspace = await chooseWorkspace(client, options.workspace)
            await tellPaused({ client, attached }, options.wait ?? false, (line) => output.note(line))
            const { event, deliveries } = await client.call('events.raise', {
              workspace_id: workspace.id,
              type,
              ...(data === undefined ? {} : { data }),
              ...(options.anyEvent === true ? { any_event: true } : {}),
            })
            if (deliveries.length === 0 && (await isOnlySentByHand(client, workspace.provider, type)))
              output.note(`${type} goes to one destination: \`hookbench destinations test NAME\` sends it.`)
            if (options.wait !== true) {
              const later = !attached && deliveries.length > 0
              if (later) output.note(sentLater)
              const { items } = await client.call('destinations.list', { workspace: workspace.id })
              const names = new Map(items.map(({ id, name }) => [id, name]))
              const lines = deliveries.map(
                ({ id, destination_id: to }) => `${id}  to ${nameWithId(names.get(to) ?? '', to)}`,
              )
              output.result({ event, deliveries, sent_later: later }, [
                `event ${event.id} made ${plural(deliveries.length, 'delivery')}`,
                ...lines,
              ])
              return exitCodes.fine
            }
            const ended: DeliveryView[] = []
            for (const { id } of deliveries)
              ended.push(await untilEnded(client, id, (line) => output.note(line)))
            const lines = ended.flatMap((delivery) => [
              deliveryLine(delivery, output.colour),
              `  to ${nameWithId(delivery.destination_name, delivery.destination_id ?? '')}`,
              ...delivery.attempts.map((attempt) => `  ${attemptLine(attempt, output.colour)}`),
            ])
            output.result({ event, deliveries: ended }, [
              `event ${event.id} made ${plural(deliveries.length, 'delivery')}`,
              ...lines,
            ])
            return ended.every(({ status }) => status === 'succeeded')
              ? exitCodes.fine
              : exitCodes.checkFailed
          },
          { dispatch: options.wait ?? false },
        )
      }),
    )
}

/** True for a type that no subscription may name. */
async function isOnlySentByHand(client: Client, providerId: string, type: string): Promise<boolean> {
  const { items } = await client.call('providers.list', {})
  const events = items.find(({ id }) => id === providerId)?.events
  return events?.find((event) => event.type === type)?.subscribable === false
}

async function untilEnded(
  client: Client,
  id: DeliveryId,
  note: (line: string) => void,
): Promise<DeliveryView> {
  let told = 0
  for (;;) {
    const delivery = await client.call('deliveries.get', { id })
    if (delivery.status === 'succeeded' || delivery.status === 'failed') return delivery
    if (delivery.status === 'retrying' && delivery.attempt_count > told) {
      told = delivery.attempt_count
      note(
        `${id}: attempt ${told} failed (${visible(delivery.error?.message ?? '')}); next at ${delivery.next_attempt_at}`,
      )
    }
    await new Promise((resolve) => setTimeout(resolve, pollEveryMs))
  }
}

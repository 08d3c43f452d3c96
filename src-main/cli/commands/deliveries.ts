import type { Command } from 'commander'
import type { Client } from '../../../src-shared/api/client.ts'
import type { OperationInput } from '../../../src-shared/api/contract.ts'
import { AppError } from '../../../src-shared/errors.ts'
import type { DeliverySummary } from '../../../src-shared/model/delivery.ts'
import { deliveryIdSchema, type DeliveryId } from '../../../src-shared/model/ids.ts'
import { chooseDestination, chooseWorkspace } from '../choose.ts'
import { wholeNumber } from '../inputs.ts'
import { table, visible } from '../output.ts'
import { action } from '../run-command.ts'
import { attemptLine, bodyLines, deliveryLine, headerLines } from '../text.ts'

interface ListOptions {
  readonly workspace?: string
  readonly destination?: string
  readonly event?: string
  readonly type?: string
  readonly status?: string
  readonly origin?: string
  readonly since?: string
  readonly until?: string
  readonly limit: number
  readonly cursor?: string
}

function deliveryId(wanted: string): DeliveryId {
  const id = deliveryIdSchema.safeParse(wanted)
  if (!id.success) throw new AppError('delivery_not_found', { id: wanted })
  return id.data
}

async function filterOf(client: Client, options: ListOptions): Promise<OperationInput<'deliveries.list'>> {
  const { workspace, destination, limit, event, type, ...rest } = options
  const filter = {
    limit,
    ...(workspace === undefined ? {} : { workspace: (await chooseWorkspace(client, workspace)).id }),
    ...(destination === undefined ? {} : { destination: (await chooseDestination(client, destination)).id }),
    ...(event === undefined ? {} : { event }),
    ...(type === undefined ? {} : { event_type: type }),
  }
  for (const name of ['status', 'origin', 'since', 'until', 'cursor'] as const) {
    if (rest[name] !== undefined) Object.assign(filter, { [name]: rest[name] })
  }
  return filter
}

export function addDeliveries(program: Command): void {
  const group = program.command('deliveries').description('the history of what was sent')
  addReading(group)
  const moves = [
    ['retry', 'retry failed ones', 'deliveries.retry'],
    ['send-now', 'send ones that wait for their retry', 'deliveries.send-now'],
    ['cancel', 'cancel waiting ones', 'deliveries.cancel'],
  ] as const
  for (const [name, description, operation] of moves) {
    group
      .command(`${name} <id...>`)
      .description(description)
      .action(
        action(async ({ output, session }, ...ids) => {
          const moved = await session(async ({ client, attached }) => {
            const results: DeliverySummary[] = []
            for (const id of ids) results.push(await client.call(operation, { id: deliveryId(id) }))
            if (!attached && name !== 'cancel')
              output.note('Nothing is running: they go out at the next `hookbench serve`.')
            return results
          })
          output.result(
            moved,
            moved.map((delivery) => deliveryLine(delivery, output.colour)),
          )
        }),
      )
  }
  group
    .command('rm <id...>')
    .description('remove from the history')
    .action(
      action(async ({ output, session }, ...ids) => {
        await session(async ({ client }) => {
          for (const id of ids) await client.call('deliveries.delete', { id: deliveryId(id) })
        })
        output.result({ deleted: ids }, [`removed ${ids.length}`])
      }),
    )
}

function addReading(group: Command): void {
  group
    .command('ls')
    .description('list them, newest first')
    .option('--workspace <id or name>', 'only of this one')
    .option('--destination <id or name>', 'only to this one')
    .option('--event <id>', 'only of this event')
    .option('--type <event type>', 'only of this event type')
    .option('--status <statuses>', 'pending, processing, retrying, succeeded, failed; several with commas')
    .option('--origin <origin>', 'event, test, replay or manual')
    .option('--since <time>', 'made at or after, ISO 8601 in UTC')
    .option('--until <time>', 'made before')
    .option('--limit <n>', 'how many', wholeNumber(1, 500), 50)
    .option('--cursor <cursor>', 'from the page before')
    .action(
      action<ListOptions>(async ({ options, output, session }) => {
        const page = await session(async ({ client }) =>
          client.call('deliveries.list', await filterOf(client, options)),
        )
        const rows = page.items.map((d) => [
          d.id,
          d.status,
          String(d.response_status ?? '-'),
          String(d.attempt_count),
          d.event_type,
          d.destination_name,
          d.created_at,
        ])
        const more = page.next_cursor === null ? [] : [`More with --cursor ${page.next_cursor}`]
        output.result(page, [
          ...table(
            ['ID', 'STATUS', 'HTTP', 'TRIES', 'EVENT', 'DESTINATION', 'MADE'],
            rows,
            'There is no delivery.',
          ),
          ...more,
        ])
      }),
    )
  group
    .command('show <id>')
    .description('one with its attempts')
    .action(
      action(async ({ output, session }, wanted = '') => {
        const delivery = await session(({ client }) =>
          client.call('deliveries.get', { id: deliveryId(wanted) }),
        )
        const { request } = delivery
        output.result(delivery, [
          deliveryLine(delivery, output.colour),
          `${visible(delivery.event_type)} to ${visible(delivery.destination_name)}, event ${delivery.event_id}`,
          ...(delivery.hint === null ? [] : [output.colour.warn(delivery.hint)]),
          '',
          output.colour.bold(`${visible(request.method)} ${visible(request.url)}`),
          ...headerLines(request.headers).map(output.colour.dim),
          ...bodyLines(Buffer.from(request.body_base64, 'base64'), 60),
          ...delivery.attempts.flatMap((attempt) => [
            '',
            `${attempt.started_at}  ${attemptLine(attempt, output.colour)}`,
            ...headerLines(attempt.response_headers).map(output.colour.dim),
            ...bodyLines(Buffer.from(attempt.response_excerpt_base64, 'base64'), 20),
          ]),
        ])
      }),
    )
}

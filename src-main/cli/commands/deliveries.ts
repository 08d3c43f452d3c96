import type { Command } from 'commander'
import type { Client } from '../../../src-shared/api/client.ts'
import type { OperationInput } from '../../../src-shared/api/contract.ts'
import {
  deliveryStatuses,
  originSchema,
  type DeliveryStatus,
  type DeliverySummary,
  type Origin,
} from '../../../src-shared/model/delivery.ts'
import { deliveryIdSchema } from '../../../src-shared/model/ids.ts'
import { refusalText, type Refusal } from '../../../src-shared/model/refusal.ts'
import { chooseDestination, chooseWorkspace, idFrom } from '../choose.ts'
import { instant, oneOf, someOf, wholeNumber } from '../inputs.ts'
import { table, visible } from '../output.ts'
import { action } from '../run-command.ts'
import {
  attemptLine,
  bodyLines,
  deliveryLine,
  headerLines,
  hintLines,
  nextPageLines,
  plural,
  removedLines,
  requireFilter,
  sentLater,
} from '../text.ts'

export interface DeliveryFilterOptions {
  readonly workspace?: string
  readonly destination?: string
  readonly event?: string
  readonly type?: string
  readonly status?: DeliveryStatus[]
  readonly origin?: Origin
  readonly since?: string
  readonly until?: string
  readonly search?: string
  readonly replay?: string
  readonly sourceCapture?: string
  readonly sourceDelivery?: string
}

interface ListOptions extends DeliveryFilterOptions {
  readonly limit: number
  readonly cursor?: string
}

const deliveryId = idFrom(deliveryIdSchema, 'delivery_not_found')

export function addDeliveryFilter(command: Command): Command {
  return command
    .option('--search <words>', 'only with these words in ids, URL, headers, bodies or errors')
    .option('--workspace <id or name>', 'only of this one')
    .option('--destination <id or name>', 'only to this one')
    .option('--event <id>', 'only of this event')
    .option('--replay <id>', 'only of this replay')
    .option('--source-capture <id>', 'only replays of this capture')
    .option('--source-delivery <id>', 'only replays of this delivery')
    .option('--type <event type>', 'only of this event type')
    .option(
      '--status <statuses>',
      `${deliveryStatuses.join(', ')}; several with commas`,
      someOf(deliveryStatuses),
    )
    .option('--origin <origin>', originSchema.options.join(', '), oneOf(originSchema.options))
    .option('--since <time>', 'made at or after, ISO 8601 in UTC', instant)
    .option('--until <time>', 'made before', instant)
}

type Filter = OperationInput<'deliveries.retry-all'>

export async function deliveryFilterOf(client: Client, options: DeliveryFilterOptions): Promise<Filter> {
  const { workspace, destination, event, type, search, status, origin, since, until, replay } = options
  return {
    workspace: workspace === undefined ? undefined : (await chooseWorkspace(client, workspace)).id,
    destination: destination === undefined ? undefined : (await chooseDestination(client, destination)).id,
    event,
    replay,
    source_capture: options.sourceCapture,
    source_delivery: options.sourceDelivery,
    event_type: type,
    q: search,
    status,
    origin,
    since,
    until,
  }
}

export function addDeliveries(program: Command): void {
  const group = program.command('deliveries').description('the history of what was sent')
  addReading(group)
  for (const move of moves) addMove(group, move)
  addRemoving(group)
}

interface Move {
  readonly name: string
  readonly description: string
  readonly one: 'deliveries.retry' | 'deliveries.send-now' | 'deliveries.cancel'
  /** Moves all that match, and says how many those were. */
  readonly many: (client: Client, filter: Filter, all: boolean) => Promise<[result: Skipped, done: string]>
  readonly hint: string
  /** Whether an option must say that everything is meant. */
  readonly asksForAll: boolean
  readonly sends: boolean
}

interface Skipped {
  readonly skipped: number
  readonly refused: readonly Refusal[]
}

const moves: readonly Move[] = [
  {
    name: 'retry',
    description: 'retry failed ones: those named, or all that match',
    one: 'deliveries.retry',
    many: async (client, filter) => {
      const result = await client.call('deliveries.retry-all', filter)
      return [result, `${plural(result.retried, 'delivery')} retried`]
    },
    hint: 'Name deliveries, or choose them with options: --status failed takes all that failed.',
    asksForAll: false,
    sends: true,
  },
  {
    name: 'send-now',
    description: 'send ones that wait for their retry: those named, or all that match',
    one: 'deliveries.send-now',
    many: async (client, filter) => {
      const result = await client.call('deliveries.send-now-all', filter)
      return [result, `${plural(result.sent, 'delivery')} sent now`]
    },
    hint: 'Name deliveries, or choose them with options: --status retrying takes all that wait.',
    asksForAll: false,
    sends: true,
  },
  {
    name: 'cancel',
    description: 'cancel waiting ones: those named, or all that match',
    one: 'deliveries.cancel',
    many: async (client, filter, all) => {
      const result = await client.call('deliveries.cancel-all', { ...filter, ...(all ? { all } : {}) })
      return [result, `${plural(result.cancelled, 'delivery')} cancelled`]
    },
    hint: 'Name deliveries, choose them with options, or take everything that waits with --all.',
    asksForAll: true,
    sends: false,
  },
]

/** What is done to all that match, or to those that are named. */
function addMove(group: Command, move: Move): void {
  const command = addDeliveryFilter(group.command(`${move.name} [id...]`).description(move.description))
  if (move.asksForAll) command.option('--all', 'everything that waits')
  command.action(
    action<DeliveryFilterOptions & { all?: boolean }>(async ({ options, output, session }, ...ids) => {
      await session(async ({ client, attached }) => {
        if (ids.length === 0) {
          const filter = await deliveryFilterOf(client, options)
          if (options.all !== true) requireFilter(filter, move.hint)
          const [result, done] = await move.many(client, filter, options.all === true)
          const rest = result.skipped === 0 ? '' : `; refused: ${refusalText(result.refused)}`
          output.result(result, [`${done}${rest}`])
        } else {
          const moved: DeliverySummary[] = []
          for (const id of ids.map(deliveryId)) moved.push(await client.call(move.one, { id }))
          output.result(
            moved,
            moved.map((delivery) => deliveryLine(delivery, output.colour)),
          )
        }
        if (!attached && move.sends) output.note(sentLater)
      })
    }),
  )
}

function addRemoving(group: Command): void {
  addDeliveryFilter(
    group.command('rm [id...]').description('remove from the history: those named, or all that match'),
  )
    .option('--all', 'everything')
    .action(
      action<DeliveryFilterOptions & { all?: boolean }>(async ({ options, output, session }, ...ids) => {
        const removed = await session(async ({ client }) => {
          if (ids.length === 0) {
            const filter = await deliveryFilterOf(client, options)
            if (options.all !== true)
              requireFilter(
                filter,
                'Name deliveries, choose them with options, or take everything with --all.',
              )
            return client.call('deliveries.remove', { ...filter, all: options.all })
          }
          const named = ids.map(deliveryId)
          for (const id of named) await client.call('deliveries.get', { id })
          return client.call('deliveries.remove', { ids: named })
        })
        output.result(removed, removedLines(removed, 'delivery'))
      }),
    )
}

function sourceText({ event_id: event, source }: DeliverySummary): string {
  if (source === null) return `event ${event ?? '-'}`
  return `replay of ${'capture_id' in source ? `capture ${source.capture_id}` : `delivery ${source.delivery_id}`}`
}

function addReading(group: Command): void {
  addDeliveryFilter(group.command('ls').description('list them, newest first'))
    .option('--limit <n>', 'how many', wholeNumber(1, 500), 50)
    .option('--cursor <cursor>', 'from the page before')
    .action(
      action<ListOptions>(async ({ options, output, session }) => {
        const page = await session(async ({ client }) =>
          client.call('deliveries.list', {
            ...(await deliveryFilterOf(client, options)),
            limit: options.limit,
            cursor: options.cursor,
          }),
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
        output.result(page, [
          ...table(
            ['ID', 'STATUS', 'HTTP', 'TRIES', 'EVENT', 'DESTINATION', 'MADE'],
            rows,
            'There is no delivery.',
          ),
          ...nextPageLines(page),
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
          `${visible(delivery.event_type)} to ${visible(delivery.destination_name)}, ${sourceText(delivery)}`,
          ...hintLines(delivery.error, delivery.hint).map(output.colour.warn),
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

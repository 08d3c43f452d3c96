import type { Command } from 'commander'
import type { Client } from '../../../src-shared/api/client.ts'
import type { OperationInput } from '../../../src-shared/api/contract.ts'
import { invalidInput } from '../../../src-shared/errors.ts'
import type { DeliverySummary } from '../../../src-shared/model/delivery.ts'
import { captureIdSchema, deliveryIdSchema } from '../../../src-shared/model/ids.ts'
import type { ReplayView } from '../../../src-shared/model/replay.ts'
import { chooseDestination } from '../choose.ts'
import { exitCodes } from '../exit-codes.ts'
import { decimal } from '../inputs.ts'
import { visible, type Output } from '../output.ts'
import { tellPaused } from '../paused.ts'
import { action } from '../run-command.ts'
import { addSecretOptions, readSecrets, type SecretOptions } from '../secret-options.ts'
import { deliveryLine, plural, sentLater } from '../text.ts'

interface ReplayOptions extends SecretOptions {
  readonly to: string
  readonly resign?: boolean
  readonly provider?: string
  readonly newId?: boolean
  readonly keepTarget?: boolean
  readonly rate?: number
  readonly asRecorded?: boolean
  readonly wait?: boolean
}

type ReplayInput = OperationInput<'replays.create'>

const pollEveryMs = 100
/** As many as fit into a query. */
const idsAtOnce = 200

const fieldNames = {
  capture_ids: '<id>',
  delivery_ids: '<id>',
  to: '--to',
  new_id: '--new-id',
  keep_target: '--keep-target',
  rate: '--rate',
  as_recorded: '--as-recorded',
}

export function addReplay(program: Command): void {
  const command = program
    .command('replay <id...>')
    .description('send captures or deliveries again, in order')
    .requiredOption('--to <url or destination>', 'where to: a URL, or a destination by id or name')
    .option('--resign', 'with a fresh timestamp and signature; otherwise exactly as it was')
  addSecretOptions(command)
    .option('--provider <id>', 'whose scheme signs, where that is not known')
    .option('--new-id', 'with a fresh delivery id; needs --resign')
    .option('--keep-target', "with the request's own path and query")
    .option('--rate <n>', 'so many per second', decimal(0.001, 1000))
    .option('--as-recorded', 'at the distances in time at which they came')
    .option('--wait', 'until all have ended; exit 1 if one failed')
    .action(
      action<ReplayOptions>(async ({ options, output, session }, ...ids) => {
        const signing = await signingOf(options)
        return session(
          async ({ client, attached }) => {
            const input = { ...(await sourcesOf(client, ids)), ...signing, ...paceOf(options) }
            const to = await goalOf(client, options.to, (line) => output.note(line))
            await tellPaused({ client, attached }, options.wait ?? false, (line) => output.note(line))
            const { id, deliveries } = await client.call('replays.create', { ...input, to })
            if (options.wait !== true) {
              if (!attached) output.note(sentLater)
              const lines = [`replay ${id} made ${plural(deliveries.length, 'delivery')}`]
              output.result({ id, deliveries, sent_later: !attached }, [
                ...lines,
                ...deliveries.map((delivery) => delivery.id),
              ])
              return exitCodes.fine
            }
            const ended = await untilEnded(client, id, (line) => output.note(line))
            const sent = await deliveriesOf(client, id)
            output.result({ ...ended, deliveries: sent }, summaryLines(ended, sent, output))
            return ended.succeeded === ended.total ? exitCodes.fine : exitCodes.checkFailed
          },
          { dispatch: options.wait ?? false },
        )
      }, fieldNames),
    )
}

/** HOOKBENCH_SECRET may be set for other commands: an exact replay leaves it alone. */
async function signingOf(options: ReplayOptions): Promise<Pick<ReplayInput, 'mode' | 'secret' | 'provider'>> {
  if (options.resign !== true) {
    const given = (['secret', 'secretFile', 'provider', 'newId'] as const).find(
      (name) => options[name] !== undefined,
    )
    if (given === undefined) return { mode: 'exact' }
    const option = given.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
    throw invalidInput(`--${option} goes with --resign: without it a request is sent exactly as it was.`)
  }
  const [secret, ...more] = await readSecrets(options)
  if (more.length > 0) throw invalidInput('Give one secret: a replay is signed with one.')
  return {
    mode: 'resigned',
    ...(secret === undefined ? {} : { secret }),
    ...(options.provider === undefined ? {} : { provider: options.provider }),
  }
}

function paceOf(options: ReplayOptions): Omit<ReplayInput, 'to' | 'mode'> {
  return {
    ...(options.newId === true ? { new_id: true } : {}),
    ...(options.keepTarget === true ? { keep_target: true } : {}),
    ...(options.rate === undefined ? {} : { rate: options.rate }),
    ...(options.asRecorded === true ? { as_recorded: true } : {}),
  }
}

/** The ids as what they are: all of captures, or all of deliveries. */
async function sourcesOf(
  client: Client,
  ids: readonly string[],
): Promise<Pick<ReplayInput, 'capture_ids' | 'delivery_ids'>> {
  const captures = new Set<string>()
  const deliveries = new Set<string>()
  const wanted = ids.filter((id) => captureIdSchema.safeParse(id).success)
  for (let at = 0; at < wanted.length; at += idsAtOnce) {
    const some = wanted.slice(at, at + idsAtOnce)
    const capturePage = await client.call('captures.list', { ids: some, limit: idsAtOnce })
    for (const { id } of capturePage.items) captures.add(id)
    const others = some.filter((id) => !captures.has(id))
    if (others.length === 0) continue
    const deliveryPage = await client.call('deliveries.list', { ids: others, limit: idsAtOnce })
    for (const { id } of deliveryPage.items) deliveries.add(id)
  }
  const unknown = ids.find((id) => !captures.has(id) && !deliveries.has(id))
  if (unknown !== undefined) {
    throw invalidInput(
      `There is no capture and no delivery ${unknown}. \`hookbench captures ls\` and \`hookbench deliveries ls\` list what there is.`,
    )
  }
  if (captures.size > 0 && deliveries.size > 0)
    throw invalidInput('Name either captures or deliveries; replay the others with a second command.')
  return captures.size > 0
    ? { capture_ids: ids.map((id) => captureIdSchema.parse(id)) }
    : { delivery_ids: ids.map((id) => deliveryIdSchema.parse(id)) }
}

async function goalOf(
  client: Client,
  wanted: string,
  note: (line: string) => void,
): Promise<ReplayInput['to']> {
  if (/^[a-z][a-z0-9+.-]*:/i.test(wanted)) return { url: wanted }
  const { id, name, status } = await chooseDestination(client, wanted)
  if (status !== 'active') note(`Destination ${visible(name)} is ${status}: the replay waits until it isn't.`)
  return { destination_id: id }
}

async function untilEnded(
  client: Client,
  id: ReplayView['id'],
  note: (line: string) => void,
): Promise<ReplayView> {
  let told = 0
  const attempts = new Map<string, number>()
  for (;;) {
    const replay = await client.call('replays.get', { id })
    if (replay.waiting === 0) return replay
    const ended = replay.total - replay.waiting
    if (ended > told) note(`${ended} of ${replay.total} sent, ${replay.failed} failed`)
    told = ended
    await noteRetries(client, id, attempts, note)
    await new Promise((resolve) => setTimeout(resolve, pollEveryMs))
  }
}

/** Waiting for a retry may take long: says why. @param told attempts that were told of, by delivery */
async function noteRetries(
  client: Client,
  replay: ReplayView['id'],
  told: Map<string, number>,
  note: (line: string) => void,
): Promise<void> {
  const { items } = await client.call('deliveries.list', { replay, status: ['retrying'], limit: 20 })
  for (const { id, attempt_count: count, error, next_attempt_at: next } of items) {
    if ((told.get(id) ?? 0) >= count) continue
    told.set(id, count)
    note(`${id}: attempt ${count} failed (${visible(error?.message ?? '')}); next at ${next}`)
  }
}

/** In the order in which they were made. */
async function deliveriesOf(client: Client, replay: ReplayView['id']): Promise<DeliverySummary[]> {
  const all: DeliverySummary[] = []
  for (let cursor: string | null = null; ;) {
    const page: { items: DeliverySummary[]; next_cursor: string | null } = await client.call(
      'deliveries.list',
      { replay, limit: 500, ...(cursor === null ? {} : { cursor }) },
    )
    all.push(...page.items)
    cursor = page.next_cursor
    if (cursor === null) return all.reverse()
  }
}

function summaryLines(
  { id, total, succeeded, failed, cancelled }: ReplayView,
  sent: readonly DeliverySummary[],
  { colour }: Output,
): string[] {
  const parts = [
    `${succeeded} of ${total} succeeded`,
    ...(failed === 0 ? [] : [`${failed} failed`]),
    ...(cancelled === 0 ? [] : [`${cancelled} cancelled`]),
  ]
  return [`replay ${id}: ${parts.join(', ')}`, ...sent.map((delivery) => deliveryLine(delivery, colour))]
}

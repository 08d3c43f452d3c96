import type { Command } from 'commander'
import type { Client } from '../../../src-shared/api/client.ts'
import { invalidInput } from '../../../src-shared/errors.ts'
import type { DeliveryView } from '../../../src-shared/model/delivery.ts'
import type { DeliveryId } from '../../../src-shared/model/ids.ts'
import type { Workspace } from '../../../src-shared/model/workspace.ts'
import { chooseWorkspace } from '../choose.ts'
import { exitCodes } from '../exit-codes.ts'
import { readData, repeated, wholeNumber } from '../inputs.ts'
import { visible } from '../output.ts'
import { tellPaused } from '../paused.ts'
import { action } from '../run-command.ts'
import { attemptLine, deliveryLine, nameWithId, plural, sentLater } from '../text.ts'

interface TriggerOptions {
  readonly workspace?: string
  readonly data?: string
  readonly set?: string[]
  readonly wait?: boolean
  readonly timeout?: number
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
    .option('--wait', 'until the deliveries have ended, retries included; exit 1 if one failed')
    .option('--timeout <seconds>', 'with --wait: no longer; exit 1 then', wholeNumber(1, 86_400))
    .action(
      action<TriggerOptions>(async ({ options, output, session }, type = '') => {
        if (options.timeout !== undefined && options.wait !== true)
          throw invalidInput('--timeout goes with --wait: without it nothing is waited for.')
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
            if (deliveries.length === 0) output.note(await whyNoneWasMade(client, workspace, type))
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
            const waiting = new Waiting(client, options.timeout, attached, (line) => output.note(line))
            const ended: DeliveryView[] = []
            for (const { id } of deliveries) ended.push(await waiting.for(id))
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

/** What to do about an event that goes nowhere. */
async function whyNoneWasMade(client: Client, workspace: Workspace, type: string): Promise<string> {
  if (await isOnlySentByHand(client, workspace.provider, type))
    return `${type} goes to one destination: \`hookbench destinations test NAME\` sends it.`
  const { items } = await client.call('destinations.list', { workspace: workspace.id })
  if (items.length === 0)
    return `${visible(workspace.name)} has no destination: \`hookbench destinations add\` makes one, with --events to subscribe it.`
  return 'No enabled subscription to it has an enabled destination: `hookbench subscriptions ls` and `destinations ls` show them.'
}

/** True for a type that no subscription may name. */
async function isOnlySentByHand(client: Client, providerId: string, type: string): Promise<boolean> {
  const { items } = await client.call('providers.list', {})
  const events = items.find(({ id }) => id === providerId)?.events
  return events?.find((event) => event.type === type)?.subscribable === false
}

/** Waits for deliveries, one after the other, and tells of their retries. */
class Waiting {
  readonly #client: Client
  readonly #until: number
  readonly #goesOn: string
  readonly #note: (line: string) => void
  #isTold = false

  /** @param attached the engine runs elsewhere, and goes on by itself */
  constructor(
    client: Client,
    timeoutSeconds: number | undefined,
    attached: boolean,
    note: (line: string) => void,
  ) {
    this.#client = client
    this.#until = performance.now() + (timeoutSeconds ?? Number.POSITIVE_INFINITY) * 1000
    this.#goesOn = attached ? 'retries go on' : 'what is left goes out at the next start'
    this.#note = note
  }

  /** @returns the delivery when it has ended, or as it is when the time is over */
  async for(id: DeliveryId): Promise<DeliveryView> {
    let told = 0
    for (;;) {
      const delivery = await this.#client.call('deliveries.get', { id })
      if (delivery.status === 'succeeded' || delivery.status === 'failed') return delivery
      if (performance.now() >= this.#until) {
        this.#note(`${id} has not ended in time: ${this.#goesOn}.`)
        return delivery
      }
      if (delivery.status === 'retrying' && delivery.attempt_count > told) {
        told = delivery.attempt_count
        this.#tellRetry(delivery)
      }
      await new Promise((resolve) => setTimeout(resolve, pollEveryMs))
    }
  }

  #tellRetry({ id, attempt_count: count, error, next_attempt_at: next }: DeliveryView): void {
    this.#note(`${id}: attempt ${count} failed (${visible(error?.message ?? '')}); next at ${next}`)
    if (!this.#isTold) this.#note(`Ctrl+C ends the waiting: ${this.#goesOn}.`)
    this.#isTold = true
  }
}

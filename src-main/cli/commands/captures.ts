import type { Command } from 'commander'
import type { Client } from '../../../src-shared/api/client.ts'
import type { OperationInput } from '../../../src-shared/api/contract.ts'
import { verdictStatusSchema, type VerdictStatus } from '../../../src-shared/model/capture.ts'
import { captureIdSchema } from '../../../src-shared/model/ids.ts'
import { requestsIn } from '../../engine/transfer/imported-requests.ts'
import { chooseEndpoint, idFrom } from '../choose.ts'
import { instant, readInput, someOf, wholeNumber } from '../inputs.ts'
import { table } from '../output.ts'
import { action } from '../run-command.ts'
import { captureLines, nextPageLines, removedLines, requireFilter } from '../text.ts'

export interface CaptureFilterOptions {
  readonly endpoint?: string
  readonly type?: string
  readonly verdict?: VerdictStatus[]
  readonly delivery?: string
  readonly since?: string
  readonly until?: string
  readonly search?: string
}

interface ListOptions extends CaptureFilterOptions {
  readonly limit: number
  readonly cursor?: string
}

const captureId = idFrom(captureIdSchema, 'capture_not_found')
const verdicts = verdictStatusSchema.options

export function addCaptureFilter(command: Command): Command {
  return command
    .option('--search <words>', 'only with these words in path, headers, body or notes')
    .option('--endpoint <id, name or slug>', 'only of this one')
    .option('--type <event type>', 'only of this event type')
    .option('--verdict <verdicts>', `${verdicts.join(', ')}; several with commas`, someOf(verdicts))
    .option('--delivery <id>', "only with this provider's delivery id")
    .option('--since <time>', 'received at or after, ISO 8601 in UTC', instant)
    .option('--until <time>', 'received before', instant)
}

export async function captureFilterOf(
  client: Client,
  options: CaptureFilterOptions,
): Promise<OperationInput<'captures.remove'>> {
  const { endpoint, type, verdict, delivery, since, until, search } = options
  return {
    endpoint: endpoint === undefined ? undefined : (await chooseEndpoint(client, endpoint)).id,
    event_type: type,
    verdict,
    delivery_id: delivery,
    since,
    until,
    q: search,
  }
}

export function addCaptures(program: Command): void {
  const group = program.command('captures').description('what the receiver took')
  addCaptureFilter(group.command('ls').description('list them, newest first'))
    .option('--limit <n>', 'how many', wholeNumber(1, 500), 50)
    .option('--cursor <cursor>', 'from the page before')
    .action(
      action<ListOptions>(async ({ options, output, session }) => {
        const page = await session(async ({ client }) =>
          client.call('captures.list', {
            ...(await captureFilterOf(client, options)),
            limit: options.limit,
            cursor: options.cursor,
          }),
        )
        const rows = page.items.map((c) => [
          c.id,
          c.verdict.status,
          c.verdict.cause,
          `${c.method} ${c.target}`,
          c.event_type ?? '-',
          `${c.body_bytes} B`,
          c.received_at,
        ])
        output.result(page, [
          ...table(
            ['ID', 'VERDICT', 'CAUSE', 'REQUEST', 'EVENT', 'BODY', 'RECEIVED'],
            rows,
            'There is no capture.',
          ),
          ...nextPageLines(page),
        ])
      }),
    )
  group
    .command('show <id>')
    .description('one in full')
    .option('--body', 'only the body, byte for byte')
    .action(
      action<{ body?: boolean }>(async ({ options, output, session }, wanted = '') => {
        const id = captureId(wanted)
        await session(async ({ client }) => {
          if (options.body === true) return output.raw((await client.call('captures.body', { id })).bytes)
          const capture = await client.call('captures.get', { id })
          const body = Buffer.from(capture.body_base64, 'base64')
          // Looked at in full, and with all that is known now.
          const diagnosis =
            capture.verdict.status === 'rejected' && !output.json
              ? await client.call('captures.diagnosis', { id })
              : null
          const shown = diagnosis === null ? capture : { ...capture, verdict: diagnosis }
          output.result(capture, captureLines(shown, body, diagnosis?.difference ?? null, output.colour))
        })
      }),
    )
  addCaptureFilter(group.command('rm [id...]').description('remove them: those named, or all that match'))
    .option('--all', 'everything')
    .action(
      action<CaptureFilterOptions & { all?: boolean }>(async ({ options, output, session }, ...ids) => {
        const removed = await session(async ({ client }) => {
          if (ids.length === 0) {
            const filter = await captureFilterOf(client, options)
            if (options.all !== true)
              requireFilter(filter, 'Name captures, choose them with options, or take everything with --all.')
            return client.call('captures.remove', { ...filter, all: options.all })
          }
          const named = ids.map(captureId)
          for (const id of named) await client.call('captures.get', { id })
          return client.call('captures.remove', { ids: named })
        })
        output.result(removed, removedLines(removed, 'capture'))
      }),
    )
  group
    .command('import <file...>')
    .description(
      'keep raw HTTP requests, or those of HAR files or cURL commands, as captures (- for standard input)',
    )
    .option('--endpoint <slug>', 'the endpoint they belong to', 'inbox')
    .action(
      action<{ endpoint: string }>(async ({ options, output, session }, ...files) => {
        const requests: { raw_base64: string }[] = []
        for (const file of files) {
          const bytes = await readInput(file)
          for (const raw of requestsIn(bytes))
            requests.push({ raw_base64: Buffer.from(raw).toString('base64') })
        }
        const { items } = await session(({ client }) =>
          client.call('captures.import', { endpoint: options.endpoint, requests }),
        )
        output.result(
          items,
          items.map((capture) => `${capture.id}  ${capture.verdict.status}`),
        )
      }),
    )
}

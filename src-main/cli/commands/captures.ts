import type { Command } from 'commander'
import { AppError } from '../../../src-shared/errors.ts'
import { captureIdSchema, type CaptureId } from '../../../src-shared/model/ids.ts'
import { chooseEndpoint } from '../choose.ts'
import { readInput, wholeNumber } from '../inputs.ts'
import { table } from '../output.ts'
import { action } from '../run-command.ts'
import { captureLines } from '../text.ts'

interface ListOptions {
  readonly endpoint?: string
  readonly type?: string
  readonly verdict?: string
  readonly delivery?: string
  readonly since?: string
  readonly until?: string
  readonly limit: number
  readonly cursor?: string
}

function captureId(wanted: string): CaptureId {
  const id = captureIdSchema.safeParse(wanted)
  if (!id.success) throw new AppError('capture_not_found', { id: wanted })
  return id.data
}

export function addCaptures(program: Command): void {
  const group = program.command('captures').description('what the receiver took')
  group
    .command('ls')
    .description('list them, newest first')
    .option('--endpoint <id, name or slug>', 'only of this one')
    .option('--type <event type>', 'only of this event type')
    .option('--verdict <verdicts>', 'verified, rejected, unsigned, unchecked; several with commas')
    .option('--delivery <id>', "only with this provider's delivery id")
    .option('--since <time>', 'received at or after, ISO 8601 in UTC')
    .option('--until <time>', 'received before')
    .option('--limit <n>', 'how many', wholeNumber(1, 500), 50)
    .option('--cursor <cursor>', 'from the page before')
    .action(
      action<ListOptions>(async ({ options, output, session }) => {
        const page = await session(async ({ client }) => {
          const { endpoint, type, delivery, limit, ...rest } = options
          const filter = {
            limit,
            ...(type === undefined ? {} : { event_type: type }),
            ...(delivery === undefined ? {} : { delivery_id: delivery }),
          }
          for (const name of ['verdict', 'since', 'until', 'cursor'] as const) {
            if (rest[name] !== undefined) Object.assign(filter, { [name]: rest[name] })
          }
          if (endpoint !== undefined)
            Object.assign(filter, { endpoint: (await chooseEndpoint(client, endpoint)).id })
          return client.call('captures.list', filter)
        })
        const rows = page.items.map((c) => [
          c.id,
          c.verdict.status,
          c.verdict.cause,
          `${c.method} ${c.target}`,
          c.event_type ?? '-',
          `${c.body_bytes} B`,
          c.received_at,
        ])
        const more = page.next_cursor === null ? [] : [`More with --cursor ${page.next_cursor}`]
        output.result(page, [
          ...table(
            ['ID', 'VERDICT', 'CAUSE', 'REQUEST', 'EVENT', 'BODY', 'RECEIVED'],
            rows,
            'There is no capture.',
          ),
          ...more,
        ])
      }),
    )
  group
    .command('show <id>')
    .description('one in full')
    .option('--body', 'only the body (its first 64 KiB), byte for byte')
    .action(
      action<{ body?: boolean }>(async ({ options, output, session }, wanted = '') => {
        const capture = await session(({ client }) => client.call('captures.get', { id: captureId(wanted) }))
        const body = Buffer.from(capture.body_base64, 'base64')
        if (options.body === true) output.raw(body)
        else output.result(capture, captureLines(capture, body, output.colour))
      }),
    )
  group
    .command('rm <id...>')
    .description('remove them')
    .action(
      action(async ({ output, session }, ...ids) => {
        await session(async ({ client }) => {
          for (const id of ids) await client.call('captures.delete', { id: captureId(id) })
        })
        output.result({ deleted: ids }, [`removed ${ids.length}`])
      }),
    )
  group
    .command('import <file...>')
    .description('keep raw HTTP requests from files (- for standard input) as captures')
    .option('--endpoint <slug>', 'the endpoint they belong to', 'inbox')
    .action(
      action<{ endpoint: string }>(async ({ options, output, session }, ...files) => {
        const requests: { raw_base64: string }[] = []
        for (const file of files) requests.push({ raw_base64: (await readInput(file)).toString('base64') })
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

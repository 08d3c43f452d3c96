import type { Command } from 'commander'
import { invalidInput } from '../../../src-shared/errors.ts'
import { contactIdSchema, type ContactId } from '../../../src-shared/model/ids.ts'
import type { JsonObject } from '../../../src-shared/model/json.ts'
import { chooseWorkspace } from '../choose.ts'
import { readData, repeated } from '../inputs.ts'
import { table } from '../output.ts'
import { action, type CommandContext } from '../run-command.ts'
import { plural } from '../text.ts'

interface ContactOptions {
  readonly workspace?: string
  readonly email?: string
  readonly firstName?: string
  readonly lastName?: string
  readonly attribute?: string[]
  readonly id?: string
}

function addAttributes(command: Command): Command {
  return command
    .option('--workspace <id or name>', 'default: the only one')
    .option('--email <address>', 'attribute email')
    .option('--first-name <name>', 'attribute first_name')
    .option('--last-name <name>', 'attribute last_name')
    .option(
      '--attribute <name=value>',
      'any attribute (repeatable); JSON where it parses as such, null removes',
      repeated,
    )
}

async function attributesOf(options: ContactOptions): Promise<JsonObject> {
  const named = { email: options.email, first_name: options.firstName, last_name: options.lastName }
  const given = Object.fromEntries(
    Object.entries(named).filter(([, value]) => value !== undefined),
  ) as JsonObject
  return { ...given, ...(await readData(undefined, options.attribute ?? [])) }
}

function contactId(wanted: string): ContactId {
  const id = contactIdSchema.safeParse(wanted)
  if (!id.success)
    throw invalidInput(
      `"${wanted}" is not a contact's id: it ${id.error.issues[0]?.message ?? 'is malformed'}.`,
    )
  return id.data
}

function report(
  { output }: CommandContext<unknown>,
  result: { readonly event_id: string | null; readonly deliveries: readonly { id: string }[] },
  line: string,
): void {
  const event =
    result.event_id === null
      ? 'nothing changed, no event'
      : `event ${result.event_id}, ${plural(result.deliveries.length, 'delivery')}`
  output.result(result, [`${line}: ${event}`])
}

export function addContacts(program: Command): void {
  const group = program
    .command('contacts')
    .description("a leadpush workspace's contacts; each change raises its event")
  group
    .command('ls')
    .description('list them')
    .option('--workspace <id or name>', 'default: the only one')
    .option('--search <text>', 'only those whose id or attributes contain it')
    .action(
      action<ContactOptions & { readonly search?: string }>(async ({ options, output, session }) => {
        const items = await session(async ({ client }) => {
          const workspace = (await chooseWorkspace(client, options.workspace)).id
          const all = []
          for (let cursor: string | undefined; ;) {
            const page = await client.call('contacts.list', {
              workspace,
              ...(options.search === undefined ? {} : { q: options.search }),
              limit: 500,
              ...(cursor === undefined ? {} : { cursor }),
            })
            all.push(...page.items)
            if (page.next_cursor === null) return all
            cursor = page.next_cursor
          }
        })
        const rows = items.map((c) => [
          c._id,
          c.subscribed ? 'subscribed' : 'unsubscribed',
          JSON.stringify(c.attributes),
        ])
        output.result(items, table(['ID', 'STATE', 'ATTRIBUTES'], rows, 'There is no contact.'))
      }),
    )
  addAttributes(
    group.command('add').description('create one').option('--id <id>', 'its _id; generated when absent'),
  ).action(
    action<ContactOptions>(async (context) => {
      const { options, session } = context
      const attributes = await attributesOf(options)
      const result = await session(async ({ client }) =>
        client.call('contacts.create', {
          workspace_id: (await chooseWorkspace(client, options.workspace)).id,
          attributes,
          ...(options.id === undefined ? {} : { _id: contactId(options.id) }),
        }),
      )
      report(context, result, `created ${result.contact._id}`)
    }),
  )
  addAttributes(group.command('set <id>').description('change one')).action(
    action<ContactOptions>(async (context, id = '') => {
      const attributes = await attributesOf(context.options)
      if (Object.keys(attributes).length === 0)
        throw invalidInput('Nothing to change was given: --email, --first-name, --attribute name=value, …')
      await change(context, id, { attributes }, 'saved')
    }),
  )
  for (const [name, subscribed] of [
    ['subscribe', true],
    ['unsubscribe', false],
  ] as const) {
    group
      .command(`${name} <id>`)
      .description(`${name} one`)
      .option('--workspace <id or name>', 'default: the only one')
      .action(action<ContactOptions>((context, id = '') => change(context, id, { subscribed }, `${name}d`)))
  }
  group
    .command('rm <id>')
    .description('delete one')
    .option('--workspace <id or name>', 'default: the only one')
    .action(
      action<ContactOptions>(async (context, id = '') => {
        const { options, session } = context
        const result = await session(async ({ client }) =>
          client.call('contacts.delete', {
            id: contactId(id),
            workspace: (await chooseWorkspace(client, options.workspace)).id,
          }),
        )
        report(context, result, `deleted ${id}`)
      }),
    )
}

async function change(
  context: CommandContext<ContactOptions>,
  id: string,
  fields: { attributes?: JsonObject; subscribed?: boolean },
  done: string,
): Promise<void> {
  const result = await context.session(async ({ client }) =>
    client.call('contacts.change', {
      id: contactId(id),
      workspace_id: (await chooseWorkspace(client, context.options.workspace)).id,
      ...fields,
    }),
  )
  report(context, result, `${done} ${id}`)
}

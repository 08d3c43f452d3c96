import type { Command } from 'commander'
import type { OperationInput } from '../../../src-shared/api/contract.ts'
import { chooseDestination, chooseEndpoint, chooseWorkspace } from '../choose.ts'
import { parseHeader, repeated, wholeNumber } from '../inputs.ts'
import { table } from '../output.ts'
import { action } from '../run-command.ts'
import { addSecretOptions, namedSecrets, readSecrets, type SecretOptions } from '../secret-options.ts'

interface EndpointOptions extends SecretOptions {
  readonly name: string
  readonly slug?: string
  readonly provider?: string
  readonly destination?: string
  readonly workspace?: string
  readonly respond?: number
  readonly respondHeader?: string[]
  readonly respondBody?: string
}

export function addEndpoints(program: Command): void {
  const group = program.command('endpoints').description('addresses of the receiver and how they verify')
  group
    .command('ls')
    .description('list them')
    .action(
      action(async ({ output, session }) => {
        const { items } = await session(({ client }) => client.call('endpoints.list', {}))
        const rows = items.map((e) => [
          e.id,
          e.name,
          e.url,
          e.destination_id === null ? (e.provider ?? '-') : `follows ${e.destination_id}`,
        ])
        output.result(items, table(['ID', 'NAME', 'URL', 'VERIFIES'], rows, 'There is no endpoint.'))
      }),
    )
  addSecretOptions(
    group
      .command('add')
      .description('create one')
      .requiredOption('--name <name>', 'its name')
      .option('--slug <slug>', 'its path below /in/; made of the name when absent')
      .option('--provider <id>', 'whose signatures to verify')
      .option('--destination <id or name>', 'follow the secrets of this destination')
      .option('--workspace <id or name>', 'the workspace it belongs to')
      .option('--respond <status>', 'status to answer with (default: 200)', wholeNumber(200, 599))
      .option('--respond-header <header>', "'Name: value' to answer with (repeatable)", repeated)
      .option('--respond-body <text>', 'body to answer with'),
  ).action(
    action<EndpointOptions>(async ({ options, output, session }) => {
      const secrets = await readSecrets(options)
      const endpoint = await session(async ({ client }) => {
        const input: OperationInput<'endpoints.create'> = { name: options.name }
        if (options.slug !== undefined) input.slug = options.slug
        if (options.provider !== undefined) input.provider = options.provider
        if (options.destination !== undefined)
          input.destination_id = (await chooseDestination(client, options.destination)).id
        if (options.workspace !== undefined)
          input.workspace_id = (await chooseWorkspace(client, options.workspace)).id
        const { respond, respondHeader, respondBody } = options
        if (respond !== undefined || respondHeader !== undefined || respondBody !== undefined)
          input.answer = {
            status: respond ?? 200,
            headers: (respondHeader ?? [])
              .map((text) => parseHeader(text, '--respond-header'))
              .map(({ name, value }): [string, string] => [name, value]),
            body: respondBody ?? '',
          }
        if (secrets.length > 0) input.secrets = namedSecrets(secrets)
        return client.call('endpoints.create', input)
      })
      output.result(endpoint, [`created endpoint ${endpoint.id}: ${endpoint.url}`])
    }),
  )
  group
    .command('rm <endpoint>')
    .description('delete one; its captures stay')
    .action(
      action(async ({ output, session }, wanted = '') => {
        const id = await session(async ({ client }) => {
          const endpoint = await chooseEndpoint(client, wanted)
          await client.call('endpoints.delete', { id: endpoint.id })
          return endpoint.id
        })
        output.result({ deleted: id }, [`deleted endpoint ${id}`])
      }),
    )
}

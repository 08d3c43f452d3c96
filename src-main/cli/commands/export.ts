import { extname } from 'node:path'
import { Option, type Command } from 'commander'
import { listFormats, requestFormats } from '../../../src-shared/api/contract/transfer.ts'
import type { Client } from '../../../src-shared/api/client.ts'
import type { Content } from '../../../src-shared/api/operation.ts'
import { invalidInput } from '../../../src-shared/errors.ts'
import { captureIdSchema, deliveryIdSchema } from '../../../src-shared/model/ids.ts'
import { chooseDestination, idFrom } from '../choose.ts'
import { oneOf } from '../inputs.ts'
import { visibleLines, type Output } from '../output.ts'
import { addPassphraseOption, readPassphrase, type PassphraseOptions } from '../passphrase.ts'
import { action } from '../run-command.ts'
import { writeOutput } from '../write-output.ts'
import { addCaptureFilter, captureFilterOf, type CaptureFilterOptions } from './captures.ts'
import { addDeliveryFilter, deliveryFilterOf, type DeliveryFilterOptions } from './deliveries.ts'

interface ConfigOptions extends PassphraseOptions {
  readonly format?: 'yaml' | 'json'
  readonly destination?: string
  readonly output?: string
}

interface RequestOptions {
  readonly format?: (typeof formats)[number]
  readonly includeSecrets?: boolean
  readonly output?: string
}

export function addExport(program: Command): void {
  const group = program
    .command('export')
    .description('write the configuration, captures or deliveries as a file')
  addPassphraseOption(
    group
      .command('config', { isDefault: true })
      .description('the configuration, made for git; secrets are ${NAME} references')
      .addOption(
        new Option('--format <format>', 'yaml, json (default: by the name of --output, else yaml)').argParser(
          oneOf(['yaml', 'json']),
        ),
      )
      .option('--destination <id or name>', 'only this one, with its workspace and subscriptions')
      .option('--output <file>', 'write to this file instead of standard output (-)'),
    'encrypt the secrets into the file, with the passphrase in this file (- for standard input)',
  ).action(
    action<ConfigOptions>(async ({ options, output, session }) => {
      const passphrase = await readPassphrase(options)
      const byName = options.output !== undefined && extname(options.output) === '.json' ? 'json' : 'yaml'
      const format = options.format ?? (output.json ? 'json' : byName)
      const content = await session(async ({ client }) => {
        const { destination } = options
        const selection = {
          format,
          ...(destination === undefined
            ? {}
            : { destination: (await chooseDestination(client, destination)).id }),
        }
        return passphrase === undefined
          ? client.call('configuration.export', selection)
          : client.call('configuration.export-encrypted', { ...selection, passphrase })
      })
      await put(output, content, options.output, passphrase !== undefined)
    }, passphraseNames),
  )
  addRequests(addCaptureFilter(group.command('captures [id]')), 'captures', 'a capture')
  addRequests(addDeliveryFilter(group.command('deliveries [id]')), 'deliveries', "a delivery's last request")
}

const passphraseNames = { passphrase: '--passphrase-file' }

const formats = [...new Set([...requestFormats, ...listFormats])]

type Options = RequestOptions & CaptureFilterOptions & DeliveryFilterOptions

function addRequests(command: Command, what: 'captures' | 'deliveries', one: string): void {
  command
    .description(
      `${one} as cURL command, raw HTTP, .http file, HAR 1.2 or Postman collection; without an id all ${what} that match, as a list`,
    )
    .option(
      '--format <format>',
      `of one ${requestFormats.join(', ')} (default: curl); of a list ${listFormats.join(', ')} (default: jsonl)`,
      oneOf(formats),
    )
    .option('--include-secrets', 'do not mask signatures, credentials and secrets')
    .option('--output <file>', 'write to this file instead of standard output (-)')
    .action(
      action<Options>(async ({ options, output, session }, wanted) => {
        const { format = wanted === undefined ? 'jsonl' : 'curl', includeSecrets = false } = options
        const content = await session(({ client }) =>
          wanted === undefined
            ? exportList(client, what, options, chosen(format, listFormats, `all ${what}`))
            : exportOne(client, what, wanted, includeSecrets, chosen(format, requestFormats, one)),
        )
        const isJson = format === 'har' || format === 'postman' || format === 'jsonl'
        if (output.json && (options.output ?? '-') === '-' && !isJson) {
          const document = { format, content_base64: Buffer.from(content.bytes).toString('base64') }
          output.result(document, [])
          return
        }
        await put(output, content, options.output, includeSecrets)
      }),
    )
}

function chosen<T extends string>(format: string, known: readonly T[], what: string): T {
  const found = known.find((each) => each === format)
  if (found === undefined)
    throw invalidInput(`There is no --format ${format} of ${what}, but ${known.join(', ')}.`)
  return found
}

function exportOne(
  client: Client,
  what: 'captures' | 'deliveries',
  wanted: string,
  includeSecrets: boolean,
  format: (typeof requestFormats)[number],
): Promise<Content> {
  const selection = { format, include_secrets: includeSecrets }
  return what === 'captures'
    ? client.call('captures.export', { id: captureId(wanted), ...selection })
    : client.call('deliveries.export', { id: deliveryId(wanted), ...selection })
}

async function exportList(
  client: Client,
  what: 'captures' | 'deliveries',
  options: Options,
  format: (typeof listFormats)[number],
): Promise<Content> {
  const selection = { format, include_secrets: options.includeSecrets ?? false }
  return what === 'captures'
    ? client.call('captures.export-list', { ...(await captureFilterOf(client, options)), ...selection })
    : client.call('deliveries.export-list', { ...(await deliveryFilterOf(client, options)), ...selection })
}

const captureId = idFrom(captureIdSchema, 'capture_not_found')
const deliveryId = idFrom(deliveryIdSchema, 'delivery_not_found')

async function put(
  output: Output,
  { bytes }: Content,
  file: string | undefined,
  holdsSecrets: boolean,
): Promise<void> {
  if (file === undefined || file === '-') {
    // A terminal would obey what a captured body says; exact bytes go to files and pipes.
    const shown = visibleLines(Buffer.from(bytes).toString('utf8')).join('\n')
    output.raw(process.stdout.isTTY ? Buffer.from(shown) : bytes)
    return
  }
  await writeOutput(file, bytes, holdsSecrets)
  output.result({ file, bytes: bytes.length }, [`wrote ${file}`])
}

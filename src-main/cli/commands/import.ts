import { createReadStream } from 'node:fs'
import type { Command } from 'commander'
import type { ImportPlan, PlanEntry } from '../../../src-shared/api/contract/transfer.ts'
import { AppError, invalidInput } from '../../../src-shared/errors.ts'
import { mostConfigBytes } from '../../../src-shared/model/config-file.ts'
import { readConfig, referencesOf } from '../../engine/transfer/read-config.ts'
import { describeFileError } from '../../storage/file-system.ts'
import { visible, type Colours } from '../output.ts'
import { addPassphraseOption, readPassphrase, type PassphraseOptions } from '../passphrase.ts'
import { action } from '../run-command.ts'
import { plural } from '../text.ts'

interface ImportOptions extends PassphraseOptions {
  readonly dryRun?: boolean
  readonly prune?: boolean
}

export function addImport(program: Command): void {
  addPassphraseOption(
    program
      .command('import <file>')
      .description(
        'import a configuration (- for standard input), whole or not at all; ${NAME} is taken from the environment',
      )
      .option('--dry-run', 'only tell what would change')
      .option('--prune', 'delete what the file does not have'),
    'decrypt the secrets with the passphrase in this file',
  ).action(
    action<ImportOptions>(
      async ({ options, output, session }, file = '') => {
        if (file === '-' && options.passphraseFile === '-')
          throw invalidInput('Standard input can hold the configuration or the passphrase, not both.')
        const text = await readBounded(file)
        const passphrase = await readPassphrase(options)
        const secrets = fromEnvironment(referencesOf(readConfig(text).file))
        const result = await session(({ client }) =>
          client.call('configuration.import', {
            text,
            dry_run: options.dryRun ?? false,
            prune: options.prune ?? false,
            secrets,
            ...(passphrase === undefined ? {} : { passphrase }),
          }),
        )
        output.result(result, planLines(result, output.colour))
      },
      { passphrase: '--passphrase-file' },
    ),
  )
}

/** Stops reading as soon as it is too much. */
async function readBounded(file: string): Promise<string> {
  const chunks: Buffer[] = []
  let bytes = 0
  try {
    for await (const chunk of file === '-' ? process.stdin : createReadStream(file)) {
      chunks.push(chunk as Buffer)
      bytes += (chunk as Buffer).length
      if (bytes > mostConfigBytes) break
    }
  } catch (cause) {
    throw new AppError('file_unreadable', { file, reason: describeFileError(cause) }, { cause })
  }
  if (bytes > mostConfigBytes)
    throw invalidInput(`${file} is larger than a configuration may be (${mostConfigBytes} bytes).`)
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks))
  } catch (cause) {
    throw new AppError('invalid_input', { message: `${file} is not UTF-8 text.` }, { cause })
  }
}

/** Only what the file asks for leaves the environment. */
function fromEnvironment(names: readonly string[]): Record<string, string> {
  const found = names.map((name) => [name, process.env[name] ?? ''] as const)
  return Object.fromEntries(found.filter(([, value]) => value !== ''))
}

function planLines({ applied, plan, counts, unresolved }: ImportPlan, colour: Colours): string[] {
  const lines = plan
    .filter(({ action: what }) => what !== 'unchanged')
    .flatMap((entry) => entryLines(entry, colour))
  const { create, change, delete: removed, unchanged } = counts
  const names = unresolved.map((name) => `\${${name}}`).join(', ')
  const isNothing = create + change + removed === 0
  return [
    ...lines,
    `= ${unchanged} unchanged`,
    ...(unresolved.length === 0
      ? []
      : [`not set here, so kept as ${unresolved.length === 1 ? 'it is' : 'they are'}: ${names}`]),
    isNothing
      ? 'Nothing changes.'
      : `${applied ? 'Imported' : 'Would import'}: ${create} created, ${change} changed, ${removed} deleted.`,
  ]
}

function entryLines(entry: PlanEntry, colour: Colours): string[] {
  const { action: what, kind, name, workspace, destination, changes, waiting_deliveries: waiting } = entry
  const within = [destination, workspace]
    .filter((part) => part !== null)
    .map((part) => ` in ${visible(part)}`)
  const label = `${kind} ${kind === 'settings' ? '' : visible(name)}${within.join('')}`.trim()
  if (what === 'create') return [colour.good(`+ ${label}`)]
  if (what === 'delete')
    return [
      colour.bad(`- ${label}${waiting === 0 ? '' : ` (${plural(waiting, 'waiting delivery')} will fail)`}`),
    ]
  return [
    colour.warn(`~ ${label}`),
    ...changes.map(({ path, before, after }) => `    ${visible(path)}: ${shown(before)} -> ${shown(after)}`),
  ]
}

function shown(value: unknown): string {
  const text = visible(JSON.stringify(value))
  return text.length > 100 ? `${text.slice(0, 100)}…` : text
}

import { Option, type Command } from 'commander'
import { invalidInput } from '../../src-shared/errors.ts'
import type { Provider } from '../engine/providers/provider.ts'
import { verifyingSecretProblem } from '../engine/providers/secrets.ts'
import { readInput, repeated } from './inputs.ts'

/** Secrets of a command: where they come from, and what they are called in verdicts. */
export interface SecretOptions {
  readonly secret?: string[]
  readonly secretFile?: string
}

/** `--secret` and `--secret-file`, with what is to be known about them. */
export function addSecretOptions(command: Command): Command {
  return command
    .addOption(
      new Option(
        '--secret <secret>',
        'signing secret (repeatable). Visible in the process list: prefer --secret-file or HOOKBENCH_SECRET',
      ).argParser(repeated),
    )
    .option('--secret-file <file>', 'file with the signing secret, or - for standard input')
}

/** Secrets from `--secret`, `--secret-file` or HOOKBENCH_SECRET, in this order; none when none is given. */
export async function readSecrets(options: SecretOptions): Promise<string[]> {
  const secrets = [...(options.secret ?? [])]
  if (options.secretFile !== undefined) {
    // A line break at the end is the editor's, not the secret's.
    secrets.push((await readInput(options.secretFile)).toString('utf8').replace(/\r?\n$/, ''))
  }
  const fromEnvironment = process.env['HOOKBENCH_SECRET']
  if (secrets.length === 0 && fromEnvironment !== undefined) secrets.push(fromEnvironment)
  if (secrets.some((secret) => secret === '')) throw invalidInput('The secret is empty.')
  return secrets
}

/** @throws AppError `invalid_input` for a secret that this provider's can't look like */
export function checkSecretForms(provider: Provider, secrets: readonly string[]): void {
  for (const secret of secrets) {
    const problem = verifyingSecretProblem(provider, secret)
    if (problem !== null) throw invalidInput(problem)
  }
}

/** "secret", "secret 2", …: what a verdict calls them. */
export function namedSecrets(secrets: readonly string[]): { name: string; value: string }[] {
  return secrets.map((value, index) => ({ name: index === 0 ? 'secret' : `secret ${index + 1}`, value }))
}

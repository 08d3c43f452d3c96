import type { Command } from 'commander'
import { invalidInput } from '../../src-shared/errors.ts'
import { readInput } from './inputs.ts'

export interface PassphraseOptions {
  readonly passphraseFile?: string
}

/** A passphrase comes from a file or HOOKBENCH_PASSPHRASE, never as an argument that the process list shows. */
export function addPassphraseOption(command: Command, described: string): Command {
  return command.option('--passphrase-file <file>', `${described}; or HOOKBENCH_PASSPHRASE`)
}

export async function readPassphrase({ passphraseFile }: PassphraseOptions): Promise<string | undefined> {
  const given =
    passphraseFile === undefined
      ? process.env['HOOKBENCH_PASSPHRASE']
      : // A line break at the end is the editor's.
        (await readInput(passphraseFile)).toString('utf8').replace(/\r?\n$/, '')
  if (given === '') throw invalidInput('The passphrase is empty.')
  return given
}

import type { Command } from 'commander'
import { invalidInput } from '../../../src-shared/errors.ts'
import { knownSchemes, requireProvider } from '../../engine/providers/index.ts'
import { runVerifyCases } from '../../engine/signing/cases.ts'
import { parseRawRequest } from '../../engine/signing/raw-request.ts'
import { differenceView } from '../../engine/signing/doctor/difference.ts'
import { verifyRequest } from '../../engine/signing/verify.ts'
import { systemClock } from '../../system-clock.ts'
import { differenceLines } from '../difference-lines.ts'
import { exitCodes } from '../exit-codes.ts'
import { readInput, readJson, wholeNumber } from '../inputs.ts'
import { visible } from '../output.ts'
import { action } from '../run-command.ts'
import {
  addSecretOptions,
  checkSecretForms,
  namedSecrets,
  readSecrets,
  type SecretOptions,
} from '../secret-options.ts'
import { caseReport } from './verify-cases.ts'

interface VerifyOptions extends SecretOptions {
  readonly provider?: string
  readonly now?: number
  readonly tolerance?: number
  readonly cases?: string
}

export function addVerify(program: Command): void {
  addSecretOptions(
    program
      .command('verify [file]')
      .description('verify one raw HTTP request (a file, or - for standard input)')
      .option('--provider <id>', 'whose signature it should bear'),
  )
    .option('--now <unix>', 'judge the timestamp at this time, in seconds', wholeNumber(0, 99_999_999_999))
    .option('--tolerance <seconds>', "0 leaves the timestamp's age alone", wholeNumber(0, 31_536_000))
    .option('--cases <file>', 'verify every case of a JSON file ({"cases": […]})')
    .action(
      action<VerifyOptions>(async ({ options, output }, file) => {
        if (options.cases !== undefined) {
          const document = await readJson(options.cases)
          const run = runVerifyCases(document, { nowMs: systemClock.now() })
          if (run.results.length === 0)
            throw invalidInput(`${options.cases} holds no case, so there is nothing to verify.`)
          output.result(run.results, caseReport(document, run, output.colour))
          return run.differing.length === 0 ? exitCodes.fine : exitCodes.checkFailed
        }
        const provider = requireProvider(wanted(options.provider, '--provider'))
        const secrets = await readSecrets(options)
        if (secrets.length === 0)
          throw invalidInput('A secret is needed: --secret, --secret-file or HOOKBENCH_SECRET.')
        checkSecretForms(provider, secrets)
        const request = parseRawRequest(await readInput(wanted(file, 'a file with the request, or -')))
        const { ok, cause, message, ...verdict } = verifyRequest({
          scheme: provider.scheme,
          headers: request.headers,
          body: request.body,
          secrets: namedSecrets(secrets),
          allValid: true,
          nowMs: options.now === undefined ? systemClock.now() : options.now * 1000,
          ...(options.tolerance === undefined ? {} : { toleranceSeconds: options.tolerance }),
          otherProviders: knownSchemes,
        })
        const difference = verdict.difference === null ? null : differenceView(verdict.difference)
        const outcome = ok ? output.colour.good('verified') : output.colour.bad(`rejected (${cause})`)
        output.result({ ok, cause, message, difference }, [
          `${outcome}: ${visible(message)}`,
          ...differenceLines(difference, output.colour),
        ])
        return ok ? exitCodes.fine : exitCodes.checkFailed
      }),
    )
}

function wanted(value: string | undefined, what: string): string {
  if (value === undefined) throw invalidInput(`verify needs ${what}.`)
  return value
}

import type { Command } from 'commander'
import { AppError, invalidInput } from '../../../src-shared/errors.ts'
import { requireProvider } from '../../engine/providers/index.ts'
import { exitCodes } from '../exit-codes.ts'
import { checkHost, decimal, wholeNumber } from '../inputs.ts'
import { action } from '../run-command.ts'
import {
  addSecretOptions,
  checkSecretForms,
  namedSecrets,
  readSecrets,
  type SecretOptions,
} from '../secret-options.ts'
import { untilSignal } from '../signals.ts'
import { captureLines } from '../text.ts'

interface ListenOptions extends SecretOptions {
  readonly port: number
  readonly host: string
  readonly exposeToNetwork?: boolean
  readonly provider?: string
  readonly respond: number
  readonly count?: number
  readonly timeout?: number
}

export function addListen(program: Command): void {
  addSecretOptions(
    program
      .command('listen')
      .description('a throw-away receiver: prints each request and its verdict as it comes')
      .option('--port <port>', '0 takes any free one', wholeNumber(0, 65535), 0)
      .option('--host <address>', 'to listen on', '127.0.0.1')
      .option('--expose-to-network', 'needed for a --host beyond loopback')
      .option('--provider <id>', 'whose signatures to verify (see `hookbench providers`)'),
  )
    .option('--respond <status>', 'status to answer with', wholeNumber(200, 599), 200)
    .option(
      '--count <n>',
      'end after n requests; exit 1 if one of them does not verify',
      wholeNumber(1, 1_000_000),
    )
    .option(
      '--timeout <seconds>',
      'end after this time; exit 1 if --count was not reached',
      decimal(0.1, 86_400),
    )
    .action(
      action<ListenOptions>(async ({ options, output }) => {
        checkHost(options.host, options.exposeToNetwork)
        const secrets = await readSecrets(options)
        if (secrets.length > 0 && options.provider === undefined) {
          throw invalidInput('A secret needs --provider: whose signature is to be verified with it?')
        }
        const provider = options.provider === undefined ? null : requireProvider(options.provider)
        if (provider !== null) checkSecretForms(provider, secrets)
        let seen = 0
        let unverified = 0
        let finish: () => void = () => undefined
        const enough = new Promise<void>((resolve) => {
          finish = resolve
        })
        const { createThrowawayReceiver } = await import('../throwaway-receiver.ts')
        const receiver = createThrowawayReceiver({
          host: options.host,
          port: options.port,
          provider,
          secrets: namedSecrets(secrets),
          respondStatus: options.respond,
          onCapture: (capture, body, difference) => {
            if (options.count !== undefined && seen >= options.count) return
            seen += 1
            const expected =
              secrets.length > 0
                ? capture.verdict.status === 'verified'
                : capture.verdict.status !== 'rejected'
            if (!expected || capture.malformed !== null) unverified += 1
            output.event(
              { event: 'capture', capture },
              captureLines(capture, body, difference, output.colour),
            )
            if (seen === options.count) finish()
          },
        })
        const stopped = untilSignal()
        await receiver.listen().catch((error: unknown) => {
          // The receiver knows only the option of `serve`.
          if (!(error instanceof AppError) || error.details['option'] !== '--capture-port') throw error
          throw new AppError(error.code, { ...error.details, option: '--port' }, { cause: error })
        })
        output.event({ event: 'ready', url: receiver.url }, [`Listening on ${receiver.url}`])
        let timedOut = false
        const waits: Promise<void>[] = [enough, stopped]
        let timer: NodeJS.Timeout | undefined
        if (options.timeout !== undefined) {
          const milliseconds = options.timeout * 1000
          waits.push(
            new Promise((resolve) => {
              timer = setTimeout(() => {
                timedOut = options.count !== undefined
                resolve()
              }, milliseconds)
            }),
          )
        }
        await Promise.race(waits)
        clearTimeout(timer)
        // The last answer goes out before the connection is closed.
        await receiver.close({ graceMs: 1000 })
        const text = `${seen} received, ${unverified} not verified${timedOut ? `; timed out waiting for ${options.count}` : ''}`
        output.event({ event: 'done', received: seen, unverified, timed_out: timedOut }, [text])
        return timedOut || unverified > 0 ? exitCodes.checkFailed : exitCodes.fine
      }),
    )
}

import type { Command } from 'commander'
import { AppError, invalidInput } from '../../../src-shared/errors.ts'
import { requireProvider } from '../../engine/providers/index.ts'
import { urlProblem } from '../../engine/replay/target.ts'
import { systemClock } from '../../system-clock.ts'
import { exitCodes } from '../exit-codes.ts'
import { forward, type Forwarded } from '../forwarding.ts'
import { checkHost, decimal, wholeNumber } from '../inputs.ts'
import { visible, type Colours } from '../output.ts'
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
import type { ThrowawayAnswer } from '../throwaway-receiver.ts'

interface ListenOptions extends SecretOptions {
  readonly port: number
  readonly host: string
  readonly exposeToNetwork?: boolean
  readonly provider?: string
  readonly forward?: string
  readonly respond: number
  readonly failFirst: number
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
    .option(
      '--forward <url>',
      'pass each request on to this receiver, and answer what it answers; without a path it gets the request’s own',
    )
    .option('--respond <status>', 'status to answer with', wholeNumber(200, 599), 200)
    .option('--fail-first <n>', 'answer 500 to the first n requests', wholeNumber(0, 1_000_000), 0)
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
        const problem = options.forward === undefined ? null : urlProblem(options.forward)
        if (problem !== null) throw invalidInput(`--forward: ${problem}`)
        let seen = 0
        let unverified = 0
        let unanswered = 0
        let finish: () => void = () => undefined
        const enough = new Promise<void>((resolve) => {
          finish = resolve
        })
        const { createThrowawayReceiver } = await import('../throwaway-receiver.ts')
        const { createSender } = await import('../../sender/sender.ts')
        const sender = createSender({ clock: systemClock })
        const receiver = createThrowawayReceiver({
          host: options.host,
          port: options.port,
          provider,
          secrets: namedSecrets(secrets),
          answer: async (request, nth) => {
            if (nth <= options.failFirst) return fixedAnswer(500)
            return options.forward === undefined
              ? fixedAnswer(options.respond)
              : forward(request, options.forward, sender)
          },
          onCapture: ({ capture, body, difference, forwarded }) => {
            if (options.count !== undefined && seen >= options.count) return
            seen += 1
            const expected =
              secrets.length > 0
                ? capture.verdict.status === 'verified'
                : capture.verdict.status !== 'rejected'
            if (!expected || capture.malformed !== null) unverified += 1
            if (forwarded !== null && forwarded.error !== null) unanswered += 1
            output.event({ event: 'capture', capture, ...(forwarded === null ? {} : { forwarded }) }, [
              ...captureLines(capture, body, difference, output.colour).slice(0, -1),
              ...(forwarded === null ? [] : [forwardedLine(forwarded, output.colour)]),
              '',
            ])
            if (seen === options.count) finish()
          },
        })
        const stopped = untilSignal()
        await receiver.listen().catch((error: unknown) => {
          // The receiver knows only the option of `serve`.
          if (!(error instanceof AppError) || error.details['option'] !== '--capture-port') throw error
          throw new AppError(error.code, { ...error.details, option: '--port' }, { cause: error })
        })
        if (options.forward !== undefined && leadsTo(options.forward, receiver.url ?? '')) {
          await receiver.close({ graceMs: 0 })
          throw invalidInput(
            '--forward: this is the address listened on, so each request would come back for ever.',
          )
        }
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
        // What is being forwarded is broken off, and told; the last answer goes out before the connection is closed.
        await sender.close()
        await receiver.close({ graceMs: 1000 })
        const text = `${seen} received, ${unverified} not verified${unanswered > 0 ? `, ${unanswered} without an answer of the receiver behind` : ''}${timedOut ? `; timed out waiting for ${options.count}` : ''}`
        const counts = { received: seen, unverified, timed_out: timedOut }
        output.event({ event: 'done', ...counts, ...(options.forward === undefined ? {} : { unanswered }) }, [
          text,
        ])
        return timedOut || unverified + unanswered > 0 ? exitCodes.checkFailed : exitCodes.fine
      }),
    )
}

function fixedAnswer(status: number): ThrowawayAnswer {
  return { answer: { status, headers: [], body: new Uint8Array() }, forwarded: null }
}

function forwardedLine({ url, status, duration_ms: ms, error }: Forwarded, colour: Colours): string {
  const to = `forwarded to ${visible(url)}`
  if (status === null) return colour.bad(`${to}: ${visible(error?.message ?? 'no answer')}`)
  const text = `${to}: answered ${status} in ${Math.round(ms)} ms${error === null ? '' : ` (${visible(error.message)})`}`
  return status < 400 ? colour.good(text) : colour.bad(text)
}

/** True for the same port of this machine, whatever it is called. */
function leadsTo(url: string, own: string): boolean {
  const [to, from] = [new URL(url), new URL(own)]
  const isHere = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\]|0\.0\.0\.0|\[::\])$/.test(to.hostname)
  return (to.port || '80') === from.port && (isHere || to.hostname === from.hostname)
}

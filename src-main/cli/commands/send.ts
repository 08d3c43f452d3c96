import type { Command } from 'commander'
import { invalidInput } from '../../../src-shared/errors.ts'
import type { Destination, DestinationSettings } from '../../../src-shared/model/destination.ts'
import { destinationSettingsSchema } from '../../../src-shared/model/destination.ts'
import type { DeliveryId, DestinationId, WorkspaceId } from '../../../src-shared/model/ids.ts'
import type { Workspace } from '../../../src-shared/model/workspace.ts'
import { parseInput } from '../../../src-shared/api/local-transport.ts'
import { createIds } from '../../engine/ids.ts'
import { hintFor, verdictOf } from '../../engine/dispatch/outcome.ts'
import { parseDestinationTemplates, renderRequest } from '../../engine/dispatch/render-request.ts'
import { nextDelayMs } from '../../engine/dispatch/retry-policy.ts'
import type { OutgoingRequest, Sender, SendOutcome } from '../../engine/ports.ts'
import { requireProvider } from '../../engine/providers/index.ts'
import type { Provider } from '../../engine/providers/provider.ts'
import { signRequest } from '../../engine/signing/sign.ts'
import { checkDestination } from '../../engine/use-cases/destinations.ts'
import { checkEventType, composedPayload, makeEvent } from '../../engine/use-cases/raise-event.ts'
import { systemClock } from '../../system-clock.ts'
import { systemRandom } from '../../system-random.ts'
import { exitCodes } from '../exit-codes.ts'
import { decimal, parseHeader, readData, repeated, wholeNumber } from '../inputs.ts'
import { visible, type Output } from '../output.ts'
import { action } from '../run-command.ts'
import { addSecretOptions, readSecrets, type SecretOptions } from '../secret-options.ts'
import { attemptLine, bodyLines, headerLines, hintLines } from '../text.ts'

interface SendOptions extends SecretOptions {
  readonly to: string
  readonly provider: string
  readonly data?: string
  readonly set?: string[]
  readonly header?: string[]
  readonly method?: string
  readonly retries: number
  readonly timeout: number
  readonly expect?: string
  readonly anyEvent?: boolean
  readonly insecure?: boolean
  readonly followRedirects?: boolean
}

export function addSend(program: Command): void {
  addSecretOptions(
    program
      .command('send <event>')
      .description('one signed delivery to a URL, without touching any data folder')
      .requiredOption('--to <url>', 'the receiver')
      .requiredOption('--provider <id>', 'whose request to send (see `hookbench providers`)'),
  )
    .option('--data <file>', 'JSON merged over the sample payload; - reads standard input')
    .option('--set <path=value>', 'sets one field of the payload (repeatable)', repeated)
    .option('--header <header>', "'Name: value' to add (repeatable)", repeated)
    .option('--method <method>', "default: the provider's")
    .option(
      '--retries <n>',
      "further attempts after a failure, at the provider's delays",
      wholeNumber(0, 50),
      0,
    )
    .option('--timeout <seconds>', 'from connect to the last byte', decimal(1, 120), 10)
    .option('--expect <status>', 'exit 1 unless the answer has this status: 204, 2xx, 4xx, …')
    .option('--any-event', 'also a type that is not in the catalogue')
    .option('--insecure', 'accept self-signed certificates')
    .option('--follow-redirects', 'follow them, five at most')
    .action(
      action<SendOptions>(
        async ({ options, output }, event = '') => {
          const prepared = await prepare(options, event)
          const expected = expectation(options.expect)
          const { createSender } = await import('../../sender/sender.ts')
          const sender = createSender({ clock: systemClock })
          try {
            return (await sendAll(prepared, sender, output, options.retries, expected))
              ? exitCodes.fine
              : exitCodes.checkFailed
          } finally {
            await sender.close()
          }
        },
        { url_template: '--to' },
      ),
    )
}

/** Whether an answer's status is the expected one. @throws AppError `invalid_input` */
export function expectation(wanted: string | undefined): (status: number | null) => boolean {
  if (wanted === undefined) return (status) => status !== null && status >= 200 && status < 300
  if (!/^[1-5](\d\d|xx)$/i.test(wanted))
    throw invalidInput(`--expect wants a status such as 204 or 2xx, not "${wanted}".`)
  const family = wanted.toLowerCase().endsWith('xx')
  return (status) =>
    status !== null && (family ? String(status).startsWith(wanted.slice(0, 1)) : status === Number(wanted))
}

interface Prepared {
  readonly provider: Provider
  readonly eventType: string
  readonly deliveryId: string
  readonly payload: Uint8Array
  /** The request of an attempt: timestamp and signature are fresh each time. */
  readonly sign: () => OutgoingRequest
}

async function prepare(options: SendOptions, type: string): Promise<Prepared> {
  const provider = requireProvider(options.provider)
  checkEventType(provider, type, options.anyEvent ?? false)
  const secrets = await readSecrets(options)
  const secret = secrets[0]
  if (secret === undefined && provider.secret.required) {
    throw invalidInput(
      `${provider.name} signs every delivery: give --secret, --secret-file or HOOKBENCH_SECRET.`,
    )
  }
  for (const value of secrets) {
    const problem = provider.secret.check(value)
    if (problem !== null) throw invalidInput(problem)
  }
  const settings = settingsOf(options, provider)
  checkDestination(provider, settings)
  const context = { clock: systemClock, random: systemRandom, ids: createIds(systemClock, systemRandom) }
  const workspace: Workspace = {
    id: context.ids.uuid() as WorkspaceId,
    name: 'hookbench send',
    provider: provider.id,
  }
  const data = await readData(options.data, options.set ?? [])
  const event = makeEvent(context, provider, workspace, type, composedPayload(context, provider, data))
  const deliveryId = context.ids.uuid() as DeliveryId
  const destination = throwawayDestination(settings, workspace.id, context.ids.uuid() as DestinationId)
  const rendered = renderRequest({
    provider,
    destination,
    templates: parseDestinationTemplates(destination),
    workspace,
    event,
    delivery: { providerDeliveryId: deliveryId, eventId: event.id, eventType: type },
    receiverUrl: 'http://127.0.0.1:4848',
  })
  if ('code' in rendered) throw invalidInput(rendered.message)
  const sign = (): OutgoingRequest => {
    const signed = signRequest(provider.scheme, {
      secrets,
      timestampSeconds: Math.floor(systemClock.now() / 1000),
      id: deliveryId,
      eventType: type,
      body: rendered.body ?? new Uint8Array(),
      order: provider.headerOrder,
    })
    return {
      method: rendered.method,
      url: rendered.url,
      headers: [...rendered.headers, ...signed.headers],
      ...(rendered.body === null ? {} : { body: signed.body }),
      timeoutMs: settings.timeout_seconds * 1000,
      followRedirects: settings.follow_redirects,
      strictUrlRules: false,
      tls: { acceptSelfSigned: settings.tls.accept_self_signed },
    }
  }
  return { provider, eventType: type, deliveryId, payload: rendered.body ?? new Uint8Array(), sign }
}

function settingsOf(options: SendOptions, provider: Provider): DestinationSettings {
  return parseInput(destinationSettingsSchema, {
    name: 'hookbench send',
    enabled: true,
    method: options.method?.toUpperCase() ?? provider.defaultMethod,
    url_template: options.to,
    headers_template: (options.header ?? []).map((text) => parseHeader(text)),
    query_template: [],
    body_template: null,
    timeout_seconds: options.timeout,
    retry_policy: null,
    concurrency: 1,
    rate_limit: null,
    follow_redirects: options.followRedirects ?? false,
    strict_url_rules: false,
    tls: { accept_self_signed: options.insecure ?? false },
  }) as DestinationSettings
}

function throwawayDestination(
  settings: DestinationSettings,
  workspaceId: WorkspaceId,
  id: DestinationId,
): Destination {
  return {
    ...settings,
    tls: { ...settings.tls },
    id,
    workspace_id: workspaceId,
    created_at: new Date(systemClock.now()).toISOString(),
    secret: null,
    previous_secret: null,
  }
}

/** @returns true when the last answer is the expected one */
async function sendAll(
  prepared: Prepared,
  sender: Sender,
  output: Output,
  retries: number,
  expected: (status: number | null) => boolean,
): Promise<boolean> {
  const { retry } = prepared.provider
  const last = retry.delaysSeconds.at(-1) ?? 5
  const delays = Array.from({ length: retries }, (_, index) => retry.delaysSeconds[index] ?? last)
  const attempts: ReturnType<typeof attemptDocument>[] = []
  for (let number = 1; ; number += 1) {
    const request = prepared.sign()
    if (number === 1 && !output.json) printRequest(output, request)
    const outcome = await sender.send(request)
    const document = attemptDocument(number, outcome)
    attempts.push(document)
    if (!output.json) printAttempt(output, document, outcome)
    const verdict = verdictOf(outcome)
    const met = expected(verdict.status) && (verdict.succeeded || outcome.error === null)
    const delayMs = met ? null : nextDelayMs({ delays_seconds: delays, jitter: retry.jitter }, number, 0)
    if (delayMs === null) {
      finish(output, prepared, request, attempts, verdict, met)
      return met
    }
    output.note(`next attempt in ${delayMs / 1000} s`)
    await new Promise<void>((resolve) => systemClock.after(delayMs, resolve))
  }
}

function attemptDocument(number: number, { response, error, timings, requestHeaders }: SendOutcome) {
  return {
    number,
    request_headers: requestHeaders,
    duration_ms: timings.totalMs,
    timings: {
      dns_ms: timings.dnsMs,
      connect_ms: timings.connectMs,
      tls_ms: timings.tlsMs,
      first_byte_ms: timings.firstByteMs,
      total_ms: timings.totalMs,
    },
    response_status: response?.status ?? null,
    response_headers: response?.headers ?? [],
    response_excerpt: Buffer.from(response?.excerpt ?? new Uint8Array()).toString('utf8'),
    response_truncated: response?.truncated ?? false,
    error: error === null ? null : { code: error.code, message: error.message },
  }
}

function printRequest(output: Output, request: OutgoingRequest): void {
  const { colour } = output
  output.event({}, [
    colour.bold(`${request.method} ${visible(request.url)}`),
    ...headerLines(request.headers).map(colour.dim),
    ...bodyLines(request.body ?? new Uint8Array(), 60),
    '',
  ])
}

function printAttempt(
  output: Output,
  document: ReturnType<typeof attemptDocument>,
  outcome: SendOutcome,
): void {
  const excerpt = outcome.response?.excerpt ?? new Uint8Array()
  output.event({}, [attemptLine(document, output.colour), ...bodyLines(excerpt, 20)])
}

function finish(
  output: Output,
  prepared: Prepared,
  request: OutgoingRequest,
  attempts: readonly ReturnType<typeof attemptDocument>[],
  verdict: ReturnType<typeof verdictOf>,
  met: boolean,
): void {
  const failure = verdict.succeeded ? null : verdict.failure
  const hint = met ? null : hintFor(failure, verdict.status)
  const error = failure === null ? null : { code: failure.code, message: failure.message }
  output.result(
    {
      delivery_id: prepared.deliveryId,
      event_type: prepared.eventType,
      provider: prepared.provider.id,
      status: verdict.succeeded ? 'succeeded' : 'failed',
      met_expectation: met,
      request: {
        method: request.method,
        url: request.url,
        headers: request.headers,
        body_bytes: prepared.payload.length,
        body_base64: Buffer.from(prepared.payload).toString('base64'),
      },
      response_status: verdict.status,
      error,
      hint,
      attempts,
    },
    hintLines(error, hint),
  )
}

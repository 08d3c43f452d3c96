import type { Command } from 'commander'
import type { OperationInput } from '../../../src-shared/api/contract.ts'
import { invalidInput } from '../../../src-shared/errors.ts'
import { destinationSettingsSchema, type DestinationView } from '../../../src-shared/model/destination.ts'
import { chooseDestination, chooseWorkspace } from '../choose.ts'
import { exitCodes } from '../exit-codes.ts'
import { commaList, decimal, parseHeader, readInput, repeated, wholeNumber } from '../inputs.ts'
import { table, visible } from '../output.ts'
import { tellPaused } from '../paused.ts'
import { action } from '../run-command.ts'
import { addSecretOptions, readSecrets, type SecretOptions } from '../secret-options.ts'
import { plural, sentLater, statusText } from '../text.ts'

interface SettingsOptions extends SecretOptions {
  readonly name?: string
  readonly url?: string
  readonly method?: string
  readonly header?: string[]
  readonly query?: string[]
  readonly body?: string
  readonly timeout?: number
  readonly concurrency?: number
  readonly rate?: string
  readonly retryDelays?: string
  readonly followRedirects?: boolean
  readonly strict?: boolean
  readonly insecure?: boolean
  /** false: none. */
  readonly ca?: string | false
  readonly cert?: string | false
  readonly key?: string
  readonly enable?: boolean
  readonly disable?: boolean
}

function addSettingsOptions(command: Command): Command {
  return addSecretOptions(command)
    .option('--method <method>', "default: the provider's")
    .option('--header <header>', "'Name: value' template (repeatable)", repeated)
    .option('--query <pair>', "'name=value' template (repeatable)", repeated)
    .option('--body <file>', 'file with the body template, or - for standard input')
    .option('--timeout <seconds>', 'from connect to the last byte', decimal(1, 120))
    .option('--concurrency <n>', 'requests at once', wholeNumber(1, 256))
    .option('--rate <n/s>', "rate limit: '10/1' is ten requests a second, 'none' removes it")
    .option(
      '--retry-delays <seconds>',
      "own policy: '10,60,300'; 'none' never retries, 'provider' is the provider's",
    )
    .option('--follow-redirects', 'follow them')
    .option('--no-follow-redirects', "don't follow them")
    .option('--strict', 'refuse private and local addresses, as the provider does')
    .option('--no-strict', 'allow them')
    .option('--insecure', 'accept self-signed certificates')
    .option('--no-insecure', 'refuse them')
    .option('--ca <file>', "PEM of the receiver's certificate authority")
    .option('--no-ca', 'take it out')
    .option('--cert <file>', 'PEM of a client certificate')
    .option('--no-cert', 'take it out, with its key')
    .option('--key <file>', "PEM of the client certificate's key")
}

type Settings = Omit<OperationInput<'destinations.change'>, 'id'>

const text = async (file: string): Promise<string> => (await readInput(file)).toString('utf8')

async function settingsOf(options: SettingsOptions): Promise<Settings> {
  const secrets = await readSecrets(options)
  const settings: Settings = {}
  if (secrets[0] !== undefined) settings.secret = secrets[0]
  if (options.name !== undefined) settings.name = options.name
  if (options.url !== undefined) settings.url_template = options.url
  if (options.method !== undefined) settings.method = options.method.toUpperCase()
  if (options.header !== undefined)
    settings.headers_template = options.header.map((text) => parseHeader(text))
  if (options.query !== undefined) settings.query_template = options.query.map(parsePair)
  if (options.body !== undefined) settings.body_template = await text(options.body)
  if (options.timeout !== undefined) settings.timeout_seconds = options.timeout
  if (options.concurrency !== undefined) settings.concurrency = options.concurrency
  if (options.rate !== undefined) settings.rate_limit = parseRate(options.rate)
  if (options.retryDelays !== undefined) settings.retry_policy = parseDelays(options.retryDelays)
  if (options.followRedirects !== undefined) settings.follow_redirects = options.followRedirects
  if (options.strict !== undefined) settings.strict_url_rules = options.strict
  return settings
}

type Tls = NonNullable<Settings['tls']>

/** What the options say of TLS; null: nothing. */
async function readTls({ insecure, ca, cert, key }: SettingsOptions): Promise<Partial<Tls> | null> {
  const tls: Partial<Tls> = {}
  if (insecure !== undefined) tls.accept_self_signed = insecure
  if (ca !== undefined) tls.ca = ca === false ? null : await text(ca)
  if (cert !== undefined) tls.client_certificate = cert === false ? null : await text(cert)
  if (key !== undefined) tls.client_key = await text(key)
  return Object.keys(tls).length === 0 ? null : tls
}

/** Over what is set: the API takes the TLS settings whole, but keeps the key, which it never tells, by itself. */
function mergedTls(
  { accept_self_signed, ca, client_certificate }: DestinationView['tls'],
  tls: Partial<Tls>,
): Tls {
  return { accept_self_signed, ca, client_certificate, ...tls }
}

function parsePair(text: string): { name: string; value: string } {
  const at = text.indexOf('=')
  if (at < 1) throw invalidInput(`--query wants name=value, not "${text}".`)
  return { name: text.slice(0, at), value: text.slice(at + 1) }
}

function parseRate(text: string): { requests: number; per_seconds: number } | null {
  if (text === 'none') return null
  const match = /^(\d+)\/(\d+(?:\.\d+)?)$/.exec(text)
  const rate = { requests: Number(match?.[1]), per_seconds: Number(match?.[2]) }
  if (!destinationSettingsSchema.shape.rate_limit.safeParse(rate).success) {
    throw invalidInput(
      `--rate wants requests/seconds such as 10/1 (1 to 100000 in 0.1 to 86400 s), or none, not "${text}".`,
    )
  }
  return rate
}

function parseDelays(text: string): { delays_seconds: number[]; jitter: number } | null {
  if (text === 'provider') return null
  const policy = { delays_seconds: text === 'none' ? [] : commaList(text).map(Number), jitter: 0 }
  if (!destinationSettingsSchema.shape.retry_policy.safeParse(policy).success) {
    throw invalidInput(
      `--retry-delays wants seconds such as 10,60,300 (50 at most, each up to 30 days), or none, or provider, not "${text}".`,
    )
  }
  return policy
}

const shownUrl = (url: string): string => url.replace(/^([a-z]+:\/\/)[^/?#@]*@/i, '$1•••@')

function describe(destination: DestinationView, colour: Parameters<typeof statusText>[1]): string[] {
  const { rate_limit: rate, retry_policy: policy } = destination
  return [
    `${visible(destination.name)}  ${destination.id}  ${statusText(destination.status, colour)}`,
    `  ${destination.method} ${visible(shownUrl(destination.url_template))}`,
    ...(destination.paused === null
      ? []
      : [colour.bad(`  paused since ${destination.paused.at}: ${visible(destination.paused.reason)}`)]),
    ...destination.headers_template.map(
      ({ name, value }) =>
        `  ${visible(name)}: ${/^(proxy-)?authorization$|cookie/i.test(name) ? '•••' : visible(value)}`,
    ),
    `  secret ${destination.secret_set ? `…${visible(destination.secret_last4 ?? '')}` : 'none'}`,
    `  timeout ${destination.timeout_seconds} s, concurrency ${destination.concurrency}, rate limit ${rate === null ? 'none' : `${rate.requests} in ${rate.per_seconds} s`}`,
    `  retries ${policy === null ? "the provider's" : policy.delays_seconds.join(', ') || 'none'}`,
    ...destination.production_checks.map((check) => colour.warn(`  ${visible(check)}`)),
  ]
}

const secretLine = (secret: string | null): string[] =>
  secret === null
    ? ['It signs nothing: it has no secret.']
    : [`Its signing secret, shown only now: ${secret}`]

export function addDestinations(program: Command): void {
  const group = program.command('destinations').description('where deliveries go')
  addReading(group)
  addWriting(group)
  group
    .command('rotate <destination>')
    .description('a new signing secret, shown once')
    .option('--keep-previous <seconds>', 'how long the old one stays valid', wholeNumber(0, 31_536_000), 0)
    .option('--secret-file <file>', 'the new secret, instead of a generated one')
    .action(
      action<{ keepPrevious: number; secretFile?: string }>(
        async ({ options, output, session }, wanted = '') => {
          const given =
            options.secretFile === undefined
              ? undefined
              : (await readSecrets({ secretFile: options.secretFile }))[0]
          const rotated = await session(async ({ client }) =>
            client.call('destinations.rotate-secret', {
              id: (await chooseDestination(client, wanted)).id,
              keep_previous_seconds: options.keepPrevious,
              ...(given === undefined ? {} : { secret: given }),
            }),
          )
          output.result(rotated, secretLine(rotated.secret))
        },
      ),
    )
  group
    .command('test <destination>')
    .description('send a test delivery')
    .action(
      action(async ({ output, session }, wanted = '') => {
        const { event, deliveries, attached } = await session(async ({ client, attached }) => {
          const { id } = await chooseDestination(client, wanted)
          await tellPaused({ client, attached }, false, (line) => output.note(line))
          return { ...(await client.call('destinations.test', { id })), attached }
        })
        if (!attached) output.note(sentLater)
        output.result(
          { event, deliveries },
          deliveries.map(({ id }) => `delivery ${id} (${event.type})`),
        )
      }),
    )
  group
    .command('resume <destination>')
    .description('resume a paused one')
    .action(
      action(async ({ output, session }, wanted = '') => {
        const destination = await session(async ({ client }) =>
          client.call('destinations.resume', { id: (await chooseDestination(client, wanted)).id }),
        )
        output.result(destination, describe(destination, output.colour))
      }),
    )
}

function addReading(group: Command): void {
  group
    .command('ls')
    .description('list them')
    .option('--workspace <id or name>', 'only of this one')
    .action(
      action<{ workspace?: string }>(async ({ options, output, session }) => {
        const { items } = await session(async ({ client }) => {
          const workspace =
            options.workspace === undefined
              ? undefined
              : (await chooseWorkspace(client, options.workspace)).id
          return client.call('destinations.list', workspace === undefined ? {} : { workspace })
        })
        const rows = items.map((d) => [
          d.id,
          d.name,
          d.status,
          `${d.method} ${shownUrl(d.url_template)}`,
          String(d.waiting_deliveries),
        ])
        output.result(
          items,
          table(['ID', 'NAME', 'STATUS', 'REQUEST', 'WAITING'], rows, 'There is no destination.'),
        )
      }),
    )
  group
    .command('show <destination>')
    .description('one in full')
    .action(
      action(async ({ output, session }, wanted = '') => {
        const destination = await session(({ client }) => chooseDestination(client, wanted))
        output.result(destination, describe(destination, output.colour))
      }),
    )
}

function addWriting(group: Command): void {
  addSettingsOptions(
    group
      .command('add')
      .description('create one; its secret is generated unless given')
      .requiredOption('--name <name>', 'its name')
      .requiredOption(
        '--url <template>',
        "e.g. 'http://localhost:3000/hooks' or 'https://x.example/{{ contact._id }}'",
      )
      .option('--workspace <id or name>', 'default: the only one')
      .option('--unsigned', 'no secret, where the provider allows it')
      .option('--events <types>', "subscribe at once: 'contact.created,contact.updated' or '*'"),
  ).action(
    action<
      SettingsOptions & { name: string; url: string; workspace?: string; unsigned?: boolean; events?: string }
    >(async ({ options, output, session }) => {
      const { name: _name, url_template: _url, ...settings } = await settingsOf(options)
      const tls = await readTls(options)
      const destination = await session(async ({ client }) => {
        const created = await client.call('destinations.create', {
          ...settings,
          ...(tls === null ? {} : { tls }),
          ...(options.unsigned === true ? { secret: null } : {}),
          name: options.name,
          url_template: options.url,
          workspace_id: (await chooseWorkspace(client, options.workspace)).id,
        })
        if (options.events !== undefined) {
          const input = { destination_id: created.id, event_types: commaList(options.events) }
          await client.call('subscriptions.create', input).catch(async (error: unknown) => {
            await client.call('destinations.delete', { id: created.id })
            throw error
          })
        }
        return created
      })
      output.result(destination, [...describe(destination, output.colour), ...secretLine(destination.secret)])
    }),
  )
  addSettingsOptions(
    group
      .command('set <destination>')
      .description('change one')
      .option('--name <name>', 'its name')
      .option('--url <template>', 'its URL')
      .option('--enable', 'send to it')
      .option('--disable', 'hold what is waiting, make no new deliveries'),
  ).action(
    action<SettingsOptions>(async ({ options, output, session }, wanted = '') => {
      const settings = await settingsOf(options)
      if (options.enable === true) settings.enabled = true
      if (options.disable === true) settings.enabled = false
      const tls = await readTls(options)
      if (Object.keys(settings).length === 0 && tls === null)
        throw invalidInput('Nothing to change was given; see `hookbench destinations set --help`.')
      const destination = await session(async ({ client }) => {
        const before = await chooseDestination(client, wanted)
        return client.call('destinations.change', {
          ...settings,
          ...(tls === null ? {} : { tls: mergedTls(before.tls, tls) }),
          id: before.id,
        })
      })
      output.result(destination, describe(destination, output.colour))
    }),
  )
  group
    .command('rm <destination>')
    .description('delete one; what waits for it ends as failed')
    .action(
      action(async ({ output, session }, wanted = '') => {
        const { id, failed } = await session(async ({ client }) => {
          const { id } = await chooseDestination(client, wanted)
          return { id, failed: (await client.call('destinations.delete', { id })).failed_deliveries }
        })
        output.result({ deleted: id, failed_deliveries: failed }, [
          `deleted destination ${id}; ${plural(failed, 'waiting delivery')} ended as failed`,
        ])
        return exitCodes.fine
      }),
    )
}

import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { providers, requireProvider } from '../../../src-main/engine/providers/index.ts'
import type { Provider } from '../../../src-main/engine/providers/provider.ts'
import { signRequest, type SigningInput } from '../../../src-main/engine/signing/sign.ts'
import { receiverSnippet } from '../../../src-main/engine/snippets/snippet.ts'
import type { Header } from '../../../src-shared/model/header.ts'
import { snippetLanguages, type SnippetLanguageId } from '../../../src-shared/model/snippet-languages.ts'
import { freePort } from '../../support/free-port.ts'

/**
 * Every snippet runs as the program that it is, and is sent what Hookbench signs. A language that is not installed
 * here is skipped.
 */

type Command = readonly [program: string, ...given: string[]]

/** How a snippet is run, as its own first lines say; and how one sees that the language is there. */
interface Tool {
  readonly compile?: (file: string) => Command
  /** @param line the words of the command line in its first lines */
  readonly run: (file: string, port: number, line: readonly string[]) => Command
  readonly test: Command
}

const tools: Readonly<Record<SnippetLanguageId, Tool>> = {
  node: { run: (file) => [process.execPath, file], test: [process.execPath, '--version'] },
  python: { run: (file) => ['python3', file], test: ['python3', '--version'] },
  php: {
    // -n: without a php.ini, as in a container, where warnings are part of the answer.
    run: (file, port, line) => ['php', '-n', ...line.slice(2, -3), '-S', `127.0.0.1:${port}`, file],
    test: ['php', '--version'],
  },
  ruby: { run: (file) => ['ruby', file], test: ['ruby', '-e', 'require "webrick"'] },
  go: { run: (file) => ['go', 'run', file], test: ['go', 'version'] },
  java: { run: (file) => ['java', file], test: ['javac', '--version'] },
  csharp: {
    compile: (file) => [
      'mcs',
      '-nologo',
      '-warnaserror',
      ...['System.Runtime.Serialization', 'System.Xml'].map((name) => `-r:${name}`),
      file,
    ],
    run: (file) => ['mono', file.replace(/\.cs$/, '.exe')],
    test: ['mcs', '--version'],
  },
}

/** Quotes and what shells, JSON and languages escape; in base64 where the provider wants that. */
const text = `s3cret "quoted" 'twice' \\back $HOME #{x} %s/é`
const asSecret = ({ scheme }: Provider, value: string): string =>
  scheme.secret_encoding === 'base64'
    ? (scheme.secret_prefix ?? '') + Buffer.from(value).toString('base64')
    : value

interface Circumstances {
  readonly locale?: string
  readonly fileName?: string
}

interface Running {
  readonly port: number
  readonly output: () => string
  /** The exit code. */
  readonly ended: Promise<number | null>
  /** Ctrl+C in its terminal. */
  readonly interrupt: () => void
}

interface Receiver extends Running {
  readonly status: (
    headers: readonly Header[],
    body: Uint8Array | ReadableStream,
    method?: string,
  ) => Promise<number>
}

let folder = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'hookbench-snippets-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Runs a snippet until the test ends. */
async function run(
  provider: Provider,
  language: SnippetLanguageId,
  secret: string,
  { locale = 'C.UTF-8', fileName }: Circumstances = {},
): Promise<Running> {
  const { code, file_name: name, run: line } = receiverSnippet(provider, language, fileName)
  const own = mkdtempSync(join(folder, `${language}-`))
  const file = join(own, name)
  writeFileSync(file, code)
  const [compiler, ...options] = tools[language].compile?.(file) ?? []
  if (compiler !== undefined)
    expect(spawnSync(compiler, options, { encoding: 'utf8' })).toMatchObject({
      status: 0,
      stdout: '',
      stderr: '',
    })
  const port = await freePort()
  const [program, ...given] = tools[language].run(file, port, line.split(' '))
  const child = spawn(program, given, {
    // A group of its own: `go run` starts a program that would stay.
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...process.env,
      LC_ALL: locale,
      GOCACHE: join(folder, 'go-build'),
      GOFLAGS: '-mod=mod',
      WEBHOOK_SECRET: secret,
      PORT: String(port),
    },
  })
  let output = ''
  child.stdout.setEncoding('utf8').on('data', (part: string) => (output += part))
  child.stderr.setEncoding('utf8').on('data', (part: string) => (output += part))
  const ended = new Promise<number | null>((resolve) => child.once('close', (status) => resolve(status)))
  const signal = (name: NodeJS.Signals): void => {
    const isThere = child.exitCode === null && child.signalCode === null
    if (child.pid !== undefined && isThere) process.kill(-child.pid, name)
  }
  onTestFinished(async () => {
    signal('SIGKILL')
    await ended
  })
  return { port, output: () => output, ended, interrupt: () => signal('SIGINT') }
}

const isOpen = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => resolve(true))
    socket.on('error', () => resolve(false)).on('connect', () => socket.end())
  })

async function start(
  provider: Provider,
  language: SnippetLanguageId,
  secret: string,
  circumstances?: Circumstances,
): Promise<Receiver> {
  const running = await run(provider, language, secret, circumstances)
  const { port, output } = running
  await expect.poll(output, { timeout: 90_000, interval: 20 }).toMatch(/listening on|Development Server/i)
  // Go's says so just before it does.
  await expect.poll(() => isOpen(port), { timeout: 10_000, interval: 20 }).toBe(true)
  return {
    ...running,
    status: async (headers, body, method = 'POST') => {
      const given = new Headers({ 'Content-Type': 'application/json' })
      for (const [key, value] of headers) given.set(key, value)
      const answer = await fetch(`http://127.0.0.1:${port}/webhooks?x=1`, {
        method,
        headers: given,
        ...(method === 'HEAD' || method === 'GET' ? {} : { body: body as BodyInit, duplex: 'half' }),
        signal: AbortSignal.timeout(30_000),
      })
      await answer.arrayBuffer()
      return answer.status
    },
  }
}

/**
 * Sends bytes as they are, part after part until there is an answer, and leaves the connection open.
 * @returns the status of the answer; null when the connection ends without one
 */
async function statusOfBytes(
  port: number,
  ...parts: readonly (string | Uint8Array)[]
): Promise<number | null> {
  const socket = connect(port, '127.0.0.1')
  onTestFinished(() => void socket.destroy())
  let status: number | null | undefined
  const answer = new Promise<number | null>((resolve) => {
    const end = (found: number | null): void => resolve((status ??= found))
    socket.on('data', (bytes) => end(Number(/^HTTP\/1\.\d (\d{3})/.exec(bytes.toString('latin1'))?.[1])))
    // A sender that is still sending when it is refused may see no more than a reset.
    socket.on('error', () => end(null)).on('close', () => end(null))
  })
  for (const part of parts) {
    if (status !== undefined) break
    const sent = new Promise((resolve) => socket.write(part, resolve))
    await Promise.race([answer, sent])
  }
  return answer
}

const inChunks = (body: Uint8Array): ReadableStream =>
  new ReadableStream({
    start: (stream) => {
      for (const part of [body.subarray(0, 20), body.subarray(20)]) stream.enqueue(part)
      stream.close()
    },
  })

/** A request of this provider with this body, signed now. */
const signed = (provider: Provider, secret: string, body: string) =>
  signRequest(provider.scheme, {
    secrets: [secret],
    timestampSeconds: Math.floor(Date.now() / 1000),
    id: 'delivery-1',
    eventType: 'thing.happened',
    body: Buffer.from(body),
  })

/** JSON that isn't, around a field that is right. */
const noJson = (field: string): string[] => [
  `{${field} oops`,
  `{${field}}xyz`,
  `[${field.replace(':', ' ')}]`,
  `[${field.replace(':', ',')}]`,
  `garbage {${field}`,
  `garbage {${field}}`,
  `{${field} "b":1}`,
  `{,${field}}`,
  `{"a" "b",${field}}`,
  `{"a":[1},${field}}`,
  `{"a":tru,${field}}`,
  `{${field.replaceAll('"', "'")}}`,
  '"text"',
  '['.repeat(100_000),
  '{"a":'.repeat(100_000),
]
/** More of it, about which readers disagree. */
const hardlyJson = (field: string): string[] => [
  `{${field}`,
  `{${field},}`,
  `{${field}}}`,
  `{${field}} {}`,
  `{"a":[1 2],${field}}`,
  `{"a":[1,],${field}}`,
  `{"a":01,${field}}`,
  `{"a":1.e,${field}}`,
  `{"a":"\n",${field}}`,
  `{"a":"\\q",${field}}`,
  `{"a":"\\u+123",${field}}`,
]

/** A body that has the parts which the scheme looks for in it. */
function bodyOf({ scheme }: Provider, at: number): Buffer {
  const fields = {
    nested: { timestamp: '2001-01-01T00:00:00Z', secret: 'another', list: ['secret', { secret: 'x' }] },
    text: 'é😀 "quoted" \\ \u0000\n',
    ...(scheme.timestamp_path === undefined ? {} : { [scheme.timestamp_path]: new Date(at).toISOString() }),
    ...(scheme.secret_path === undefined ? {} : { [scheme.secret_path]: '' }),
    last: [1.5e3, null, true],
  }
  return Buffer.from(JSON.stringify(fields, null, 1))
}

const without = (headers: readonly Header[], name: string): Header[] =>
  headers.filter(([other]) => other !== name)

describe.each(snippetLanguages)('receiver code in %s', (language) => {
  const { test } = tools[language]
  const isInstalled = spawnSync(test[0], test.slice(1), { stdio: 'ignore' }).status === 0

  it.skipIf(!isInstalled).each(providers.map((provider) => [provider.id, provider] as const))(
    'accepts what %s signed, and nothing else',
    { timeout: 120_000 },
    async (_, provider) => {
      const { scheme } = provider
      const secret = asSecret(provider, text)
      const receiver = await start(provider, language, secret)
      const sign = (change: Partial<SigningInput> = {}, at = Date.now()) =>
        signRequest(scheme, {
          secrets: [secret],
          timestampSeconds: Math.floor(at / 1000),
          id: 'delivery-1',
          eventType: 'thing.happened',
          body: bodyOf(provider, at),
          ...change,
        })
      const statusOf = ({ headers, body }: { headers: readonly Header[]; body: Uint8Array }) =>
        receiver.status(headers, body)

      const right = sign()
      expect(await statusOf(right)).toBe(200)
      expect(await receiver.status(right.headers, inChunks(right.body))).toBe(200)
      const other = asSecret(provider, 'another secret entirely')
      expect(await statusOf(sign({ secrets: [other] }))).toBe(401)
      expect(await receiver.status([], bodyOf(provider, Date.now()))).toBe(401)
      expect(await receiver.status(right.headers, new Uint8Array())).toBe(401)
      const { header } = scheme
      if (header === undefined) {
        // The secret is in the body, so that is all there is to change.
        expect(await receiver.status([], Buffer.from('{"secret":['))).toBe(401)
        expect(await receiver.status([], Buffer.from('{"secret":null}'))).toBe(401)
        expect(await receiver.status([], Buffer.from(JSON.stringify([{ secret: text }])))).toBe(401)
        return
      }
      expect(await receiver.status(right.headers, Buffer.concat([right.body, Buffer.from(' ')]))).toBe(401)
      expect(await receiver.status(without(right.headers, header), right.body)).toBe(401)
      const changed = (change: (value: string) => string): Header[] =>
        right.headers.map(([name, value]) => [name, name === header ? change(value) : value])
      expect(
        await receiver.status(
          changed((value) => value.slice(0, -2)),
          right.body,
        ),
      ).toBe(401)
      expect(
        await receiver.status(
          changed((value) => value.replace(/^.*[=,](?=.)/, '')),
          right.body,
        ),
      ).toBe(/[=,](?=.)/.test(scheme.format.replace('{signature}', 'x')) ? 401 : 200)
      expect(
        await receiver.status(
          changed(() => ''),
          right.body,
        ),
      ).toBe(401)
      for (const name of [
        scheme.timestamp_header,
        scheme.content.includes('id') ? scheme.id_header : undefined,
      ]) {
        if (name === undefined) continue
        expect(await receiver.status(without(right.headers, name), right.body)).toBe(401)
        const forged = right.headers.map(([key, value]): Header => [key, key === name ? `${value}1` : value])
        expect(await receiver.status(forged, right.body)).toBe(401)
      }
      if (scheme.multiple) {
        expect(await statusOf(sign({ secrets: [other, secret] }))).toBe(200)
        expect(await statusOf(sign({ secrets: [other, other] }))).toBe(401)
      }
      const isTimed = scheme.timestamp_path !== undefined || scheme.content.includes('timestamp')
      const tolerance = scheme.tolerance_seconds * 1000
      for (const at of [Date.now() - tolerance - 60_000, Date.now() + tolerance + 60_000])
        expect(await statusOf(sign({}, at))).toBe(isTimed ? 401 : 200)
      for (const at of [Date.now() - tolerance + 60_000, Date.now() + tolerance - 60_000])
        expect(await statusOf(sign({}, at))).toBe(200)
    },
  )

  it.skipIf(!isInstalled)('does not work without a secret, and says so', { timeout: 120_000 }, async () => {
    const provider = providers[0]
    if (provider === undefined) throw new Error('unreachable')
    if (language === 'php') {
      const receiver = await start(provider, language, '')
      expect(await receiver.status([], Buffer.from('{}'))).toBe(500)
      return
    }
    const { ended, output } = await run(provider, language, '')
    expect(await ended).not.toBe(0)
    expect(output()).toContain('Set WEBHOOK_SECRET to the signing secret')
  })

  const github = requireProvider('github')
  const right = signed(github, text, '{"a":"é"}')

  it.skipIf(!isInstalled)(
    'answers while other senders stall, and after they left',
    { timeout: 120_000 },
    async () => {
      const receiver = await start(github, language, text)
      const head = 'POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 9\r\n\r\nabc'
      const stalled = Array.from({ length: 5 }, () => connect(receiver.port, '127.0.0.1'))
      for (const socket of stalled) socket.write(head)
      for (let count = 0; count < 3; count++)
        expect(await receiver.status(right.headers, right.body)).toBe(200)
      expect(stalled.map(({ readyState, bytesRead }) => ({ readyState, bytesRead }))).toEqual(
        stalled.map(() => ({ readyState: 'open', bytesRead: 0 })),
      )
      for (const socket of stalled) socket.resetAndDestroy()
      expect(await receiver.status(right.headers, right.body)).toBe(200)
      expect(receiver.output()).not.toContain('Traceback')
    },
  )

  it.skipIf(!isInstalled)('reads no more than 25 MiB', { timeout: 120_000 }, async () => {
    const { port, status } = await start(github, language, text)
    const mebibyte = Buffer.alloc(1024 * 1024, 'a')
    expect(await status([], Buffer.alloc(9 * 1024 * 1024, 'a'))).toBe(401)
    const large = signed(github, text, 'a'.repeat(25 * 1024 * 1024))
    expect(await status(large.headers, large.body)).toBe(200)
    // PHP starts the program when all has arrived.
    const isWhole = language === 'php'
    const length = isWhole ? 26 * 1024 * 1024 : 2 ** 30
    const head = 'POST / HTTP/1.1\r\nHost: 127.0.0.1\r\n'
    const parts = Array.from({ length: 26 }, () => mebibyte)
    // Mono ends some large bodies early: then they are refused for their signature.
    const tooLarge = language === 'csharp' ? [413, 401, null] : [413, null]
    expect(tooLarge).toContain(
      await statusOfBytes(port, `${head}Content-Length: ${length}\r\n\r\n`, ...parts),
    )
    const chunks = parts.flatMap((part) => ['100000\r\n', part, '\r\n'])
    expect(tooLarge).toContain(
      await statusOfBytes(
        port,
        `${head}Transfer-Encoding: chunked\r\n\r\n`,
        ...chunks,
        isWhole ? '0\r\n\r\n' : '',
      ),
    )
    expect(await status(right.headers, right.body)).toBe(200)
  })

  it.skipIf(!isInstalled)('refuses lengths that are none', { timeout: 120_000 }, async () => {
    const { port, status, output } = await start(github, language, text)
    for (const line of ['Content-Length: -1', 'Content-Length: abc', 'Transfer-Encoding: chunked']) {
      const request = `POST / HTTP/1.1\r\nHost: 127.0.0.1\r\n${line}\r\n\r\n-5\r\nabc\r\n`
      // Some hang up without an answer.
      expect([400, 401, 413, null], line).toContain(await statusOfBytes(port, request))
    }
    expect(await status(right.headers, right.body)).toBe(200)
    expect(output()).not.toMatch(/Traceback|Exception/)
  })

  it.skipIf(!isInstalled)('answers to every method and type', { timeout: 120_000 }, async () => {
    const { status } = await start(github, language, text)
    for (const method of ['GET', 'HEAD', 'OPTIONS', 'PUT', 'PATCH', 'DELETE', 'PROPFIND'])
      expect(await status([], Buffer.from('{}'), method), method).toBe(401)
    for (const type of ['multipart/form-data; boundary=x', 'application/x-www-form-urlencoded', 'text/plain'])
      expect(await status([...right.headers, ['Content-Type', type]], right.body), type).toBe(200)
  })

  it.skipIf(!isInstalled).each([
    ['breakcold-classic', () => `"secret":${JSON.stringify(text)}`],
    ['leadnest', () => `"timestamp":"${new Date().toISOString()}"`],
  ])('reads bodies of %s as strictly as JSON is', { timeout: 120_000 }, async (id, field) => {
    const provider = requireProvider(id)
    const receiver = await start(provider, language, text)
    const statusOf = (body: string) =>
      receiver.status(id === 'leadnest' ? signed(provider, text, body).headers : [], Buffer.from(body))
    // Java has no reader of its own, so the snippet brings one.
    const wrong = [...noJson(field()), ...(language === 'java' ? hardlyJson(field()) : [])]
    for (const body of wrong) expect(await statusOf(body), body.slice(0, 99)).toBe(401)
    const before = [
      '-1.5e+3',
      '0',
      '{}',
      '[ ]',
      '"\\u00e4\\"\\\\\\/\\b\\f\\n\\r\\t"',
      `{${field()},"a":[{"b":[]}]}`,
    ]
    for (const body of [`{${field()}}`, ` {"a" : [${before.join(' , ')}] ,\r\n\t${field()} } \n`])
      expect(await statusOf(body), body).toBe(200)
    expect(receiver.output()).not.toMatch(/Traceback|Exception/)
    // More than PHP's memory holds.
    const large = `[${'1,'.repeat(5 * 1024 * 1024)}1]`
    if (language === 'php') expect(await statusOf(large)).toBe(500)
  })

  it.skipIf(!isInstalled).each(['github', 'breakcold-classic'])(
    'takes a secret of %s beyond ASCII in any locale, or says that it can’t',
    { timeout: 120_000 },
    async (id) => {
      const provider = requireProvider(id)
      const secret = 'geheim-ä'
      if (language === 'java') {
        const { ended, output } = await run(provider, language, secret, { locale: 'C' })
        expect(await ended).toBe(1)
        expect(output()).toContain('set LC_ALL=C.UTF-8')
        return
      }
      const receiver = await start(provider, language, secret, { locale: 'C' })
      const { headers, body } = signed(provider, secret, '{"secret":""}')
      expect(await receiver.status(headers, body)).toBe(200)
    },
  )

  it.skipIf(!isInstalled)(
    'has any name, and ends at Ctrl+C without a word',
    { timeout: 120_000 },
    async () => {
      const { file_name: usual } = receiverSnippet(github, language)
      const fileName = `my-hook.v2${usual.slice(usual.indexOf('.'))}`
      const { interrupt, ended, output, status } = await start(github, language, text, { fileName })
      expect(await status(right.headers, right.body)).toBe(200)
      interrupt()
      await ended
      expect(output()).not.toMatch(/Traceback|Exception/)
    },
  )
})

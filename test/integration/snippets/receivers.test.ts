import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { providers } from '../../../src-main/engine/providers/index.ts'
import type { Provider } from '../../../src-main/engine/providers/provider.ts'
import { signRequest, type SigningInput } from '../../../src-main/engine/signing/sign.ts'
import { receiverSnippet } from '../../../src-main/engine/snippets/snippet.ts'
import type { Header } from '../../../src-shared/model/header.ts'
import { snippetLanguages, type SnippetLanguageId } from '../../../src-shared/model/snippet.ts'
import { freePort } from '../../support/free-port.ts'

/**
 * Every snippet runs as the program that it is, and is sent what Hookbench signs. A language that is not installed
 * here is skipped.
 */

type Command = readonly [program: string, ...given: string[]]

/** How a snippet is run, as its own first lines say; and how one sees that the language is there. */
interface Tool {
  readonly compile?: (file: string) => Command
  readonly run: (file: string, port: number) => Command
  readonly test: Command
}

const tools: Readonly<Record<SnippetLanguageId, Tool>> = {
  node: { run: (file) => [process.execPath, file], test: [process.execPath, '--version'] },
  python: { run: (file) => ['python3', file], test: ['python3', '--version'] },
  php: { run: (file, port) => ['php', '-S', `127.0.0.1:${port}`, file], test: ['php', '--version'] },
  ruby: { run: (file) => ['ruby', file], test: ['ruby', '-e', 'require "webrick"'] },
  go: { run: (file) => ['go', 'run', file], test: ['go', 'version'] },
  java: { run: (file) => ['java', file], test: ['javac', '--version'] },
  csharp: {
    compile: (file) => [
      'mcs',
      '-nologo',
      '-warnaserror',
      ...['System.Runtime.Serialization', 'System.Xml', 'System.Xml.Linq'].map((name) => `-r:${name}`),
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

interface Running {
  readonly port: number
  readonly output: () => string
  /** The exit code. */
  readonly ended: Promise<number | null>
}

interface Receiver {
  readonly status: (headers: readonly Header[], body: Uint8Array) => Promise<number>
}

let folder = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'hookbench-snippets-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Runs a snippet until the test ends. */
async function run(provider: Provider, language: SnippetLanguageId, secret: string): Promise<Running> {
  const { code, file_name: name } = receiverSnippet(provider, language)
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
  const [program, ...given] = tools[language].run(file, port)
  const child = spawn(program, given, {
    // A group of its own: `go run` starts a program that would stay.
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...process.env,
      LC_ALL: 'C.UTF-8',
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
  onTestFinished(async () => {
    if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, 'SIGKILL')
    await ended
  })
  return { port, output: () => output, ended }
}

async function start(provider: Provider, language: SnippetLanguageId, secret: string): Promise<Receiver> {
  const { port, output } = await run(provider, language, secret)
  await expect.poll(output, { timeout: 90_000, interval: 20 }).toMatch(/listening on|Development Server/i)
  return {
    status: async (headers, body) => {
      const answer = await fetch(`http://127.0.0.1:${port}/webhooks?x=1`, {
        method: 'POST',
        headers: [
          ['Content-Type', 'application/json'],
          ...headers.map(([key, value]) => [key, value] as [string, string]),
        ],
        body: Buffer.from(body),
      })
      await answer.arrayBuffer()
      return answer.status
    },
  }
}

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
})

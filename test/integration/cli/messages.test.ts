import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { errorKinds, type Problem } from '../../../src-shared/errors.ts'
import { hookbench, hookbenchAsync } from '../../support/run-command-line.ts'
import { serveInstance, type ServedInstance } from '../../support/served-instance.ts'

let instance: ServedInstance
let folder: string
let dataDir: string[]

beforeAll(async () => {
  instance = await serveInstance()
  folder = mkdtempSync(join(tmpdir(), 'hookbench-messages-'))
  dataDir = ['--data-dir', instance.folder]
})
afterAll(async () => {
  await instance.stop()
  rmSync(folder, { recursive: true, force: true })
})

const localhost = ['destinations', 'add', '--name', 'x', '--url', 'localhost']

/** The problem that a failing command says on stderr with --json. */
function problem(given: readonly string[]): Problem {
  const { code, stdout, stderr } = hookbench([...given, '--json'])
  expect(code).toBe(2)
  expect(stdout).toBe('')
  return JSON.parse(stderr) as Problem
}

describe('an error with --json', () => {
  it('is the problem that the API answers, with the sentence of the command line', async () => {
    const message = 'must start with http:// or https:// (or with a variable)'
    const said = problem([...localhost, ...dataDir])
    expect(said).toEqual({
      type: 'urn:hookbench:error:invalid_input',
      title: errorKinds.invalid_input.title,
      status: 400,
      code: 'invalid_input',
      detail: `--url: ${message}`,
      errors: [{ path: 'url_template', message }],
    })
    const { items } = await instance.client.call('workspaces.list', {})
    const answer = await fetch(`${instance.api}/api/v1/destinations`, {
      method: 'POST',
      headers: { authorization: `Bearer ${instance.token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ workspace_id: items[0]?.id, name: 'x', url_template: 'localhost' }),
    })
    expect(await answer.json()).toEqual({ ...said, detail: `url_template: ${message}` })
  })

  it('is the same with and without a running instance', () => {
    const alone = problem([...localhost, '--data-dir', join(folder, 'alone')])
    expect(alone).toEqual(problem([...localhost, ...dataDir]))
  })

  it.each([
    ['an unknown option', ['workspaces', 'ls', '--jsn'], "unknown option '--jsn' (Did you mean --json?)"],
    ['an invalid argument', ['deliveries', 'ls', '--limit', '0'], 'A whole number from 1 to 500 is wanted.'],
    ['a missing command', ['deliveries'], 'A command is wanted; the same with --help lists them.'],
  ])('is one for %s too', (_what, given, sentence) => {
    const said = problem(given)
    expect(said.code).toBe('invalid_input')
    expect(said.detail).toContain(sentence)
  })

  it('names its cause by code', () => {
    expect(problem(['destinations', 'show', 'nope', ...dataDir])).toMatchObject({
      code: 'destination_not_found',
      status: 404,
    })
  })

  it('holds the stack with --verbose', () => {
    expect(problem(['events', '--provider', 'nope', '--verbose'])).toMatchObject({
      code: 'provider_not_found',
      stack: expect.stringContaining(' at ') as string,
    })
  })
})

describe('a name that several have', () => {
  it('is refused with the ids to choose from', async () => {
    const { items } = await instance.client.call('workspaces.list', {})
    const [workspace] = items
    if (workspace === undefined) throw new Error('there is no workspace')
    const ids: string[] = []
    for (const port of [1, 2]) {
      const { id } = await instance.client.call('destinations.create', {
        workspace_id: workspace.id,
        name: 'twin',
        url_template: `http://127.0.0.1:${port}/`,
      })
      ids.push(id)
    }
    const { code, stderr } = hookbench(['destinations', 'show', 'twin', ...dataDir])
    expect(code).toBe(2)
    expect(stderr.trim()).toBe(
      `hookbench: 2 destinations are called "twin"; name one by its id: ${ids.join(', ')}.`,
    )
    expect(hookbench(['destinations', 'show', ids[1] ?? '', ...dataDir]).stdout).toContain('127.0.0.1:2')
  })
})

describe('verify --cases', () => {
  const signature = '0123456789abcdef'.repeat(4)
  const leadhub = { provider: 'leadhub', secret: 's', body_base64: '' }
  const run = (cases: readonly object[], ...more: string[]): ReturnType<typeof hookbench> => {
    const file = join(folder, 'cases.json')
    writeFileSync(file, JSON.stringify({ cases }))
    return hookbench(['verify', '--cases', file, ...more])
  }
  const rejected = {
    ...leadhub,
    headers: { 'X-LeadHub-Signature': `sha256=${signature}` },
    expect: { ok: false, cause: 'unknown' },
  }
  const unsigned = { ...leadhub, headers: {}, case: 'without signature' }

  it('names provider and case, what was expected and what came out, of those that differ, and counts', () => {
    const { code, stdout } = run([rejected, unsigned])
    expect(code).toBe(1)
    const lines = stdout.trim().split('\n')
    expect(lines[0]).toBe('differs  case 2 (leadhub, without signature)')
    expect(lines[1]?.trim()).toBe('expected verified, came to rejected (header-missing)')
    expect(lines[2]?.trim()).toMatch(/^The request has no header X-LeadHub-Signature/)
    expect(lines.slice(3)).toEqual(['2 cases: 1 as expected, 1 not'])
  })

  it('is one line when all are as expected', () => {
    const { code, stdout } = run([rejected])
    expect(code).toBe(0)
    expect(stdout.trim()).toBe('1 case: 1 as expected, 0 not')
  })

  it('prints the verdicts in the order of the file with --json', () => {
    const { stdout } = run([unsigned, rejected], '--json')
    expect(JSON.parse(stdout)).toMatchObject([
      { ok: false, cause: 'header-missing' },
      { ok: false, cause: 'unknown' },
    ])
  })
})

describe('wording', () => {
  it('trigger names the destination of each delivery, with the end of its id', async () => {
    const { items } = await instance.client.call('destinations.list', {})
    const local = items.find(({ name }) => name === 'Local receiver')
    const { stdout } = hookbench(['trigger', 'contact.created', ...dataDir])
    expect(stdout).toMatch(/^event \S+ made 1 delivery\n/)
    expect(stdout).toContain(`  to Local receiver (…${local?.id.slice(-8)})\n`)
    expect(stdout).not.toContain(local?.id)
  })

  it('counts one thing as one', () => {
    expect(
      hookbench(['contacts', 'set', 'contact_1', '--email', 'one@example.com', ...dataDir]).stdout,
    ).toMatch(/^saved contact_1: event \S+, 1 delivery\n$/)
    const { stdout } = hookbench(['captures', 'import', '-', '--json', ...dataDir], {
      input: 'GET / HTTP/1.1\r\n\r\n',
    })
    const [capture] = JSON.parse(stdout) as { id: string }[]
    const [removed] = hookbench(['captures', 'rm', capture?.id ?? '', ...dataDir]).stdout.split('\n')
    expect(removed).toBe('removed 1 capture')
  })

  it('a refused connection is explained once', async () => {
    const server = createServer().listen(0, '127.0.0.1')
    await new Promise((resolve) => server.once('listening', resolve))
    const { port } = server.address() as AddressInfo
    await new Promise((resolve) => server.close(resolve))
    const sent = hookbench([
      'send',
      'contact.created',
      '--to',
      `http://127.0.0.1:${port}/`,
      '--provider',
      'leadpush',
      '--secret',
      's',
    ])
    expect(sent.code).toBe(1)
    expect(sent.stdout.match(/nothing listens there/gi)).toHaveLength(1)
    expect(sent.stdout).toMatch(/attempt 1: refused after \d+ ms: 127\.0\.0\.1:\d+ refused the connection/)
  })

  it('the hint for a status is printed once', async () => {
    const receiver = createServer((_request, response) => response.writeHead(404).end())
    onTestFinished(() => void receiver.close())
    await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve))
    const to = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/`
    const sent = await hookbenchAsync([
      'send',
      'contact.created',
      '--to',
      to,
      '--provider',
      'leadpush',
      '--secret',
      's',
    ])
    expect(sent.stdout.match(/Check the URL and the receiver's route\./g)).toHaveLength(1)
  })

  it('serve says in its help that it goes on without a receiver', () => {
    const help = hookbench(['serve', '--help']).stdout.replace(/\s+/g, ' ')
    expect(help).toContain('When it is taken, API and UI run without a receiver and say so')
  })
})

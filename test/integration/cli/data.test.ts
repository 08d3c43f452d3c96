import {
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  cpSync,
  mkdirSync,
  readdirSync,
} from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { spawnSync } from 'node:child_process'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import type { CaptureSummary } from '../../../src-shared/model/capture.ts'
import type { DeliverySummary } from '../../../src-shared/model/delivery.ts'
import { hookbench, hookbenchAsync, startHookbench } from '../../support/run-command-line.ts'
import { serveInstance } from '../../support/served-instance.ts'

const root = join(import.meta.dirname, '..', '..', '..')
const fixture = (name: string): string => join(root, 'test', 'fixtures', 'tls', `${name}.pem`)
let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hookbench-data-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

function json<T>(given: readonly string[], dataDir = folder): T {
  const { code, stdout, stderr } = hookbench([...given, '--json', '--data-dir', dataDir])
  expect(code, stderr).toBe(0)
  return JSON.parse(stdout) as T
}

async function until<T>(look: () => T | Promise<T>, done: (value: T) => boolean): Promise<T> {
  for (let tries = 0; tries < 100; tries += 1) {
    const value = await look()
    if (done(value)) return value
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  throw new Error('it did not come about')
}

describe('destinations set', () => {
  it('changes one TLS setting and leaves the others, a client certificate and its key among them', () => {
    const tls = (...given: string[]) =>
      json<{ tls: Record<string, unknown> }>(['destinations', 'set', 'Local receiver', ...given]).tls
    tls('--cert', fixture('client'), '--key', fixture('client-key'))
    expect(tls('--ca', fixture('ca'))).toEqual({
      accept_self_signed: false,
      ca: readFileSync(fixture('ca'), 'utf8'),
      client_certificate: readFileSync(fixture('client'), 'utf8'),
      client_key_set: true,
    })
    expect(tls('--insecure', '--no-ca')).toMatchObject({
      accept_self_signed: true,
      ca: null,
      client_key_set: true,
    })
    expect(tls('--no-cert')).toEqual({
      accept_self_signed: true,
      ca: null,
      client_certificate: null,
      client_key_set: false,
    })
  })
})

describe('serve on a fresh data folder', () => {
  it('has the ready-made workspace; a changed contact is delivered and captured as verified', async () => {
    const instance = await serveInstance()
    onTestFinished(() => instance.stop().then(() => undefined))
    const { items: workspaces } = await instance.client.call('workspaces.list', {})
    expect(workspaces).toMatchObject([{ provider: 'leadpush' }])
    const changed = hookbench([
      'contacts',
      'set',
      'contact_1',
      '--email',
      'new@example.com',
      '--data-dir',
      instance.folder,
      '--json',
    ])
    expect(changed.code, changed.stderr).toBe(0)
    const { items } = await until(
      () => instance.client.call('captures.list', {}),
      (page) => page.items.length > 0,
    )
    const [first] = items
    expect(first?.verdict.status).toBe('verified')
    expect(first?.event_type).toBe('contact.updated')
    const { items: events } = await instance.client.call('events.list', {})
    expect(events[0]?.payload).toMatchObject({
      changes: {
        before: { 'attributes.email': 'ada@example.com' },
        after: { 'attributes.email': 'new@example.com' },
      },
    })
    const { items: deliveries } = await until(
      () => instance.client.call('deliveries.list', {}),
      (page) => page.items[0]?.status === 'succeeded',
    )
    expect(deliveries).toHaveLength(1)
  })

  it('prints the same with and without a running instance', async () => {
    const instance = await serveInstance()
    hookbench(['trigger', 'contact.created', '--wait', '--data-dir', instance.folder])
    const commands = [
      ['deliveries', 'ls'],
      ['captures', 'ls'],
      ['contacts', 'ls'],
      ['destinations', 'ls'],
      ['subscriptions', 'ls'],
    ]
    const attached = commands.map((given) => hookbench([...given, '--data-dir', instance.folder]).stdout)
    const kept = mkdtempSync(join(tmpdir(), 'hookbench-kept-'))
    onTestFinished(() => rmSync(kept, { recursive: true, force: true }))
    instance.process.kill('SIGTERM')
    await new Promise((resolve) => instance.process.once('exit', resolve))
    cpSync(instance.folder, kept, { recursive: true })
    await instance.stop()
    const alone = commands.map((given) => hookbench([...given, '--data-dir', kept]).stdout)
    expect(alone).toEqual(attached)
    expect(attached[0]).toContain('succeeded')
  })

  it('fault 38: ends with 0 within 10 s on SIGTERM with a delivery under way, which is sent again at the next start', async () => {
    const silent = createServer(() => undefined)
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => void silent.close())
    onTestFinished(() => silent.closeAllConnections())
    const { port } = silent.address() as AddressInfo
    const serve = (): ReturnType<typeof startHookbench> =>
      startHookbench(['serve', '--port', '0', '--capture-port', '0', '--json', '--data-dir', folder])
    const running = serve()
    await running.nextJson()
    hookbench([
      'destinations',
      'add',
      '--name',
      'silent',
      '--url',
      `http://127.0.0.1:${port}/`,
      '--timeout',
      '60',
      '--events',
      'contact.deleted',
      '--data-dir',
      folder,
    ])
    const asked = new Promise((resolve) => silent.once('request', resolve))
    hookbench(['trigger', 'contact.deleted', '--data-dir', folder])
    await asked
    const started = performance.now()
    running.process.kill('SIGTERM')
    expect(await running.ended).toBe(0)
    expect(performance.now() - started).toBeLessThan(10_000)
    const page = json<{ items: DeliverySummary[] }>(['deliveries', 'ls', '--destination', 'silent'])
    expect(page.items).toMatchObject([
      { status: 'pending', attempt_count: 1, error: { code: 'interrupted' } },
    ])
    const again = new Promise((resolve) => silent.once('request', resolve))
    const second = serve()
    await second.nextJson()
    await again
    second.process.kill('SIGTERM')
    expect(await second.ended).toBe(0)
  }, 40_000)
})

describe('commands without a running instance', () => {
  it('trigger stores the delivery and says that it goes out later; serve then sends it', async () => {
    const triggered = hookbench(['trigger', 'contact.created', '--data-dir', folder])
    expect(triggered.stderr).toContain('next `hookbench serve`')
    expect(json<{ items: DeliverySummary[] }>(['deliveries', 'ls']).items).toMatchObject([
      { status: 'pending' },
    ])
    const running = startHookbench([
      'serve',
      '--port',
      '0',
      '--capture-port',
      '0',
      '--json',
      '--data-dir',
      folder,
    ])
    await running.nextJson()
    await until(
      () => json<{ items: CaptureSummary[] }>(['captures', 'ls']).items,
      (items) => items[0]?.verdict.status === 'verified',
    )
    running.process.kill('SIGTERM')
    expect(await running.ended).toBe(0)
  })

  it('trigger --wait sends by itself and shows the attempts', async () => {
    const receiver = createServer((request, response) => {
      request.resume()
      response.end('ok')
    })
    await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => void receiver.close())
    const { port } = receiver.address() as AddressInfo
    json(['destinations', 'set', 'Local receiver', '--url', `http://127.0.0.1:${port}/hooks`])
    const done = await hookbenchAsync(['trigger', 'contact.created', '--wait', '--data-dir', folder])
    expect(done.code, done.stderr).toBe(0)
    expect(done.stdout).toContain('succeeded after 1 attempt\n')
  })

  it('the whole of the configuration is made, shown and removed', () => {
    const workspace = json<{ id: string }>(['workspaces', 'add', '--name', 'Hub', '--provider', 'leadhub'])
    const destination = json<{ id: string; secret: string }>([
      'destinations',
      'add',
      '--workspace',
      'Hub',
      '--name',
      'crm',
      '--url',
      'http://localhost:3000/{{ lead.id }}',
      '--header',
      'X-Team: {{ lead.assigned_to }}',
      '--events',
      'lead.created',
    ])
    expect(destination.secret).toMatch(/^\S{16,}$/)
    const shown = hookbench(['destinations', 'show', 'crm', '--data-dir', folder]).stdout
    expect(shown).not.toContain(destination.secret)
    expect(shown).toContain(`…${destination.secret.slice(-4)}`)
    const rotated = json<{ secret: string }>(['destinations', 'rotate', 'crm', '--keep-previous', '60'])
    expect(rotated.secret).not.toBe(destination.secret)
    const endpoint = json<{ id: string; url: string; answer: unknown }>([
      'endpoints',
      'add',
      '--name',
      'Hub in',
      '--destination',
      'crm',
      '--respond-header',
      'X-Hub: yes',
      '--respond-body',
      'thanks',
    ])
    expect(endpoint.url).toMatch(/\/in\/hub-in$/)
    expect(endpoint.answer).toEqual({ status: 200, headers: [['X-Hub', 'yes']], body: 'thanks' })
    json(['endpoints', 'rm', 'hub-in'])
    json(['destinations', 'rm', 'crm'])
    expect(json<unknown[]>(['subscriptions', 'ls'])).toHaveLength(1)
    json(['workspaces', 'rm', workspace.id])
    expect(json<unknown[]>(['workspaces', 'ls'])).toHaveLength(1)
  })

  it('captures are imported from raw requests, judged, shown and removed', () => {
    const request = 'POST /in/sample HTTP/1.1\r\nHost: x\r\nX-Odd: 1\r\nContent-Length: 5\r\n\r\nhello'
    const imported = hookbench(['captures', 'import', '-', '--json', '--data-dir', folder], {
      input: request,
    })
    expect(imported.code, imported.stderr).toBe(0)
    const [capture] = JSON.parse(imported.stdout) as { id: string }[]
    expect(hookbench(['captures', 'show', capture?.id ?? '', '--body', '--data-dir', folder]).stdout).toBe(
      'hello',
    )
    json(['captures', 'rm', capture?.id ?? ''])
    expect(json<{ items: unknown[] }>(['captures', 'ls']).items).toEqual([])
  })

  it('abuse 39: everything it keeps is for the user alone', async () => {
    const running = startHookbench([
      'serve',
      '--port',
      '0',
      '--capture-port',
      '0',
      '--json',
      '--data-dir',
      folder,
    ])
    await running.nextJson()
    expect(statSync(join(folder, 'instance.json')).mode & 0o777).toBe(0o600)
    expect(statSync(join(folder, 'key')).mode & 0o777).toBe(0o600)
    expect(statSync(folder).mode & 0o777).toBe(0o700)
    running.process.kill('SIGTERM')
    await running.ended
    expect(readdirSync(folder)).not.toContain('instance.json')
  })

  it('abuse 38: secrets given to commands and made by them are in no file in the clear', () => {
    json(['destinations', 'set', 'Local receiver', '--secret', 'a-very-secret-secret-0123456789'])
    const store = join(folder, 'store')
    for (const file of readdirSync(store))
      expect(readFileSync(join(store, file)).includes('very-secret-secret')).toBe(false)
  })
})

describe('verify', () => {
  it('all 72 signatures of the vectors are as expected', () => {
    const { code, stdout } = hookbench([
      'verify',
      '--cases',
      join(root, 'test', 'fixtures', 'vectors', 'signatures.json'),
      '--json',
    ])
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toHaveLength(72)
  })

  it('reads a raw request from standard input and names the cause', () => {
    const request = 'POST / HTTP/1.1\r\nX-LeadHub-Signature: sha256=00\r\n\r\n{}'
    const { code, stdout } = hookbench(['verify', '-', '--provider', 'leadhub', '--secret', 'x', '--json'], {
      input: request,
    })
    expect(code).toBe(1)
    expect(JSON.parse(stdout)).toMatchObject({ ok: false, cause: expect.any(String) as string })
  })

  it('takes the secret from the environment', () => {
    const request =
      'POST / HTTP/1.1\r\nX-LeadHub-Signature: sha256=44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a\r\n\r\n{}'
    const { stdout } = hookbench(['verify', '-', '--provider', 'leadhub', '--json'], {
      input: request,
      environment: { HOOKBENCH_SECRET: 'x' },
    })
    expect(JSON.parse(stdout)).toMatchObject({ ok: false })
  })
})

describe('the built program', () => {
  it('runs in a folder without node_modules/electron', () => {
    const copy = mkdtempSync(join(tmpdir(), 'hookbench-copy-'))
    onTestFinished(() => rmSync(copy, { recursive: true, force: true }))
    cpSync(join(root, 'out'), join(copy, 'out'), { recursive: true })
    cpSync(join(root, 'package.json'), join(copy, 'package.json'))
    mkdirSync(join(copy, 'node_modules'))
    for (const name of readdirSync(join(root, 'node_modules'))) {
      if (name !== 'electron' && !name.startsWith('.'))
        symlinkSync(join(root, 'node_modules', name), join(copy, 'node_modules', name))
    }
    const run = spawnSync(
      process.execPath,
      [join(copy, 'out', 'main', 'cli.js'), 'workspaces', 'ls', '--data-dir', folder],
      { encoding: 'utf8', timeout: 30_000, killSignal: 'SIGKILL' },
    )
    expect(run.stderr).toBe('')
    expect(run.stdout).toContain('Sample workspace')
  })

  it.runIf(process.env['ELECTRON_OVERRIDE_DIST_PATH'])("runs under the Node of the tests' Electron", () => {
    const electron = join(process.env['ELECTRON_OVERRIDE_DIST_PATH'] ?? '', 'electron')
    const run = spawnSync(
      electron,
      [join(root, 'out', 'main', 'cli.js'), 'trigger', 'contact.created', '--data-dir', folder],
      {
        encoding: 'utf8',
        timeout: 30_000,
        killSignal: 'SIGKILL',
        env: { ...process.env, ELECTRON_RUN_AS_NODE: '1' },
      },
    )
    expect(run.stdout).toContain('made 1 delivery\n')
    expect(run.status).toBe(0)
  })
})

import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { hookbench, hookbenchAsync, startHookbench } from '../../support/run-command-line.ts'
import { serveInstance } from '../../support/served-instance.ts'

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'hookbench-sending-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

describe('hookbench pause and resume', () => {
  it('hold what a running instance would send, and let it go', async () => {
    const instance = await serveInstance()
    onTestFinished(() => instance.stop().then(() => undefined))
    const dataDir = ['--data-dir', instance.folder]
    const paused = hookbench(['pause', ...dataDir])
    expect(paused).toMatchObject({ code: 0, stdout: 'Sending is paused; 0 deliveries waiting\n' })
    const waiting = startHookbench(['trigger', 'contact.created', '--wait', '--json', ...dataDir])
    await expect.poll(() => waiting.stderr()).toContain('Sending is paused')
    const queue = async () => (await instance.client.call('health.get', {})).dispatcher
    await expect.poll(queue).toEqual({ waiting: 1, in_flight: 0, paused: true })
    const resumed = hookbench(['resume', '--json', ...dataDir])
    expect(JSON.parse(resumed.stdout)).toMatchObject({ sending_paused: false })
    expect(await waiting.ended).toBe(0)
    expect(JSON.parse(waiting.stdout())).toMatchObject({ deliveries: [{ status: 'succeeded' }] })
  })

  it('are kept in the folder: a command that would wait for good says so and makes nothing', async () => {
    const folder = temporaryFolder()
    const dataDir = ['--data-dir', folder]
    const paused = hookbench(['pause', '--json', ...dataDir])
    expect(JSON.parse(paused.stdout)).toEqual({ sending_paused: true, waiting: null })
    const refused = await hookbenchAsync(['trigger', 'contact.created', '--wait', '--json', ...dataDir])
    expect(refused.code).toBe(2)
    expect(JSON.parse(refused.stderr)).toMatchObject({
      code: 'conflict',
      detail: 'Sending is paused: nothing goes out until `hookbench resume`. Nothing was made.',
    })
    const stored = hookbench(['trigger', 'contact.created', ...dataDir])
    expect(stored.code).toBe(0)
    expect(stored.stderr).toContain('Sending is paused')
    const listed = hookbench(['deliveries', 'ls', '--json', ...dataDir])
    expect(JSON.parse(listed.stdout)).toMatchObject({ items: [{ status: 'pending' }] })
    const served = await serveInstance([], folder)
    await expect.poll(() => served.log()).toContain('Sending is paused')
    expect(hookbench(['resume', ...dataDir]).stdout).toMatch(/^Sending goes on/)
    await expect
      .poll(async () => (await served.client.call('deliveries.list', {})).items[0]?.status)
      .toBe('succeeded')
    expect(await served.stop()).toBe(0)
  })
})

interface Ready {
  readonly api: string
  readonly capture: string
  readonly token: string
}

/** Serves the folder for a moment: `work` sets it up. */
async function servedBefore(
  folder: string,
  work: (ready: Ready, send: Send) => Promise<void>,
): Promise<void> {
  const serving = startHookbench([
    'serve',
    '--port',
    '0',
    '--capture-port',
    '0',
    '--json',
    '--data-dir',
    folder,
  ])
  const ready = (await serving.nextJson()) as unknown as Ready
  await work(ready, async (method, path, body) => {
    const answer = await fetch(`${ready.api}/api/v1${path}`, {
      method,
      headers: { authorization: `Bearer ${ready.token}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    expect(answer.status).toBe(200)
    return answer.json()
  })
  serving.process.kill('SIGTERM')
  expect(await serving.ended).toBe(0)
}

type Send = (method: string, path: string, body?: object) => Promise<unknown>

describe('trigger --wait with nothing running', () => {
  it('delivers to Hookbench’s own receiver, which captures it', async () => {
    const folder = temporaryFolder()
    const dataDir = ['--data-dir', folder]
    // Any free port: the usual one may be somebody else's.
    await servedBefore(folder, async (_, send) => {
      await send('PATCH', '/settings', { capture_port: 0 })
    })
    const { code, stdout } = await hookbenchAsync([
      'trigger',
      'contact.created',
      '--wait',
      '--json',
      ...dataDir,
    ])
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({ deliveries: [{ status: 'succeeded', attempt_count: 1 }] })
    const captured = hookbench(['captures', 'ls', '--json', ...dataDir])
    expect(JSON.parse(captured.stdout)).toMatchObject({ items: [{ verdict: { status: 'verified' } }] })
  })

  it('says so when the receiver’s port is taken, and sends all the same', async () => {
    const folder = temporaryFolder()
    let port = 0
    await servedBefore(folder, async ({ capture }, send) => {
      port = Number(new URL(capture).port)
      const { items } = (await send('GET', '/destinations')) as { items: { id: string }[] }
      await send('PATCH', `/destinations/${items[0]?.id}`, { url_template: `${capture}/other` })
      await send('PATCH', '/settings', { capture_port: port })
    })
    const other = createServer((_request, response) => response.end())
    await new Promise<void>((resolve) => {
      other.listen(port, '127.0.0.1', resolve)
    })
    onTestFinished(() => void other.close())
    const { code, stderr } = await hookbenchAsync([
      'trigger',
      'contact.created',
      '--wait',
      '--data-dir',
      folder,
    ])
    expect(stderr).toContain('own receiver is taken')
    expect(stderr).not.toContain('--capture-port')
    expect(code).toBe(0)
  })

  it('waits no longer than it is told to, and says what becomes of the rest', async () => {
    const folder = temporaryFolder()
    await servedBefore(folder, async (_, send) => {
      const { items } = (await send('GET', '/destinations')) as { items: { id: string }[] }
      // Nobody listens there: the first retry comes after 10 s.
      await send('PATCH', `/destinations/${items[0]?.id}`, { url_template: 'http://127.0.0.1:9/' })
    })
    const given = ['trigger', 'contact.created', '--wait', '--timeout', '1', '--json', '--data-dir', folder]
    const { code, stdout, stderr } = await hookbenchAsync(given)
    expect(code).toBe(1)
    expect(JSON.parse(stdout)).toMatchObject({ deliveries: [{ status: 'retrying', attempt_count: 1 }] })
    expect(stderr).toContain('Ctrl+C ends the waiting: what is left goes out at the next start.')
    expect(stderr).toContain('has not ended in time')
  })
})

describe('trigger of what nobody gets', () => {
  it('says why no delivery was made', () => {
    const folder = temporaryFolder()
    const run = (...given: string[]) => hookbench([...given, '--data-dir', folder])
    expect(run('workspaces', 'add', '--name', 'Hub', '--provider', 'leadhub').code).toBe(0)
    const none = run('trigger', 'lead.created', '--workspace', 'Hub')
    expect(none).toMatchObject({ code: 0 })
    expect(none.stderr).toContain('Hub has no destination: `hookbench destinations add`')
    const to = ['--name', 'x', '--url', 'http://127.0.0.1:9/']
    expect(run('destinations', 'add', '--workspace', 'Hub', ...to).code).toBe(0)
    expect(run('trigger', 'lead.created', '--workspace', 'Hub').stderr).toContain(
      'No enabled subscription to it',
    )
  })
})

import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, open, readdir, readFile, readlink, rm, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium, expect, test, type Browser, type Page } from '@playwright/test'
import { startHost } from '../../../src-main/host.ts'
import { startDisplay, type Display } from '../../support/display.ts'
import { freePort } from '../../support/free-port.ts'
import {
  makeHome,
  isRoot,
  packApp,
  startApp,
  unprivileged,
  type StartedApp,
} from '../../support/packed-app.ts'

/**
 * The app as it is packed: outside the sources, not as root, with Chromium's sandbox on. Its fuses forbid `--inspect`,
 * so it is driven over Chromium's debugging port.
 */

test.describe.configure({ mode: 'serial', timeout: 240_000 })

let scratch = ''
let program = ''
let display: Display
let app: StartedApp
let browser: Browser
let page: Page
const complaints: string[] = []
const dataFolder = (): string => join(scratch, 'home', 'data')
const log = (): Promise<string> => readFile(join(dataFolder(), 'logs', 'desktop.log'), 'utf8')
const snapshots = async (): Promise<string[]> =>
  (await readdir(join(dataFolder(), 'store'))).filter((name) => name.startsWith('snapshot-'))
/** What must have no effect; each would leave a trace here. */
let inspectorPort = 0
const traceFile = (): string => join(scratch, 'home', 'node-options-ran')

test.beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'hookbench-packed-'))
  program = await packApp(scratch)
  const home = await makeHome(scratch)
  await makeJournalDueForCompaction(dataFolder())
  inspectorPort = await freePort()
  const required = join(home, 'required.cjs')
  await writeFile(required, `require('node:fs').writeFileSync(${JSON.stringify(traceFile())}, '')`)
  if (isRoot()) execFileSync('chown', ['-R', `${unprivileged}:${unprivileged}`, home])
  display = await startDisplay()
  app = startApp(
    program,
    { home, display: display.name },
    [`--data-dir=${dataFolder()}`, '--port=0', '--capture-port=0', `--inspect=${inspectorPort}`],
    {
      ELECTRON_RUN_AS_NODE: '1',
      NODE_OPTIONS: `--require ${required}`,
      ELECTRON_RENDERER_URL: 'http://127.0.0.1:9/',
    },
  )
  browser = await chromium.connectOverCDP(await app.debugger)
  const [context] = browser.contexts()
  if (context === undefined) throw new Error('the app has no browser context')
  page = context.pages()[0] ?? (await context.waitForEvent('page'))
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text())
  })
  page.on('pageerror', (error) => complaints.push(String(error)))
})

test.afterAll(async () => {
  app.kill('SIGKILL')
  await app.ended
  display.stop()
  await rm(scratch, { recursive: true, force: true })
})

test('it starts without sources and development dependencies, and the first event becomes a verified capture', async () => {
  const packed = await asarFiles(join(program, '..', 'resources', 'app.asar'))
  const { packages } = JSON.parse(await readFile('package-lock.json', 'utf8')) as {
    packages: Record<string, { dev?: boolean }>
  }
  const developed = Object.keys(packages).filter((folder) => packages[folder]?.dev === true)
  expect(developed).toContain('node_modules/react')
  expect(packed.filter((file) => developed.some((folder) => file.startsWith(`/${folder}/`)))).toEqual([])
  expect(packed.filter((file) => /^\/(src-|test\/)|\.ts$|\.map$/.test(file))).toEqual([])
  expect(packed).toContain('/out/main/electron.js')

  await page.getByRole('button', { name: 'Send your first event' }).click()
  const first = page.getByRole('region', { name: 'First event' })
  await expect(first.getByRole('group', { name: 'The delivery' }).getByText('succeeded')).toBeVisible()
  await expect(
    first.getByRole('group', { name: 'The capture' }).getByText('verified', { exact: true }),
  ).toBeVisible()
  await expect(page.getByText('Receiver is listening')).toBeVisible()
})

test('compaction works within the archive', async () => {
  await expect.poll(snapshots).toHaveLength(1)
  expect(await log()).not.toContain('compaction')
})

test('the page runs in Chromium’s sandbox, and nothing of the app as root', async () => {
  const session = await browser.newBrowserCDPSession()
  const { processInfo } = await session.send('SystemInfo.getProcessInfo')
  const [renderer] = processInfo.filter(({ type }) => type === 'renderer').map(({ id }) => id)
  if (renderer === undefined) throw new Error('there is no process of the page')
  // A filter of system calls, and process ids and network of its own.
  expect(await statusOf(renderer, 'Seccomp')).toBe('2')
  expect((await statusOf(renderer, 'NSpid')).split(/\s+/).length).toBeGreaterThan(1)
  expect(await statusOf(renderer, 'NoNewPrivs')).toBe('1')
  if (isRoot()) {
    // Only root may look at other users' processes so closely.
    expect(await readlink(`/proc/${renderer}/ns/net`)).not.toBe(await readlink(`/proc/${app.pid}/ns/net`))
    expect(await statusOf(app.pid, 'Uid')).toMatch(new RegExp(`^${unprivileged}\\b`))
  }
  for (const { id } of processInfo)
    expect(await readFile(`/proc/${id}/cmdline`, 'utf8')).not.toContain('--no-sandbox')
})

test('it can’t be made to run as Node, to load other code, or to be inspected', async () => {
  expect(await fusesOf(program)).toEqual({
    runAsNode: false,
    nodeOptions: false,
    inspect: false,
    asarIntegrity: true,
    onlyAsar: true,
  })
  // It was started with all of them, and is the app nevertheless.
  expect(await connects(inspectorPort)).toBe(false)
  expect(app.output()).not.toContain('Debugger listening')
  expect(existsSync(traceFile())).toBe(false)
})

test('it ends by SIGTERM in good order', async () => {
  expect(complaints).toEqual([])
  app.kill('SIGTERM')
  expect(await app.ended).toEqual({ code: 0, signal: null })
  const lines = (await log()).trim().split('\n')
  expect(lines.map((line) => line.replace(/^\S+ /, ''))).toEqual([
    expect.stringMatching(/^started, version /),
    'ended',
  ])
  expect(await readdir(dataFolder())).not.toContain('instance.json')
})

/** As many segments as are kept without a snapshot; the next one is too many. */
async function makeJournalDueForCompaction(folder: string): Promise<void> {
  for (let segment = 0; segment < 24; segment += 1) {
    const host = await startHost({
      folder,
      version: 'test',
      command: 'hookbench test',
      dispatch: false,
      compactionWorker: new URL('../../../src-main/storage/compaction-worker.ts', import.meta.url),
      environment: {},
      log: (line) => {
        throw new Error(line)
      },
    })
    await host.handlers['settings.change']({ concurrency: 10 + segment })
    await host.stop()
  }
  expect(await snapshots()).toEqual([])
}

function connects(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.on('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.on('error', () => resolve(false))
  })
}

async function statusOf(pid: number, field: string): Promise<string> {
  const text = await readFile(`/proc/${pid}/status`, 'utf8')
  return new RegExp(`^${field}:\\s*(.*)$`, 'm').exec(text)?.[1] ?? ''
}

/** @see https://www.electronjs.org/docs/latest/tutorial/fuses */
async function fusesOf(file: string): Promise<Record<string, boolean>> {
  const binary = await readFile(file)
  // Sentinel, version of the wire, its length, and a byte for each fuse.
  const wire = binary.indexOf('dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX') + 34
  const isOn = (fuse: number): boolean => binary.toString('latin1', wire + fuse, wire + fuse + 1) === '1'
  return {
    runAsNode: isOn(0),
    nodeOptions: isOn(2),
    inspect: isOn(3),
    asarIntegrity: isOn(4),
    onlyAsar: isOn(5),
  }
}

interface AsarFolder {
  readonly files?: Readonly<Record<string, AsarFolder>>
}

/** The paths in an archive. @see https://github.com/electron/asar#format */
async function asarFiles(archive: string): Promise<string[]> {
  const file = await open(archive, 'r')
  try {
    const sizes = Buffer.alloc(16)
    await file.read(sizes, 0, 16, 0)
    const header = Buffer.alloc(sizes.readUInt32LE(12))
    await file.read(header, 0, header.length, 16)
    const walk = (folder: AsarFolder, path: string): string[] =>
      folder.files === undefined
        ? [path]
        : Object.entries(folder.files).flatMap(([name, inner]) => walk(inner, `${path}/${name}`))
    return walk(JSON.parse(header.toString('utf8')) as AsarFolder, '')
  } finally {
    await file.close()
  }
}

import { execFileSync } from 'node:child_process'
import { cp, mkdir, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { createClient } from '../../src-shared/api/client.ts'
import { createLocalTransport } from '../../src-shared/api/local-transport.ts'
import { electronBinary, electronFolder } from '../../src-main/electron-binary.ts'
import { startHost } from '../../src-main/host.ts'
import { compactionWorker, withScratchFolder } from '../support/bench-host.ts'
import { median, megabytes, milliseconds, type BenchReport } from '../support/bench-report.ts'
import { startDisplay } from '../support/display.ts'
import { isRoot, makeHome, packApp, startApp, unprivileged, type StartedApp } from '../support/packed-app.ts'
import { paintedAfter } from './start/page-clock.ts'
import { usageOf, type Usage } from './start/process-tree.ts'

const rounds = 10
/** Younger rows than a minute count their seconds aloud, which is not idle. */
const settleMs = 70_000
const idleMs = 30_000
/** As many as the overview shows. */
const events = 12
/** The names of the rows' texts: they are painted when the engine has answered. */
const rows = ['delivery', 'capture']

interface Program {
  readonly start: () => StartedApp
  /** What has to be painted. */
  readonly until: readonly string[]
}

/** The packed app beside an Electron that opens an empty window, each started as its user would. */
export async function start(): Promise<BenchReport> {
  if (electronBinary() === null)
    throw new Error(
      'There is no Electron to pack: ELECTRON_OVERRIDE_DIST_PATH can name a folder that has one.',
    )
  const display = await startDisplay()
  try {
    return await withScratchFolder((scratch) => measure(scratch, display.name))
  } finally {
    display.stop()
  }
}

async function measure(scratch: string, display: string): Promise<BenchReport> {
  const app = await packApp(scratch)
  const home = await makeHome(scratch)
  await fill(join(home, 'full'))
  if (isRoot()) execFileSync('chown', ['-R', `${unprivileged}:${unprivileged}`, home])
  const hookbench = (folder: string, until: readonly string[]): Program => ({
    start: () =>
      startApp(app, { home, display }, [`--data-dir=${join(home, folder)}`, '--port=0', '--capture-port=0']),
    until,
  })
  const emptyApp = await makeEmptyApp(scratch)
  const empty: Program = {
    start: () =>
      startApp(emptyApp.electron, { home, display }, [
        emptyApp.folder,
        `--user-data-dir=${join(home, 'empty')}`,
      ]),
    until: [],
  }
  const firstMs = await startOnce(hookbench('fresh', []))
  const full = hookbench('full', rows)
  await startOnce(full)
  await startOnce(empty)
  const times: { full: number; empty: number }[] = []
  for (let round = 0; round < rounds; round += 1)
    times.push({ full: await startOnce(full), empty: await startOnce(empty) })
  return report(firstMs, times, await idle(full), await idle(empty))
}

/** @returns milliseconds from the start of the program until what is waited for was painted */
async function startOnce({ start, until }: Program): Promise<number> {
  const app = start()
  try {
    return await paintedAfter(app, until)
  } finally {
    await end(app)
  }
}

interface Idle {
  readonly cpuPercent: number
  readonly usage: Usage
}

async function idle({ start, until }: Program): Promise<Idle> {
  const app = start()
  try {
    await paintedAfter(app, until)
    await new Promise((resolve) => setTimeout(resolve, settleMs))
    const before = await usageOf(app.pid)
    await new Promise((resolve) => setTimeout(resolve, idleMs))
    const usage = await usageOf(app.pid)
    return { cpuPercent: ((usage.cpuSeconds - before.cpuSeconds) * 100_000) / idleMs, usage }
  } finally {
    await end(app)
  }
}

async function end(app: StartedApp): Promise<void> {
  app.kill('SIGTERM')
  const impatience = setTimeout(() => app.kill('SIGKILL'), 15_000)
  await app.ended
  clearTimeout(impatience)
}

/** A folder whose overview has something to show. */
async function fill(folder: string): Promise<void> {
  const host = await startHost({
    folder,
    version: 'bench',
    command: 'hookbench bench',
    capture: { host: '127.0.0.1', port: 0 },
    dispatch: true,
    compactionWorker,
    environment: {},
    log: (line) => process.stderr.write(`${line}\n`),
  })
  const client = createClient(createLocalTransport(host.handlers))
  const [workspace] = (await client.call('workspaces.list', {})).items
  if (workspace === undefined) throw new Error('a fresh folder has a workspace')
  for (let event = 0; event < events; event += 1)
    await client.call('events.raise', { workspace_id: workspace.id, type: 'contact.updated' })
  while ((await client.call('captures.list', { limit: events })).items.length < events)
    await new Promise((resolve) => setTimeout(resolve, 50))
  await host.stop()
}

/** An app of one window and one line, and an Electron that its user may read. */
async function makeEmptyApp(scratch: string): Promise<{ electron: string; folder: string }> {
  const copy = join(scratch, 'electron')
  await cp(electronFolder(), copy, { recursive: true })
  const folder = join(scratch, 'empty-app')
  await mkdir(folder)
  await writeFile(join(folder, 'package.json'), '{ "name": "empty", "main": "main.cjs" }')
  await writeFile(join(folder, 'index.html'), '<!doctype html><title>Empty</title><p>Empty</p>')
  await writeFile(
    join(folder, 'main.cjs'),
    `const { app, BrowserWindow } = require('electron')
     app.enableSandbox()
     app.whenReady().then(() => new BrowserWindow({ width: 1280, height: 800 }).loadFile('index.html'))
     process.on('SIGTERM', () => app.exit(0))`,
  )
  return { electron: join(copy, basename(electronBinary() ?? '')), folder }
}

function report(
  firstMs: number,
  times: readonly { readonly full: number; readonly empty: number }[],
  ours: Idle,
  theirs: Idle,
): BenchReport {
  const full = median(times.map((time) => time.full))
  const empty = median(times.map((time) => time.empty))
  const slowest = Math.max(...times.map((time) => time.full))
  const memory = ({ usage }: Idle): string =>
    `${usage.pssBytes === null ? 'not told' : megabytes(usage.pssBytes)} PSS, ${megabytes(usage.rssBytes)} RSS, ${usage.processes} processes`
  const percent = ({ cpuPercent }: Idle): string => `${cpuPercent.toFixed(2)} %`
  return {
    name: 'start',
    about: 'the packed desktop app, unprivileged and sandboxed, beside an Electron with an empty window',
    columns: ['', 'Hookbench', 'empty window', 'aim'],
    rows: [
      [
        `start until the rows are painted, median of ${rounds}`,
        `${milliseconds(full)} (slowest ${milliseconds(slowest)})`,
        milliseconds(empty),
        '< 1500 ms',
      ],
      ['the same as a ratio', (full / empty).toFixed(2), '1', 'at most 2.0'],
      ['first start, fresh folder, until anything is painted', milliseconds(firstMs), '', ''],
      [`idle for ${idleMs / 1000} s, of one core`, percent(ours), percent(theirs), '< 1 %'],
      ['memory of all processes', memory(ours), memory(theirs), ''],
    ],
    notes: [
      `From the start of the process on; rows of the overview, which the engine has answered with ${events} deliveries and captures.`,
      'An empty window is painted when it has its one line. Both start in turn, after one start each that is not counted.',
    ],
    figures: {
      'start ms': full,
      'slowest start ms': slowest,
      'empty window start ms': empty,
      'start ratio': full / empty,
      'first start ms': firstMs,
      'idle cpu percent': ours.cpuPercent,
      'empty window idle cpu percent': theirs.cpuPercent,
      'rss bytes': ours.usage.rssBytes,
      'pss bytes': ours.usage.pssBytes ?? 0,
      'empty window rss bytes': theirs.usage.rssBytes,
      'empty window pss bytes': theirs.usage.pssBytes ?? 0,
    },
  }
}

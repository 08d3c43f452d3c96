import { spawn, spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fetchElectron } from './electron-binary.ts'

/**
 * `npm start`: builds what is missing and opens the desktop app. Where no Electron binary can be had or no display is
 * there, says so in one line and serves the same UI on loopback instead. `npm run dev` opens the app with a page and an
 * engine that follow what is being written.
 */

const root = join(import.meta.dirname, '..')
const bin = (name: string): string =>
  join(root, 'node_modules', '.bin', process.platform === 'win32' ? `${name}.cmd` : name)

function build(): void {
  const parts = ['main/cli.js', 'main/electron.js', 'electron/start.cjs', 'renderer/index.html']
  if (parts.every((part) => existsSync(join(root, 'out', part)))) return
  process.stderr.write('Building …\n')
  const built = spawnSync(bin('electron-vite'), ['build', '--logLevel', 'error'], {
    cwd: root,
    stdio: 'inherit',
  })
  if (built.status !== 0) process.exit(3)
}

/** The Electron to open the desktop app with, or why that can't be done here. */
function findElectron(given: readonly string[]): { readonly binary: string } | { readonly obstacle: string } {
  const { DISPLAY, WAYLAND_DISPLAY } = process.env
  const isLinux = process.platform === 'linux'
  if (isLinux && !DISPLAY && !WAYLAND_DISPLAY) return { obstacle: 'there is no display' }
  if (isLinux && process.getuid?.() === 0 && !given.includes('--no-sandbox'))
    return { obstacle: "Chromium's sandbox doesn't run as root; -- --no-sandbox goes without it" }
  const binary = fetchElectron()
  return binary === null ? { obstacle: 'no Electron binary could be fetched' } : { binary }
}

/** Runs a program until it ends, handing signals on. */
function run(program: string, given: readonly string[]): Promise<number> {
  return new Promise((resolve) => {
    // An editor's terminal sets it, and Electron would be a Node then.
    const env = { ...process.env, ELECTRON_RUN_AS_NODE: undefined }
    const child = spawn(program, given, { cwd: root, stdio: 'inherit', env })
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal))
    child.on('error', () => resolve(3))
    child.on('exit', (code) => resolve(code ?? 0))
  })
}

function dev(given: readonly string[]): Promise<number> {
  const found = findElectron(given)
  if ('obstacle' in found) {
    process.stderr.write(`The desktop app can't be opened (${found.obstacle}); npm run dev:web needs none.\n`)
    return Promise.resolve(3)
  }
  process.env['ELECTRON_EXEC_PATH'] = found.binary
  const sandbox = given.includes('--no-sandbox') ? ['--noSandbox'] : []
  return run(bin('electron-vite'), ['dev', '--watch', ...sandbox, '--', ...given])
}

async function start(wanted: 'desktop' | 'serve' | 'either', given: readonly string[]): Promise<number> {
  build()
  if (wanted !== 'serve') {
    const found = findElectron(given)
    if ('binary' in found) return run(found.binary, [root, ...given])
    const cant = `The desktop app can't be opened (${found.obstacle})`
    process.stderr.write(
      wanted === 'desktop' ? `${cant}.\n` : `${cant}; serving the UI on loopback instead.\n`,
    )
    if (wanted === 'desktop') return 3
  }
  return run(process.execPath, [join(root, 'out', 'main', 'cli.js'), 'serve', ...given])
}

const [wanted, ...rest] = process.argv.slice(2)
if (wanted === 'dev') process.exitCode = await dev(rest)
else if (wanted === 'desktop' || wanted === 'serve') process.exitCode = await start(wanted, rest)
else process.exitCode = await start('either', process.argv.slice(2))

import { spawn, spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fetchElectron } from './electron-binary.ts'

/**
 * `npm start`: builds what is missing and opens the desktop app. Where no Electron binary can be had or no display is
 * there, says so in one line and serves the same UI on loopback instead.
 */

const root = join(import.meta.dirname, '..')
const bin = (name: string): string =>
  join(root, 'node_modules', '.bin', process.platform === 'win32' ? `${name}.cmd` : name)

function build(): void {
  if (
    existsSync(join(root, 'out', 'main', 'cli.js')) &&
    existsSync(join(root, 'out', 'renderer', 'index.html'))
  )
    return
  process.stderr.write('Building …\n')
  const built = spawnSync(bin('electron-vite'), ['build', '--logLevel', 'error'], {
    cwd: root,
    stdio: 'inherit',
  })
  if (built.status !== 0) process.exit(3)
}

/** Why the desktop app can't be opened here, or null. */
function obstacle(): string | null {
  const { DISPLAY, WAYLAND_DISPLAY } = process.env
  if (process.platform === 'linux' && !DISPLAY && !WAYLAND_DISPLAY) return 'there is no display'
  return fetchElectron() === null ? 'no Electron binary could be fetched' : null
}

/** Runs a program until it ends, handing signals on. */
function run(program: string, given: readonly string[]): Promise<number> {
  return new Promise((resolve) => {
    const child = spawn(program, given, { cwd: root, stdio: 'inherit' })
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal))
    child.on('error', () => resolve(3))
    child.on('exit', (code) => resolve(code ?? 0))
  })
}

async function start(wanted: string | undefined, given: readonly string[]): Promise<number> {
  build()
  const reason = wanted === 'serve' ? null : obstacle()
  if (wanted !== 'serve' && reason === null) return run(bin('electron'), ['.', ...given])
  if (wanted === 'desktop') {
    process.stderr.write(`The desktop app can't be opened: ${reason}.\n`)
    return 3
  }
  if (reason !== null)
    process.stderr.write(`The desktop app can't be opened (${reason}); serving the UI on loopback instead.\n`)
  return run(process.execPath, [join(root, 'out', 'main', 'cli.js'), 'serve', ...given])
}

const [wanted, ...rest] = process.argv.slice(2)
process.exitCode = await (wanted === 'desktop' || wanted === 'serve'
  ? start(wanted, rest)
  : start(undefined, process.argv.slice(2)))

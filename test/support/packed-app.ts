import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { chmod, chown, mkdir, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { projectFolder } from '../../src-main/environment.ts'

/** The packed app, as its users start it: without the sources, not as root, with Chromium's sandbox on. */

/** `nobody`: root may not start Chromium with its sandbox. */
export const unprivileged = 65_534

/**
 * Packs with `npm run dist -- --linux dir` and moves the result to `folder`, away from the sources.
 * @returns the program
 */
export async function packApp(folder: string): Promise<string> {
  const output = join(folder, 'dist')
  const packed = spawnSync(
    process.execPath,
    ['src-main/dist.ts', '--linux', 'dir', `-c.directories.output=${output}`],
    { cwd: projectFolder, encoding: 'utf8', timeout: 180_000 },
  )
  if (packed.status !== 0)
    throw new Error(
      `packing failed (${packed.status ?? packed.error?.message}):\n${packed.stdout}${packed.stderr}`,
    )
  const home = join(folder, 'hookbench')
  await rename(join(output, 'linux-unpacked'), home)
  await openToAll(folder)
  if (isRoot()) {
    // What a deb does: for kernels that give nobody a user namespace.
    const sandbox = join(home, 'chrome-sandbox')
    await chown(sandbox, 0, 0)
    await chmod(sandbox, 0o4755)
  }
  return join(home, 'hookbench')
}

/** A folder that the app's user owns. */
export async function makeHome(folder: string): Promise<string> {
  await openToAll(folder)
  const home = join(folder, 'home')
  await mkdir(home, { mode: 0o700 })
  if (isRoot()) await chown(home, unprivileged, unprivileged)
  return home
}

/** Temporary folders are made for their owner only; the app's user has to pass. */
async function openToAll(folder: string): Promise<void> {
  await chmod(folder, 0o755)
}

export function isRoot(): boolean {
  return process.getuid?.() === 0
}

export interface StartedApp {
  readonly pid: number
  /** Milliseconds of the epoch, just before it was started. */
  readonly startedAt: number
  /** Where Chromium's debugging protocol is spoken. */
  readonly debugger: Promise<string>
  /** What it has written to stdout and stderr. */
  readonly output: () => string
  readonly ended: Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }>
  kill(signal: NodeJS.Signals): void
}

const running = new Set<ChildProcess>()
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})

/** Starts a program of Electron's as its user would, with a debugging port. */
export function startApp(
  program: string,
  { home, display }: { readonly home: string; readonly display: string },
  given: readonly string[],
  environment: NodeJS.ProcessEnv = {},
): StartedApp {
  const startedAt = performance.timeOrigin + performance.now()
  const child = spawn(program, ['--remote-debugging-port=0', ...given], {
    cwd: home,
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(isRoot() ? { uid: unprivileged, gid: unprivileged } : {}),
    env: {
      PATH: process.env['PATH'],
      DISPLAY: display,
      XAUTHORITY: process.env['XAUTHORITY'],
      HOME: home,
      // Not the ones of whoever runs this: no keyring is asked, no notification shown.
      XDG_RUNTIME_DIR: home,
      DBUS_SESSION_BUS_ADDRESS: 'unix:path=/dev/null',
      ...environment,
    },
  })
  running.add(child)
  let output = ''
  const ended = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve) => {
    child.on('error', (error) => {
      output += String(error)
      resolve({ code: null, signal: null })
    })
    child.on('exit', (code, signal) => {
      running.delete(child)
      resolve({ code, signal })
    })
  })
  const address = new Promise<string>((resolve, reject) => {
    const look = (text: string): void => {
      output += text
      const [, found] = /DevTools listening on (ws:\S+)/.exec(output) ?? []
      if (found !== undefined) resolve(found)
    }
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', look)
    void ended.then(({ code, signal }) => reject(new Error(`it ended (${code ?? signal}):\n${output}`)))
  })
  // Whoever waits for the end needn't wait for this.
  address.catch(() => undefined)
  return {
    pid: child.pid ?? 0,
    startedAt,
    debugger: address,
    output: () => output,
    ended,
    kill: (signal) => child.kill(signal),
  }
}

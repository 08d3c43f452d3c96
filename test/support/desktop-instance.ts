import { _electron, type ElectronApplication, type Page } from '@playwright/test'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { createClient, type Client } from '../../src-shared/api/client.ts'
import { createHttpTransport } from '../../src-shared/api/http-transport.ts'
import { readInstance, type Instance } from '../../src-main/data-folder.ts'
import { electronBinary } from '../../src-main/electron-binary.ts'
import { projectFolder } from '../../src-main/environment.ts'

/** The built desktop app in a real Electron, on a folder of its own. */
export interface DesktopInstance {
  readonly electron: ElectronApplication
  readonly page: Page
  readonly api: string
  readonly capture: string
  readonly token: string
  readonly folder: string
  /** The same engine over HTTP, as another program would reach it. */
  readonly client: Client
  /** What it wrote into its log file. */
  readonly log: () => string
  /** Ends it as the system would. @returns its exit code */
  quit(): Promise<number | null>
  /** Nothing of it gets to say good-bye. */
  kill(): Promise<void>
}

export interface DesktopStart {
  /** One that is there, and stays; otherwise one in the temporary folder. */
  readonly folder?: string
  readonly display: string
  readonly arguments?: readonly string[]
  readonly environment?: NodeJS.ProcessEnv
}

/** Chromium's sandbox refuses to run as root, which containers are. */
const sandboxSwitches = process.getuid?.() === 0 ? ['--no-sandbox'] : []

export function desktopArguments(folder: string, given: readonly string[] = []): string[] {
  const ports = ['--port', '0', '--capture-port', '0']
  return [projectFolder, ...sandboxSwitches, '--data-dir', folder, ...ports, ...given]
}

export function desktopEnvironment(display: string, more: NodeJS.ProcessEnv = {}): Record<string, string> {
  const whole: NodeJS.ProcessEnv = {
    ...process.env,
    DISPLAY: display,
    ELECTRON_RUN_AS_NODE: undefined,
    HOOKBENCH_DATA_DIR: undefined,
    HOOKBENCH_SECRET: undefined,
    ...more,
  }
  return Object.fromEntries(
    Object.entries(whole).filter((entry): entry is [string, string] => entry[1] !== undefined),
  )
}

export function electronOrThrow(): string {
  const binary = electronBinary()
  if (binary === null)
    throw new Error('there is no Electron binary; ELECTRON_OVERRIDE_DIST_PATH can name its folder')
  return binary
}

export async function startDesktop(start: DesktopStart): Promise<DesktopInstance> {
  const folder = start.folder ?? mkdtempSync(join(tmpdir(), 'hookbench-desktop-'))
  const electron = await _electron.launch({
    executablePath: electronOrThrow(),
    args: desktopArguments(folder, start.arguments),
    env: desktopEnvironment(start.display, start.environment),
  })
  const child = electron.process()
  const ended = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)))
  // A test runner that is killed must not leave its app behind.
  const killIt = (): void => {
    child.kill('SIGKILL')
  }
  process.once('exit', killIt)
  const gone = async (): Promise<number | null> => {
    const code = await ended
    process.off('exit', killIt)
    if (start.folder === undefined) rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
    return code
  }
  const page = await electron.firstWindow()
  const { api, capture, token } = await instanceOf(folder, child.pid)
  const fetchIt: typeof fetch = (url, init) => fetch(url, init)
  return {
    electron,
    page,
    api,
    capture: capture ?? '',
    token,
    folder,
    client: createClient(createHttpTransport(`${api}/api/v1`, fetchIt, token)),
    log: () => readFileSync(join(folder, 'logs', 'desktop.log'), 'utf8'),
    quit() {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM')
      return gone()
    },
    async kill() {
      killIt()
      await gone()
    },
  }
}

/** The window may be there before the engine; a file of an app that was killed may be there before either. */
async function instanceOf(folder: string, pid: number | undefined): Promise<Instance> {
  const deadline = performance.now() + 20_000
  for (;;) {
    const instance = await readInstance(folder)
    if (instance?.pid === pid && instance !== null) return instance
    if (performance.now() > deadline) throw new Error(`the app has written no instance.json into ${folder}`)
    await delay(50)
  }
}

import { spawn, type ChildProcess } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { createClient, type Client } from '../../src-shared/api/client.ts'
import { createHttpTransport } from '../../src-shared/api/http-transport.ts'

/** The built `hookbench serve` as a real process on a folder of its own. */
export interface ServedInstance {
  readonly api: string
  readonly capture: string
  readonly token: string
  readonly folder: string
  readonly client: Client
  readonly process: ChildProcess
  /** Everything it wrote to standard error. */
  readonly log: () => string
  /** Ends it with SIGTERM and removes its folder. @returns its exit code */
  stop(): Promise<number | null>
}

const root = join(import.meta.dirname, '..', '..')
export const builtCommand = join(root, 'src-main', 'cli', 'hookbench.mjs')

interface Ready {
  readonly event: 'ready'
  readonly api: string
  readonly capture: string
  readonly token: string
}

/** @param folder an own one in the temporary folder, unless given; removed when it stops */
export async function serveInstance(
  given: readonly string[] = [],
  folder = mkdtempSync(join(tmpdir(), 'hookbench-served-')),
): Promise<ServedInstance> {
  const child = spawn(
    process.execPath,
    [builtCommand, 'serve', '--port', '0', '--capture-port', '0', '--json', '--data-dir', folder, ...given],
    {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, HOOKBENCH_DATA_DIR: undefined, HOOKBENCH_SECRET: undefined },
    },
  )
  let log = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    log += text
  })
  // A test runner that is killed must not leave its server behind.
  const killIt = (): void => {
    child.kill('SIGKILL')
  }
  process.once('exit', killIt)
  const ended = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)))
  const ready = await new Promise<Ready>((resolve, reject) => {
    createInterface({ input: child.stdout }).once('line', (line) => resolve(JSON.parse(line) as Ready))
    void ended.then((code) => reject(new Error(`serve ended with ${code}: ${log}`)))
  })
  return {
    ...ready,
    folder,
    process: child,
    client: createClient(
      createHttpTransport(`${ready.api}/api/v1`, (url, init) => fetch(url, init), ready.token),
    ),
    log: () => log,
    async stop() {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM')
      const code = await ended
      process.off('exit', killIt)
      rmSync(folder, { recursive: true, force: true })
      return code
    },
  }
}

/** A link that logs a browser in, once. */
export async function loginLink(instance: Pick<ServedInstance, 'api' | 'token'>): Promise<string> {
  const response = await fetch(`${instance.api}/session/links`, {
    method: 'POST',
    headers: { authorization: `Bearer ${instance.token}`, 'content-type': 'application/json' },
    body: '{}',
  })
  return ((await response.json()) as { url: string }).url
}

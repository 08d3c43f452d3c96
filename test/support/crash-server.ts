import { spawn, type ChildProcess } from 'node:child_process'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { createClient, type Client } from '../../src-shared/api/client.ts'
import { createHttpTransport } from '../../src-shared/api/http-transport.ts'

/** One life of the built `hookbench serve` on a data folder: started, and ended by force. */
export interface ServerLife {
  /** The client once it is ready; null when it ended before. */
  readonly ready: Promise<Client | null>
  /** `kill -9` by its process id, and its end. */
  kill(): Promise<void>
  /** Everything that it wrote to standard error. */
  log(): string
}

const root = join(import.meta.dirname, '..', '..')
const builtCommand = join(root, 'src-main', 'cli', 'hookbench.mjs')
const running = new Set<ChildProcess>()
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})

interface Ready {
  readonly api: string
  readonly token: string
}

export function startLife(folder: string): ServerLife {
  const command = [
    builtCommand,
    'serve',
    '--port',
    '0',
    '--capture-port',
    '0',
    '--json',
    '--data-dir',
    folder,
  ]
  const child = spawn(process.execPath, command, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, HOOKBENCH_DATA_DIR: undefined, HOOKBENCH_KEY: undefined },
  })
  running.add(child)
  let log = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    log += text
  })
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => {
      running.delete(child)
      resolve()
    })
  })
  const ready = new Promise<Client | null>((resolve) => {
    createInterface({ input: child.stdout }).once('line', (line) => {
      const { api, token } = JSON.parse(line) as Ready
      const transport = createHttpTransport(`${api}/api/v1`, (url, init) => fetch(url, init), token)
      resolve(createClient(transport))
    })
    void ended.then(() => resolve(null))
  })
  return {
    ready,
    async kill() {
      child.kill('SIGKILL')
      await ended
    },
    log: () => log,
  }
}

import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { createInterface } from 'node:readline'
import { builtCommand } from './served-instance.ts'

/** The built command line as real processes. */

export interface Finished {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

const cleanEnvironment = (): NodeJS.ProcessEnv => {
  const environment = { ...process.env }
  delete environment['HOOKBENCH_DATA_DIR']
  delete environment['HOOKBENCH_SECRET']
  return environment
}

/** Runs a command to its end. */
export function hookbench(
  given: readonly string[],
  options: { input?: string | Buffer; environment?: NodeJS.ProcessEnv } = {},
): Finished {
  const run = spawnSync(process.execPath, [builtCommand, ...given], {
    input: options.input ?? '',
    encoding: 'utf8',
    timeout: 60_000,
    // A command that hangs may well be deaf to SIGTERM too.
    killSignal: 'SIGKILL',
    env: { ...cleanEnvironment(), ...options.environment },
  })
  return { code: run.status, stdout: run.stdout, stderr: run.stderr }
}

/** Runs a command to its end without blocking: for when the test answers it. */
export async function hookbenchAsync(
  given: readonly string[],
  environment: NodeJS.ProcessEnv = {},
): Promise<Finished> {
  const running = startHookbench(given, environment)
  const code = await running.ended
  return { code, stdout: running.stdout(), stderr: running.stderr() }
}

export interface Running {
  readonly process: ChildProcess
  readonly ended: Promise<number | null>
  /** The next line of standard output, as JSON. */
  nextJson(): Promise<Record<string, unknown>>
  stdout(): string
  stderr(): string
}

/** Starts a command that goes on. */
export function startHookbench(given: readonly string[], environment: NodeJS.ProcessEnv = {}): Running {
  const child = spawn(process.execPath, [builtCommand, ...given], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...cleanEnvironment(), ...environment },
  })
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
  })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const ended = new Promise<number | null>((resolve) => child.once('close', (code) => resolve(code)))
  return {
    process: child,
    ended,
    nextJson: async () => {
      const line = await lines.next()
      if (line.done === true) throw new Error(`the command ended: ${stderr}`)
      return JSON.parse(line.value) as Record<string, unknown>
    },
    stdout: () => stdout,
    stderr: () => stderr,
  }
}

import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

/**
 * Child processes of the benchmarks: each is a small file that answers messages over Node's IPC channel, and ends by
 * itself when that channel closes. Whoever starts one stops it; what is left when the parent ends is killed by pid.
 */

export interface BenchChild {
  readonly pid: number
  /** Sends a message and resolves with the next one that comes back. Rejects when the child ends first. */
  ask<Answer>(message: object): Promise<Answer>
  /** The next message, for children that speak first. */
  next<Answer>(): Promise<Answer>
  /** Resolves when it has ended by itself or otherwise. */
  readonly ended: Promise<unknown>
  /** Ends it and waits for its end. */
  stop(): Promise<void>
}

const running = new Set<ChildProcess>()
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})

export function startChild(file: URL, argv: readonly string[] = []): BenchChild {
  const child = fork(fileURLToPath(file), argv, {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    execArgv: [],
  })
  running.add(child)
  const ended = once(child, 'exit').then(([code, signal]: (number | string | null)[]) => {
    running.delete(child)
    return `${file.pathname} ended (${code ?? signal})`
  })
  const next = <Answer>(): Promise<Answer> =>
    new Promise((resolve, reject) => {
      child.once('message', resolve as (message: unknown) => void)
      void ended.then((how) => reject(new Error(how)))
    })
  return {
    pid: child.pid ?? 0,
    next,
    ended,
    ask(message) {
      const answer = next<never>()
      child.send(message)
      return answer
    },
    async stop() {
      child.kill('SIGKILL')
      await ended
    },
  }
}

/** For the child's side: answers each message, and ends the process when the parent has gone. */
export function serveParent(answer: (message: never) => unknown): void {
  process.on('disconnect', () => process.exit())
  process.on('message', (message) => {
    Promise.resolve(answer(message as never)).then(
      (result) => process.send?.(result ?? {}),
      (error: unknown) => {
        process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`)
        process.exit(1)
      },
    )
  })
}

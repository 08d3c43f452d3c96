/** Work that nobody awaits where it starts, but that stopping must wait for. */
export interface Background {
  /** @param work long work looks at the signal between its steps and ends early once it is aborted */
  run(name: string, work: (stopping: AbortSignal) => Promise<void>): void
  /** Reports what is worth a line and no error. */
  note(name: string, sentence: string): void
  /** Resolves when nothing is running any more. */
  idle(): Promise<void>
  /** Tells everything to end early, and resolves when it has. */
  stop(): Promise<void>
}

export function createBackground(report: (name: string, what: unknown) => void): Background {
  const running = new Set<Promise<void>>()
  const stopping = new AbortController()
  const idle = async (): Promise<void> => {
    while (running.size > 0) await Promise.all(running)
  }
  return {
    run(name, work) {
      const task = work(stopping.signal)
        .catch((error: unknown) => report(name, error))
        .finally(() => running.delete(task))
      running.add(task)
    },
    note: report,
    idle,
    async stop() {
      stopping.abort()
      await idle()
    },
  }
}

/** Work that nobody awaits where it starts, but that stopping must wait for. */
export interface Background {
  run(name: string, work: () => Promise<void>): void
  /** Resolves when nothing is running any more. */
  idle(): Promise<void>
}

export function createBackground(onError: (name: string, error: unknown) => void): Background {
  const running = new Set<Promise<void>>()
  return {
    run(name, work) {
      const task = work()
        .catch((error: unknown) => onError(name, error))
        .finally(() => running.delete(task))
      running.add(task)
    },
    async idle() {
      while (running.size > 0) await Promise.all(running)
    },
  }
}

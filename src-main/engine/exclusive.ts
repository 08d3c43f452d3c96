/** Lets one piece of work at a time through for each key; others wait for their turn, in order. */
export interface Exclusive {
  run<T>(key: string, work: () => Promise<T>): Promise<T>
}

export function createExclusive(): Exclusive {
  const last = new Map<string, Promise<void>>()
  return {
    async run(key, work) {
      const turn = (last.get(key) ?? Promise.resolve()).then(work)
      const over = turn.then(
        () => undefined,
        () => undefined,
      )
      last.set(key, over)
      try {
        return await turn
      } finally {
        if (last.get(key) === over) last.delete(key)
      }
    },
  }
}

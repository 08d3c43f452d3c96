import type { PushMessage } from '../../src-shared/api/push-events.ts'

/**
 * Hands the engine's events on in batches, so that two hundred a second are a few renderings and not two hundred.
 * `reset` (and the first connection) means: read everything again.
 */
export interface Feed {
  push(message: PushMessage): void
  /** @returns stops listening */
  listen(listener: FeedListener): () => void
}

export type FeedListener = (messages: readonly PushMessage[]) => void

/** Long enough to gather, short enough that nobody waits: about a frame. */
const gatherMs = 16

export function createFeed(later: (work: () => void, ms: number) => void = setTimeout): Feed {
  const listeners = new Set<FeedListener>()
  let gathered: PushMessage[] = []
  const flush = (): void => {
    const batch = gathered
    gathered = []
    for (const listener of listeners) listener(batch)
  }
  return {
    push(message) {
      gathered.push(message)
      if (gathered.length === 1) later(flush, gatherMs)
    },
    listen(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}

import { setPriority } from 'node:os'
import { parentPort, workerData } from 'node:worker_threads'
import { compact, type CompactionOrder, type CompactionReport } from './compaction.ts'
import { nodeFileSystem } from './file-system.ts'

const order: CompactionOrder = workerData

function report(message: CompactionReport): void {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread's port, not a window
  parentPort?.postMessage(message)
}

/** Others go first. Linux takes this for the calling thread alone; elsewhere it would slow down the whole process. */
function yieldToOthers(): void {
  if (process.platform !== 'linux') return
  try {
    setPriority(10)
  } catch {
    // Where it isn't allowed, it goes on as it is.
  }
}

yieldToOthers()

compact(nodeFileSystem, order).then(
  (base) => report({ base }),
  (error: unknown) => report({ error: error instanceof Error ? error.message : String(error) }),
)

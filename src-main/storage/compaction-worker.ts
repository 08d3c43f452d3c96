import { setPriority } from 'node:os'
import { parentPort, workerData } from 'node:worker_threads'
import { compact, type CompactionOrder, type CompactionReport } from './compaction.ts'
import { nodeFileSystem } from './file-system.ts'

const order: CompactionOrder = workerData

function report(message: CompactionReport): void {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread's port, not a window
  parentPort?.postMessage(message)
}

// Linux takes this for the calling thread alone; elsewhere it would slow down the whole process.
if (process.platform === 'linux') setPriority(10)

compact(nodeFileSystem, order).then(
  (base) => report({ base }),
  (error: unknown) => report({ error: error instanceof Error ? error.message : String(error) }),
)

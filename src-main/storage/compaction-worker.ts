import { parentPort, workerData } from 'node:worker_threads'
import { compact, type CompactionOrder, type CompactionReport } from './compaction.ts'
import { nodeFileSystem } from './file-system.ts'

const { folder, upTo } = workerData as CompactionOrder

function report(message: CompactionReport): void {
  parentPort?.postMessage(message)
}

compact(nodeFileSystem, folder, upTo).then(
  (generation) => report({ generation }),
  (error: unknown) => report({ error: error instanceof Error ? error.message : String(error) }),
)

import { nodeFileSystem } from '../../../src-main/storage/file-system.ts'
import { openStore } from '../../../src-main/storage/store.ts'
import { systemClock } from '../../../src-main/system-clock.ts'
import { accepted, bytesOf } from './records.ts'
import { payloadBytes } from './killed-writer.ts'

/** A process that writes and compacts until it is killed, and says what was acknowledged, one number a line. */

const [, , folder = '', from = '1'] = process.argv
const store = await openStore({
  folder,
  files: nodeFileSystem,
  clock: systemClock,
  compactionWorker: new URL('../../../src-main/storage/compaction-worker.ts', import.meta.url),
})
let next = Number(from)

async function write(): Promise<never> {
  for (;;) {
    const n = next
    next += 1
    await store.commit(accepted(n, bytesOf(n, payloadBytes(n))))
    process.stdout.write(`${n}\n`)
  }
}

async function compactForEver(): Promise<never> {
  for (;;) {
    process.stdout.write('compacting\n')
    await store.compact()
  }
}

await Promise.all([write(), write(), write(), compactForEver()])

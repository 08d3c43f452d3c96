import { nodeFileSystem } from '../../../src-main/storage/file-system.ts'
import { startHost } from '../../../src-main/host.ts'
import { openStore } from '../../../src-main/storage/store.ts'
import { systemClock } from '../../../src-main/system-clock.ts'
import { compactionWorker } from '../../support/bench-host.ts'

/** Opens a data folder in a fresh process and tells how long it took: `opening-probe.ts store|host|fold <folder>`. */
export interface Opening {
  readonly openMs: number
  readonly rssBytes: number
  /** Before it was opened: the program itself, with what runs TypeScript. */
  readonly rssBeforeBytes: number
}

const [what, folder = ''] = process.argv.slice(2)
const rssBeforeBytes = process.memoryUsage.rss()
const started = performance.now()
if (what === 'host') {
  const host = await startHost({
    folder,
    version: 'bench',
    command: 'hookbench bench',
    dispatch: true,
    compactionWorker,
    environment: {},
    log: (line) => process.stderr.write(`${line}\n`),
  })
  tell()
  await host.stop(0)
} else {
  const store = await openStore({ folder, files: nodeFileSystem, clock: systemClock, compactionWorker })
  tell()
  // As a stop does after which the next start finds nothing to replay.
  if (what === 'fold') await store.compact()
  await store.close()
}
process.disconnect()

function tell(): void {
  const opening: Opening = {
    openMs: performance.now() - started,
    rssBytes: process.memoryUsage.rss(),
    rssBeforeBytes,
  }
  process.send?.(opening)
}

import { createRequire } from 'node:module'
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

/** Where the program's own files are; the same code runs from source (in tests) and built. */

const here = fileURLToPath(import.meta.url)
const fromSource = here.endsWith('.ts')

function packageRoot(): string {
  let folder = dirname(here)
  while (!existsSync(join(folder, 'package.json'))) folder = dirname(folder)
  return folder
}

export const projectFolder = packageRoot()

export const version: string = (
  createRequire(import.meta.url)(join(projectFolder, 'package.json')) as { version: string }
).version

export const compactionWorkerUrl: URL = fromSource
  ? new URL('./storage/compaction-worker.ts', import.meta.url)
  : pathToFileURL(join(projectFolder, 'out', 'main', 'compaction-worker.js'))

/** The built UI, or null when it isn't built. */
export function uiFolder(): string | null {
  const folder = join(projectFolder, 'out', 'renderer')
  return existsSync(join(folder, 'index.html')) ? folder : null
}

import { mkdir, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { errnoOf } from './file-system.ts'

/**
 * Makes a folder, and those above it, for the user alone; one that is there already stays as it is.
 * Node's own recursive `mkdir` never returns where a file system answers ENOENT in an existing folder (`/proc`).
 */
export async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path, { mode: 0o700 })
  } catch (error) {
    if (errnoOf(error) === 'EEXIST' && (await isFolder(path))) return
    const parent = dirname(path)
    if (errnoOf(error) !== 'ENOENT' || parent === path || (await isFolder(parent))) throw error
    await makeFolder(parent)
    await makeFolder(path)
  }
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  )
}

import { chmod, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { AppError } from '../src-shared/errors.ts'
import { describeFileError, errnoOf } from './storage/file-system.ts'
import { makeFolder } from './storage/make-folder.ts'

/** Where Hookbench keeps its data: `--data-dir`, HOOKBENCH_DATA_DIR, or the platform's user-data folder. */
export function dataFolder(wanted: string | undefined, environment: NodeJS.ProcessEnv): string {
  const named = wanted ?? environment['HOOKBENCH_DATA_DIR']
  if (named !== undefined && named !== '') return resolve(named)
  const home = homedir()
  switch (process.platform) {
    case 'win32':
      return join(environment['APPDATA'] ?? join(home, 'AppData', 'Roaming'), 'Hookbench')
    case 'darwin':
      return join(home, 'Library', 'Application Support', 'Hookbench')
    default:
      return join(environment['XDG_CONFIG_HOME'] ?? join(home, '.config'), 'Hookbench')
  }
}

/** Makes the folder, for the user alone. @throws AppError `data_folder_unusable` */
export async function makeDataFolder(folder: string): Promise<void> {
  try {
    await makeFolder(folder)
  } catch (cause) {
    const reason = `it could not be made, because ${describeMakingError(cause)}`
    throw new AppError('data_folder_unusable', { folder, reason }, { cause })
  }
  try {
    await chmod(folder, 0o700)
  } catch (cause) {
    throw new AppError('data_folder_unusable', { folder, reason: describeFileError(cause) }, { cause })
  }
}

function describeMakingError(cause: unknown): string {
  switch (errnoOf(cause)) {
    case 'EEXIST':
      return 'a file is in its place'
    case 'ENOENT':
      // The folder above it is there: `makeFolder` has seen to that.
      return 'the file system takes no new folder there'
    default:
      return describeFileError(cause)
  }
}

/** How to reach the Hookbench that has a folder open. Mode 0600: the token lets its reader in. */
export interface Instance {
  readonly pid: number
  /** `http://127.0.0.1:4747` */
  readonly api: string
  readonly capture: string | null
  readonly token: string
  readonly version: string
}

const instanceFile = 'instance.json'

export async function writeInstance(folder: string, instance: Instance): Promise<void> {
  const path = join(folder, instanceFile)
  const draft = `${path}.${process.pid}.tmp`
  await rm(draft, { force: true })
  await writeFile(draft, `${JSON.stringify(instance, null, 2)}\n`, { mode: 0o600, flag: 'wx' })
  await rename(draft, path)
}

export async function removeInstance(folder: string): Promise<void> {
  await rm(join(folder, instanceFile), { force: true })
}

export async function readInstance(folder: string): Promise<Instance | null> {
  try {
    return JSON.parse(await readFile(join(folder, instanceFile), 'utf8')) as Instance
  } catch (error) {
    if (error instanceof SyntaxError || errnoOf(error) === 'ENOENT' || errnoOf(error) === 'ENOTDIR')
      return null
    throw error
  }
}

import { randomBytes } from 'node:crypto'
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { link, open, readFile, rename, rm, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { AppError } from '../../src-shared/errors.ts'
import { errnoOf } from './file-system.ts'

/**
 * One process per data folder. The lock file names its owner by pid and by the process's start time, so a pid that
 * the system has given to something else since does not count.
 */

export interface LockOwner {
  readonly pid: number
  /** Start time of the process as the system tells it, or null where it does not. */
  readonly process_started: string | null
  /** What the owner is, for the error of whoever comes second: `hookbench serve`. */
  readonly command: string
  /** Unlike any other lock's, so that a taken-over lock is recognised. */
  readonly nonce: string
}

export interface FolderLock {
  release(): Promise<void>
}

const lockFile = 'lock'

/**
 * Takes the lock, also from an owner that has died.
 * @throws AppError `data_folder_in_use` with the owner's pid and command
 */
export async function lockFolder(folder: string, command: string): Promise<FolderLock> {
  const path = join(folder, lockFile)
  const mine: LockOwner = {
    pid: process.pid,
    process_started: processStarted(process.pid),
    command,
    nonce: randomBytes(8).toString('hex'),
  }
  for (let attempt = 0; attempt < 20; attempt += 1) {
    if (await createLock(path, mine)) return { release: () => releaseLock(path, mine) }
    const owner = await readOwner(path)
    if (owner !== null && isAlive(owner)) {
      throw new AppError('data_folder_in_use', { folder, pid: owner.pid, command: owner.command })
    }
    await removeStale(path, owner)
  }
  throw new AppError('data_folder_unusable', { folder, reason: 'its lock keeps changing hands' })
}

/** The process that has the folder open, or null. */
export async function lockOwner(folder: string): Promise<LockOwner | null> {
  const owner = await readOwner(join(folder, lockFile))
  return owner !== null && isAlive(owner) ? owner : null
}

// Written beside and linked into place: a lock file is never seen half written.
async function createLock(path: string, owner: LockOwner): Promise<boolean> {
  const draft = `${path}.${owner.nonce}`
  const handle = await open(draft, 'wx', 0o600)
  await handle.writeFile(JSON.stringify(owner))
  await handle.close()
  try {
    await link(draft, path)
    return true
  } catch (error) {
    if (errnoOf(error) === 'EEXIST') return false
    throw error
  } finally {
    await unlink(draft)
  }
}

/** Moves a stale lock away; if it turns out that another process was faster, gives that one's lock back. */
async function removeStale(path: string, stale: LockOwner | null): Promise<void> {
  const grave = `${path}.${randomBytes(8).toString('hex')}`
  try {
    await rename(path, grave)
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return
    throw error
  }
  const moved = await readOwner(grave)
  if (moved !== null && moved.nonce !== stale?.nonce) await link(grave, path).catch(() => undefined)
  await unlink(grave)
}

async function releaseLock(path: string, mine: LockOwner): Promise<void> {
  const owner = await readOwner(path)
  if (owner?.nonce === mine.nonce) await rm(path, { force: true })
}

async function readOwner(path: string): Promise<LockOwner | null> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as LockOwner
  } catch (error) {
    if (error instanceof SyntaxError || errnoOf(error) === 'ENOENT') return null
    throw error
  }
}

function isAlive(owner: LockOwner): boolean {
  try {
    process.kill(owner.pid, 0)
  } catch (error) {
    if (errnoOf(error) !== 'EPERM') return false
  }
  return owner.process_started === null || processStarted(owner.pid) === owner.process_started
}

/** When a process started, in a form to compare only; null where the system won't tell. */
export function processStarted(pid: number): string | null {
  try {
    if (process.platform === 'linux') {
      // Field 22, counted behind the command's closing parenthesis: the command may hold spaces.
      const fields = readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ').pop()?.split(' ')
      const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim()
      return fields?.[19] === undefined ? null : `${boot}:${fields[19]}`
    }
    if (process.platform === 'darwin') {
      return execFileSync('/bin/ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim() || null
    }
    return null
  } catch {
    return null
  }
}

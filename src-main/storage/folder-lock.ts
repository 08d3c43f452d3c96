import { randomBytes } from 'node:crypto'
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { link, open, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { AppError } from '../../src-shared/errors.ts'
import { describeFileError, errnoOf } from './file-system.ts'

/**
 * One process per data folder. The lock file names its owner by pid and by the process's start time, so a pid that
 * the system has given to something else since does not count.
 *
 * A stale lock is replaced by whoever holds the claim to it: a second lock named after the stale one's nonce, so that
 * a claim to one lock is never a claim to the next. Only the holder replaces it, after it has seen that it is still
 * there, so of many processes that find the same stale lock one gets it. A claim whose holder died is a stale lock
 * itself, and is replaced in the same way.
 */

const lockOwnerSchema = z.object({
  pid: z.number().int().positive(),
  /** Start time of the process as the system tells it, or null where it does not. */
  process_started: z.string().nullable(),
  /** What the owner is, for the error of whoever comes second: `hookbench serve`. */
  command: z.string(),
  /** Unlike any other lock's. */
  nonce: z.string().regex(/^[0-9a-f]{16}$/),
})
export type LockOwner = z.infer<typeof lockOwnerSchema>

export interface FolderLock {
  release(): Promise<void>
}

const lockFile = 'lock'

/**
 * Takes the lock, also from an owner that has died.
 * @throws AppError `data_folder_in_use` with the owner's pid and command; `data_folder_unusable`
 */
export async function lockFolder(folder: string, command: string): Promise<FolderLock> {
  const path = join(folder, lockFile)
  const mine: LockOwner = {
    pid: process.pid,
    process_started: processStarted(process.pid),
    command,
    nonce: randomBytes(8).toString('hex'),
  }
  const draft = `${path}.${mine.nonce}`
  try {
    await writeOwner(draft, mine)
    const other = await acquire(path, mine, draft)
    if (other !== null)
      throw new AppError('data_folder_in_use', { folder, pid: other.pid, command: other.command })
    return { release: () => release(path, mine) }
  } catch (cause) {
    if (cause instanceof AppError) throw cause
    throw new AppError('data_folder_unusable', { folder, reason: describeFileError(cause) }, { cause })
  } finally {
    await rm(draft, { force: true }).catch(() => undefined)
  }
}

/** The process that has the folder open, or null. */
export async function lockOwner(folder: string): Promise<LockOwner | null> {
  const owner = await readOwner(join(folder, lockFile))
  return typeof owner === 'object' && isAlive(owner) ? owner : null
}

/** @returns null when `path` is this process's now, or the living process that has it */
async function acquire(path: string, mine: LockOwner, draft: string): Promise<LockOwner | null> {
  for (;;) {
    // Written beside and linked into place: a lock file is never seen half written.
    if (await linkNew(draft, path)) return null
    const owner = await readOwner(path)
    if (owner === 'absent') continue
    if (owner !== 'unreadable' && isAlive(owner)) return owner
    const nonce = nonceOf(owner)
    const claim = `${path}.claim-${nonce}`
    const claimant = await acquire(claim, mine, draft)
    if (claimant !== null) return claimant
    try {
      if (nonceOf(await readOwner(path)) === nonce) {
        await replace(path, mine)
        return null
      }
    } finally {
      await rm(claim, { force: true })
    }
  }
}

async function replace(path: string, mine: LockOwner): Promise<void> {
  const replacement = `${path}.${mine.nonce}.new`
  await writeOwner(replacement, mine)
  try {
    await rename(replacement, path)
  } finally {
    await rm(replacement, { force: true })
  }
}

async function linkNew(draft: string, path: string): Promise<boolean> {
  try {
    await link(draft, path)
    return true
  } catch (error) {
    if (errnoOf(error) === 'EEXIST') return false
    throw error
  }
}

async function writeOwner(path: string, owner: LockOwner): Promise<void> {
  const handle = await open(path, 'wx', 0o600)
  try {
    await handle.writeFile(JSON.stringify(owner))
    // Unsynced, a power cut could leave an empty lock.
    await handle.sync()
  } finally {
    await handle.close()
  }
}

async function release(path: string, mine: LockOwner): Promise<void> {
  if (nonceOf(await readOwner(path)) === mine.nonce) await rm(path, { force: true })
}

type FoundOwner = LockOwner | 'absent' | 'unreadable'

const nonceOf = (owner: FoundOwner): string => (typeof owner === 'object' ? owner.nonce : owner)

async function readOwner(path: string): Promise<FoundOwner> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return 'absent'
    throw error
  }
  try {
    return lockOwnerSchema.parse(JSON.parse(text))
  } catch {
    return 'unreadable'
  }
}

function isAlive(owner: LockOwner): boolean {
  try {
    process.kill(owner.pid, 0)
  } catch (error) {
    if (errnoOf(error) !== 'EPERM') return false
  }
  const started = processStarted(owner.pid)
  // Where the system doesn't tell, a living pid counts.
  return owner.process_started === null || started === null || started === owner.process_started
}

/** When a process started, in a form to compare only; null where the system won't tell. A zombie counts as ended. */
function processStarted(pid: number): string | null {
  try {
    if (process.platform === 'linux') return startedOnLinux(pid)
    if (process.platform === 'darwin') {
      return (
        execFileSync('/bin/ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim() || null
      )
    }
    return null
  } catch {
    return null
  }
}

function startedOnLinux(pid: number): string | null {
  // Counted behind the command's closing parenthesis: the command may hold spaces and parentheses.
  const fields = readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ').pop()?.split(' ')
  const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim()
  const [state] = fields ?? []
  const ticks = fields?.[19]
  if (ticks === undefined) return null
  return state === 'Z' || state === 'X' ? `${boot}:ended` : `${boot}:${ticks}`
}

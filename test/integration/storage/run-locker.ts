import { AppError } from '../../../src-shared/errors.ts'
import { lockFolder, type FolderLock } from '../../../src-main/storage/folder-lock.ts'

/** A process that takes the lock of a folder when it is told to, says what came of it, and keeps it until it is told. */

export type LockerOrder = { readonly take: string } | { readonly release: true }
export interface LockerReport {
  readonly kind: 'ready' | 'locked' | 'refused' | 'released'
  readonly code?: string
  readonly message?: string
}

const [, , command = ''] = process.argv
let lock: FolderLock | null = null

async function follow(order: LockerOrder): Promise<LockerReport> {
  if ('release' in order) {
    await lock?.release()
    lock = null
    return { kind: 'released' }
  }
  try {
    lock = await lockFolder(order.take, command)
    return { kind: 'locked' }
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    return { kind: 'refused', code: error.code, message: error.message }
  }
}

process.on('message', (order: LockerOrder) => void follow(order).then((report) => process.send?.(report)))
process.send?.({ kind: 'ready' } satisfies LockerReport)

import { constants, fstatSync } from 'node:fs'
import { open, rename, rm, type FileHandle } from 'node:fs/promises'

/**
 * The few file operations that durability rests on, as a port: tests make the n-th one fail.
 * Everything else about files goes straight to node:fs.
 */
export interface FileSystem {
  /** Opens for appending; creates the file with mode 0600. */
  openAppend(path: string): Promise<AppendFile>
  /** Writes a whole file (mode 0600) and fsyncs it. Fails if it is there already. */
  writeNew(path: string, bytes: Uint8Array): Promise<void>
  /** Cuts a file to `length` bytes and fsyncs it. */
  truncate(path: string, length: number): Promise<void>
  rename(from: string, to: string): Promise<void>
  /** Makes creations, renames and removals in a folder durable. */
  syncFolder(folder: string): Promise<void>
  remove(path: string): Promise<void>
}

/** A file open for appending. */
export interface AppendFile {
  /** Appends all bytes, or rejects; after a rejection some of them may be there. */
  append(bytes: Uint8Array): Promise<void>
  /** Returns when everything appended so far would survive a power cut. */
  sync(): Promise<void>
  close(): Promise<void>
}

class FileRemovedError extends Error {
  constructor() {
    super('its file was removed while it was open')
  }
}

async function appendAll(handle: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let offset = 0; offset < bytes.length;) {
    const { bytesWritten } = await handle.write(bytes, offset, bytes.length - offset)
    offset += bytesWritten
  }
}

/** The real file system. */
export const nodeFileSystem: FileSystem = {
  async openAppend(path) {
    const handle = await open(path, 'a', 0o600)
    return {
      append: (bytes) => appendAll(handle, bytes),
      async sync() {
        // A file that was removed while it is open takes writes without an error: they would be acknowledged and lost.
        await handle.datasync()
        // Of an open file this reads memory, no disk: a task for a thread would cost more than the call.
        if (fstatSync(handle.fd).nlink === 0) throw new FileRemovedError()
      },
      close: () => handle.close(),
    }
  },
  async writeNew(path, bytes) {
    const handle = await open(path, 'wx', 0o600)
    try {
      await appendAll(handle, bytes)
      await handle.sync()
    } finally {
      await handle.close()
    }
  },
  async truncate(path, length) {
    const handle = await open(path, 'r+')
    try {
      await handle.truncate(length)
      await handle.sync()
    } finally {
      await handle.close()
    }
  },
  rename,
  async syncFolder(folder) {
    // Windows can't open a folder for syncing; NTFS journals its metadata.
    if (process.platform === 'win32') return
    const handle = await open(folder, constants.O_RDONLY)
    try {
      await handle.sync()
    } finally {
      await handle.close()
    }
  },
  async remove(path) {
    await rm(path, { force: true })
  },
}

/** The error code of a failed system call (`ENOSPC`, …), or undefined. */
export function errnoOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined
}

/** A plain sentence part for a failed file operation. */
export function describeFileError(error: unknown): string {
  switch (errnoOf(error)) {
    case 'ENOSPC':
      return 'the disk is full'
    case 'EDQUOT':
      return 'the disk quota is used up'
    case 'EIO':
      return 'the disk reported an error'
    case 'EACCES':
    case 'EPERM':
      return 'no permission to write there'
    case 'EROFS':
      return 'it is on a read-only file system'
    case 'ENOENT':
      return 'it is not there'
    case 'ENOTDIR':
      return 'a part of its path is a file, not a folder'
    case 'EISDIR':
      return 'it is a folder, not a file'
    case 'EMFILE':
    case 'ENFILE':
      return 'too many files are open'
    default:
      return error instanceof Error ? error.message : String(error)
  }
}

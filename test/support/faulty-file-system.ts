import { nodeFileSystem, type AppendFile, type FileSystem } from '../../src-main/storage/file-system.ts'

export type Operation =
  'append' | 'sync' | 'rename' | 'writeNew' | 'syncFolder' | 'truncate' | 'remove' | 'openAppend'

/** What goes wrong, from the n-th operation on (counted from 1). */
export interface Fault {
  readonly at: number
  readonly code: 'ENOSPC' | 'EIO'
  /** Writes half the bytes before it fails. */
  readonly partial?: boolean
  /** Every operation after it fails too, until the fault is taken away. */
  readonly lasting?: boolean
}

/** The real file system, but the n-th operation fails. */
export class FaultyFileSystem implements FileSystem {
  /** Every operation so far, failed ones included. */
  readonly operations: Operation[] = []
  #fault: Fault | null
  #counted = 0

  constructor(fault: Fault | null = null) {
    this.#fault = fault
  }

  /** How often each operation was called. */
  count(operation: Operation): number {
    return this.operations.filter((done) => done === operation).length
  }

  /** From now on everything works. */
  mend(): void {
    this.#fault = null
  }

  /** Counts operations anew, for a fault that starts from here. */
  break(fault: Fault): void {
    this.#counted = 0
    this.#fault = fault
  }

  async openAppend(path: string): Promise<AppendFile> {
    await this.#run('openAppend', path, async () => undefined)
    const file = await nodeFileSystem.openAppend(path)
    return {
      append: (bytes) => this.#write('append', bytes, (part) => file.append(part)),
      sync: () => this.#run('sync', path, () => file.sync()),
      close: () => file.close(),
    }
  }

  writeNew(path: string, bytes: Uint8Array): Promise<void> {
    return this.#write('writeNew', bytes, (part) => nodeFileSystem.writeNew(path, part))
  }

  truncate(path: string, length: number): Promise<void> {
    return this.#run('truncate', path, () => nodeFileSystem.truncate(path, length))
  }

  rename(from: string, to: string): Promise<void> {
    return this.#run('rename', from, () => nodeFileSystem.rename(from, to))
  }

  syncFolder(folder: string): Promise<void> {
    return this.#run('syncFolder', folder, () => nodeFileSystem.syncFolder(folder))
  }

  remove(path: string): Promise<void> {
    return this.#run('remove', path, () => nodeFileSystem.remove(path))
  }

  async #write(
    operation: Operation,
    bytes: Uint8Array,
    write: (part: Uint8Array) => Promise<void>,
  ): Promise<void> {
    const fault = this.#next(operation)
    if (fault === null) return write(bytes)
    if (fault.partial === true) await write(bytes.subarray(0, bytes.length >> 1))
    throw failure(fault, operation)
  }

  async #run(operation: Operation, path: string, work: () => Promise<void>): Promise<void> {
    const fault = this.#next(operation)
    if (fault !== null) throw failure(fault, `${operation} ${path}`)
    await work()
  }

  #next(operation: Operation): Fault | null {
    this.operations.push(operation)
    this.#counted += 1
    const fault = this.#fault
    if (fault === null) return null
    return this.#counted === fault.at || (fault.lasting === true && this.#counted > fault.at) ? fault : null
  }
}

function failure(fault: Fault, what: string): Error {
  return Object.assign(new Error(`${fault.code}: made up for a test, ${what}`), { code: fault.code })
}

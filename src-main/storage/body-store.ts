import { createHash, randomBytes } from 'node:crypto'
import { access, open, readdir, readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { errnoOf, type FileSystem } from './file-system.ts'
import { makeFolder } from './make-folder.ts'

/**
 * Bodies too large for the in-memory database: files named by the SHA-256 of their bytes. A file and its folder are
 * on disk before the row that names them, and go only after the row did.
 */
export class BodyStore {
  readonly #folder: string
  readonly #files: FileSystem
  readonly #removals = new Map<string, Promise<void>>()
  readonly #folders = new Set<string>()
  /** How often each body is between its file and its row. */
  readonly #held = new Map<string, number>()

  constructor(folder: string, files: FileSystem) {
    this.#folder = folder
    this.#files = files
  }

  /**
   * Keeps the bytes durably, and holds them against removal until {@link release}.
   * @returns their lower-case hex SHA-256
   */
  async put(bytes: Uint8Array): Promise<string> {
    const sha256 = createHash('sha256').update(bytes).digest('hex')
    // Before the first wait: a removal either is under way, and is waited for, or leaves a held body alone.
    this.#held.set(sha256, (this.#held.get(sha256) ?? 0) + 1)
    try {
      await this.#removals.get(sha256)?.catch(() => undefined)
      const path = this.#path(sha256)
      if (!(await exists(path))) await this.#write(path, bytes)
      return sha256
    } catch (error) {
      this.release(sha256)
      throw error
    }
  }

  /** Ends the hold of one {@link put}: the row is there, or never will be. */
  release(sha256: string): void {
    const holds = (this.#held.get(sha256) ?? 1) - 1
    if (holds === 0) this.#held.delete(sha256)
    else this.#held.set(sha256, holds)
  }

  /** True while a {@link put} has not been released: its row may come any moment. */
  isHeld(sha256: string): boolean {
    return this.#held.has(sha256)
  }

  /** The bytes kept under this SHA-256, or null when the file is gone. */
  async get(sha256: string): Promise<Buffer | null> {
    try {
      return await readFile(this.#path(sha256))
    } catch (error) {
      if (errnoOf(error) === 'ENOENT') return null
      throw error
    }
  }

  /** Bytes `start` to before `end` of a body, or null when its file is gone. */
  async getPart(sha256: string, start: number, end: number): Promise<Buffer | null> {
    const file = await open(this.#path(sha256)).catch((error: unknown) => {
      if (errnoOf(error) === 'ENOENT') return null
      throw error
    })
    if (file === null) return null
    try {
      const bytes = Buffer.alloc(Math.max(0, Math.min(end, (await file.stat()).size) - start))
      const { bytesRead } = await file.read(bytes, 0, bytes.length, start)
      return bytes.subarray(0, bytesRead)
    } finally {
      await file.close()
    }
  }

  async remove(sha256: string): Promise<void> {
    const removal = this.#files.remove(this.#path(sha256))
    this.#removals.set(sha256, removal)
    try {
      await removal
    } finally {
      this.#removals.delete(sha256)
    }
  }

  /** Names of all kept bodies; unfinished drafts of a crash are removed on the way. */
  async list(): Promise<string[]> {
    const found: string[] = []
    for (const shard of await readdir(this.#folder)) {
      if (!/^[0-9a-f]{2}$/.test(shard)) continue
      for (const name of await readdir(join(this.#folder, shard))) {
        if (/^[0-9a-f]{64}$/.test(name)) found.push(name)
        else if (/^[0-9a-f]{64}\.[0-9a-f]{8}\.tmp$/.test(name))
          await this.#files.remove(join(this.#folder, shard, name))
      }
    }
    return found
  }

  async #write(path: string, bytes: Uint8Array): Promise<void> {
    const folder = dirname(path)
    const draft = `${path}.${randomBytes(4).toString('hex')}.tmp`
    try {
      await this.#makeFolder(folder)
      await this.#files.writeNew(draft, bytes)
      await this.#files.rename(draft, path)
      await this.#files.syncFolder(folder)
    } catch (error) {
      // Somebody may have removed the folder.
      this.#folders.delete(folder)
      await this.#files.remove(draft).catch(() => undefined)
      throw error
    }
  }

  async #makeFolder(folder: string): Promise<void> {
    if (this.#folders.has(folder)) return
    await makeFolder(folder)
    await this.#files.syncFolder(this.#folder)
    this.#folders.add(folder)
  }

  #path(sha256: string): string {
    return join(this.#folder, sha256.slice(0, 2), sha256)
  }
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}

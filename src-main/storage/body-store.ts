import { createHash, randomBytes } from 'node:crypto'
import { access, mkdir, readdir, readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { errnoOf, type FileSystem } from './file-system.ts'

/**
 * Bodies too large for the in-memory database: files named by the SHA-256 of their bytes. A file and its folder are
 * on disk before the row that names them, and go only after the row did.
 */
export class BodyStore {
  readonly #folder: string
  readonly #files: FileSystem
  readonly #removals = new Map<string, Promise<void>>()
  readonly #folders = new Set<string>()

  constructor(folder: string, files: FileSystem) {
    this.#folder = folder
    this.#files = files
  }

  /** Keeps the bytes durably. @returns their lower-case hex SHA-256 */
  async put(bytes: Uint8Array): Promise<string> {
    const sha256 = createHash('sha256').update(bytes).digest('hex')
    await this.#removals.get(sha256)
    const path = this.#path(sha256)
    if (await exists(path)) return sha256
    await this.#makeFolder(dirname(path))
    const draft = `${path}.${randomBytes(4).toString('hex')}.tmp`
    try {
      await this.#files.writeNew(draft, bytes)
      await this.#files.rename(draft, path)
      await this.#files.syncFolder(dirname(path))
    } catch (error) {
      await this.#files.remove(draft).catch(() => undefined)
      throw error
    }
    return sha256
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
    for (const shard of await readdir(this.#folder).catch(() => [])) {
      for (const name of await readdir(join(this.#folder, shard))) {
        if (name.endsWith('.tmp')) await this.#files.remove(join(this.#folder, shard, name))
        else found.push(name)
      }
    }
    return found
  }

  async #makeFolder(folder: string): Promise<void> {
    if (this.#folders.has(folder)) return
    await mkdir(folder, { recursive: true, mode: 0o700 })
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

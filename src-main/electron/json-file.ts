import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { AppError } from '../../src-shared/errors.ts'
import { describeFileError } from '../storage/file-system.ts'

/** A small file of the app's own: what the user prefers, where the window was. Losing it loses no work. */
export interface JsonFile<T> {
  readonly value: T
  /** Replaces the file, then the value. @throws AppError `file_unwritable` */
  save(value: T): void
}

/** As much of zod's as is needed. */
interface Schema<T> {
  /** @throws Error for what isn't wanted */
  parse(value: unknown): T
}

/** What can't be read, or isn't what is wanted, counts as `fallback`. */
export function openJsonFile<T>(path: string, schema: Schema<T>, fallback: T): JsonFile<T> {
  let value = read(path, schema) ?? fallback
  return {
    get value() {
      return value
    },
    save(next) {
      try {
        mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
        writeFileSync(`${path}.tmp`, `${JSON.stringify(next, null, 2)}\n`, { mode: 0o600 })
        renameSync(`${path}.tmp`, path)
      } catch (error) {
        throw new AppError(
          'file_unwritable',
          { file: path, reason: describeFileError(error) },
          { cause: error },
        )
      }
      value = next
    },
  }
}

function read<T>(path: string, schema: Schema<T>): T | null {
  try {
    return schema.parse(JSON.parse(readFileSync(path, 'utf8')))
  } catch {
    return null
  }
}

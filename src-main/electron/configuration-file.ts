import { constants } from 'node:fs'
import { open } from 'node:fs/promises'
import { basename } from 'node:path'
import { AppError, invalidInput } from '../../src-shared/errors.ts'
import { describeFileError } from '../storage/file-system.ts'

/** As much as an import takes. */
const mostBytes = 4 * 1024 * 1024

/** A configuration file's text. @throws AppError `invalid_input` for what is no text file of a fitting size */
export async function readConfigurationFile(path: string): Promise<{ name: string; text: string }> {
  const name = basename(path)
  try {
    // Opening a named pipe would wait for somebody to write into it.
    const file = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0))
    try {
      const stats = await file.stat()
      if (!stats.isFile()) throw invalidInput(`${name} is not a file.`)
      if (stats.size > mostBytes) throw invalidInput(`${name} is larger than ${mostBytes} bytes.`)
      return { name, text: textOf(name, await file.readFile()) }
    } finally {
      await file.close()
    }
  } catch (error) {
    if (error instanceof AppError) throw error
    throw invalidInput(`${name} can't be read: ${describeFileError(error)}.`)
  }
}

function textOf(name: string, bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw invalidInput(`${name} is not a text file in UTF-8.`)
  }
}

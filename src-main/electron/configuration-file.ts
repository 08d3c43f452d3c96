import { open } from 'node:fs/promises'
import { basename } from 'node:path'
import { AppError, invalidInput } from '../../src-shared/errors.ts'
import { describeFileError } from '../storage/file-system.ts'

/** As much as an import takes. */
const mostBytes = 4 * 1024 * 1024

/** A configuration file's text. @throws AppError `invalid_input` for what is no file of a fitting size */
export async function readConfigurationFile(path: string): Promise<{ name: string; text: string }> {
  const name = basename(path)
  try {
    const file = await open(path, 'r')
    try {
      const stats = await file.stat()
      if (!stats.isFile()) throw invalidInput(`${name} is not a file.`)
      if (stats.size > mostBytes) throw invalidInput(`${name} is larger than ${mostBytes} bytes.`)
      return { name, text: await file.readFile('utf8') }
    } finally {
      await file.close()
    }
  } catch (error) {
    if (error instanceof AppError) throw error
    throw invalidInput(`${name} can't be read: ${describeFileError(error)}.`)
  }
}

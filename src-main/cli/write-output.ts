import { open } from 'node:fs/promises'
import { AppError } from '../../src-shared/errors.ts'
import { describeFileError } from '../storage/file-system.ts'

/**
 * Writes what `--output` names.
 * @param holdsSecrets for nobody else to read
 * @throws AppError `file_unwritable`
 */
export async function writeOutput(file: string, bytes: Uint8Array, holdsSecrets: boolean): Promise<void> {
  try {
    const handle = await open(file, 'w', holdsSecrets ? 0o600 : 0o666)
    try {
      // The file may have been there, for others to read.
      if (holdsSecrets) await handle.chmod(0o600)
      await handle.writeFile(bytes)
    } finally {
      await handle.close()
    }
  } catch (cause) {
    throw new AppError('file_unwritable', { file, reason: describeFileError(cause) }, { cause })
  }
}

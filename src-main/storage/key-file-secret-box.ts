import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { AppError } from '../../src-shared/errors.ts'
import type { SecretBox } from '../engine/ports.ts'
import { errnoOf, type FileSystem } from './file-system.ts'

/**
 * Secrets at rest: AES-256-GCM under one random key for each data folder. Headless, the key stands in a file of
 * mode 0600 beside the data. A sealed secret is `v1:` + base64(12 bytes nonce, 16 bytes tag, ciphertext).
 */

const keyFile = 'key'
const unavailable =
  "The data folder's key is missing or is not the one its secrets were sealed with: they can't be read. They are kept; put the key back, or set new secrets."

/** A box that seals with this key. @param key 32 bytes */
export function createSecretBox(key: Uint8Array): SecretBox {
  return {
    available: true,
    seal(plain) {
      const nonce = randomBytes(12)
      const cipher = createCipheriv('aes-256-gcm', key, nonce)
      const text = Buffer.concat([cipher.update(plain, 'utf8'), cipher.final()])
      return `v1:${Buffer.concat([nonce, cipher.getAuthTag(), text]).toString('base64')}`
    },
    open(sealed) {
      const bytes = Buffer.from(sealed.slice(3), 'base64')
      try {
        const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, 12))
        decipher.setAuthTag(bytes.subarray(12, 28))
        return Buffer.concat([decipher.update(bytes.subarray(28)), decipher.final()]).toString('utf8')
      } catch (cause) {
        throw new AppError('secrets_unavailable', { message: unavailable }, { cause })
      }
    },
  }
}

/**
 * The box of a data folder. A missing key file is made anew: what was sealed before then stays sealed and reads as
 * unavailable, new secrets can be set.
 * @param environmentKey base64 of 32 bytes, goes before the file (`HOOKBENCH_KEY`)
 */
export async function openKeyFile(
  folder: string,
  files: FileSystem,
  environmentKey: string | undefined,
): Promise<SecretBox> {
  if (environmentKey !== undefined && environmentKey !== '') {
    return createSecretBox(decodeKey(environmentKey, 'HOOKBENCH_KEY'))
  }
  const path = join(folder, keyFile)
  try {
    return createSecretBox(decodeKey(await readFile(path, 'utf8'), path))
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT') throw error
  }
  const key = randomBytes(32)
  await files.writeNew(path, Buffer.from(`${key.toString('base64')}\n`))
  await files.syncFolder(folder)
  return createSecretBox(key)
}

function decodeKey(text: string, source: string): Buffer {
  const key = Buffer.from(text.trim(), 'base64')
  if (key.length !== 32) {
    throw new AppError('secrets_unavailable', { message: `${source} does not hold a key: base64 of 32 bytes is wanted.` })
  }
  return key
}

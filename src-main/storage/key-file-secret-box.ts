import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { AppError } from '../../src-shared/errors.ts'
import type { SecretBox } from '../engine/ports.ts'
import { describeFileError, errnoOf, type FileSystem } from './file-system.ts'

/**
 * Secrets at rest: AES-256-GCM under one random key for each data folder. Headless, the key stands in a file of
 * mode 0600 beside the data. A sealed secret is `v1:` + base64(12 bytes nonce, 16 bytes tag, ciphertext).
 */

const keyFile = 'key'
const cipherName = 'aes-256-gcm'
const prefix = 'v1:'
const nonceBytes = 12
const tagBytes = 16
const unavailable =
  "The data folder's key is missing or is not the one its secrets were sealed with: they can't be read. They are kept; put the key back, or set new secrets."

/** A box that seals with this key. @param key 32 bytes */
export function createSecretBox(key: Uint8Array): SecretBox {
  return {
    available: true,
    seal(plain) {
      const nonce = randomBytes(nonceBytes)
      const cipher = createCipheriv(cipherName, key, nonce, { authTagLength: tagBytes })
      const text = Buffer.concat([cipher.update(plain, 'utf8'), cipher.final()])
      return prefix + Buffer.concat([nonce, cipher.getAuthTag(), text]).toString('base64')
    },
    open(sealed) {
      try {
        return openSealed(key, sealed)
      } catch (cause) {
        throw new AppError('secrets_unavailable', { message: unavailable }, { cause })
      }
    },
  }
}

function openSealed(key: Uint8Array, sealed: string): string {
  if (!sealed.startsWith(prefix)) throw new Error('a sealed secret of an unknown form')
  const bytes = Buffer.from(sealed.slice(prefix.length), 'base64')
  const textStart = nonceBytes + tagBytes
  // The cipher takes shorter tags, which would be easier to forge.
  const decipher = createDecipheriv(cipherName, key, bytes.subarray(0, nonceBytes), {
    authTagLength: tagBytes,
  })
  decipher.setAuthTag(bytes.subarray(nonceBytes, textStart))
  return Buffer.concat([decipher.update(bytes.subarray(textStart)), decipher.final()]).toString('utf8')
}

/**
 * The box of a data folder. A missing key file is made anew: what was sealed before then stays sealed and reads as
 * unavailable, new secrets can be set.
 * @param environmentKey base64 of 32 bytes, goes before the file (`HOOKBENCH_KEY`)
 * @throws AppError `secrets_unavailable` when the key file or HOOKBENCH_KEY holds no key; `data_folder_unusable`
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
    return createSecretBox((await readKey(path)) ?? (await writeKey(folder, path, files)))
  } catch (cause) {
    if (cause instanceof AppError) throw cause
    throw new AppError('data_folder_unusable', { folder, reason: describeFileError(cause) }, { cause })
  }
}

async function readKey(path: string): Promise<Buffer | null> {
  try {
    return decodeKey(await readFile(path, 'utf8'), path)
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return null
    throw error
  }
}

/** Written beside and renamed: half a key must never stand there. */
async function writeKey(folder: string, path: string, files: FileSystem): Promise<Buffer> {
  const key = randomBytes(32)
  const draft = `${path}.tmp`
  await files.remove(draft)
  await files.writeNew(draft, Buffer.from(`${key.toString('base64')}\n`))
  await files.rename(draft, path)
  await files.syncFolder(folder)
  return key
}

function decodeKey(text: string, source: string): Buffer {
  const key = Buffer.from(text.trim(), 'base64')
  if (key.length !== 32) {
    throw new AppError('secrets_unavailable', {
      message: `${source} does not hold a key: base64 of 32 bytes is wanted.`,
    })
  }
  return key
}

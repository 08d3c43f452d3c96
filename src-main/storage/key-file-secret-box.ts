import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { AppError } from '../../src-shared/errors.ts'
import type { SecretBox } from '../engine/ports.ts'
import { describeFileError, errnoOf, type FileSystem } from './file-system.ts'

/**
 * Secrets at rest: AES-256-GCM under one random key for each data folder. Headless, the key stands in a file of
 * mode 0600 beside the data; the desktop app lets the system's keyring wrap what stands there. A sealed secret is `v1:` + base64(12 bytes nonce, 16 bytes tag, ciphertext).
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
 * @throws AppError `secrets_unavailable` when the key file or HOOKBENCH_KEY holds no key, or one that the desktop app
 * has given to the system's keyring; `data_folder_unusable`
 */
export async function openKeyFile(
  folder: string,
  files: FileSystem,
  environmentKey: string | undefined,
): Promise<SecretBox> {
  const given = keyOfEnvironment(environmentKey)
  if (given !== null) return createSecretBox(given)
  const kept = await readKeyFile(folder)
  if (kept === null) return createSecretBox(await writeNewKey(folder, files))
  if ('key' in kept) return createSecretBox(kept.key)
  throw new AppError('secrets_unavailable', {
    message:
      "The key of this data folder's secrets is kept by the system's keyring, which only the desktop app asks. Start the app (commands then work through it), or set HOOKBENCH_KEY.",
  })
}

/** The key that HOOKBENCH_KEY holds, or null when it isn't set. @throws AppError `secrets_unavailable` */
export function keyOfEnvironment(environmentKey: string | undefined): Uint8Array | null {
  if (environmentKey === undefined || environmentKey === '') return null
  return decodeKey(environmentKey, 'HOOKBENCH_KEY')
}

/** What a key file holds: the key, or the key as a keyring has wrapped it. */
export type KeptKey = { readonly key: Uint8Array } | { readonly wrapped: Uint8Array }

const wrappedPrefix = 'keyring:1:'

/** null: there is none yet. @throws AppError `secrets_unavailable`, `data_folder_unusable` */
export async function readKeyFile(folder: string): Promise<KeptKey | null> {
  const path = keyPath(folder)
  try {
    const text = await readFile(path, 'utf8')
    if (!text.startsWith(wrappedPrefix)) return { key: decodeKey(text, path) }
    return { wrapped: Buffer.from(text.slice(wrappedPrefix.length).trim(), 'base64') }
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return null
    throw unusable(folder, error)
  }
}

/**
 * Replaces the key file. Written beside and renamed: half a key must never stand there.
 * @throws AppError `data_folder_unusable`
 */
export async function writeKeyFile(folder: string, kept: KeptKey, files: FileSystem): Promise<void> {
  const text =
    'key' in kept
      ? Buffer.from(kept.key).toString('base64')
      : wrappedPrefix + Buffer.from(kept.wrapped).toString('base64')
  const path = keyPath(folder)
  const draft = `${path}.tmp`
  try {
    await files.remove(draft)
    await files.writeNew(draft, Buffer.from(`${text}\n`))
    await files.rename(draft, path)
    await files.syncFolder(folder)
  } catch (error) {
    throw unusable(folder, error)
  }
}

/** A key of 32 random bytes. */
export function newKey(): Uint8Array {
  return randomBytes(32)
}

export function keyPath(folder: string): string {
  return join(folder, keyFile)
}

async function writeNewKey(folder: string, files: FileSystem): Promise<Uint8Array> {
  const key = newKey()
  await writeKeyFile(folder, { key }, files)
  return key
}

function unusable(folder: string, cause: unknown): unknown {
  if (cause instanceof AppError) return cause
  return new AppError('data_folder_unusable', { folder, reason: describeFileError(cause) }, { cause })
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

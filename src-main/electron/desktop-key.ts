import { open, rename } from 'node:fs/promises'
import type { KeyProtection } from '../../src-shared/desktop/desktop-contract.ts'
import { AppError } from '../../src-shared/errors.ts'
import type { SecretBox } from '../engine/ports.ts'
import { errnoOf, type FileSystem } from '../storage/file-system.ts'
import {
  createSecretBox,
  keyOfEnvironment,
  keyPath,
  newKey,
  readKeyFile,
  writeKeyFile,
} from '../storage/key-file-secret-box.ts'

/** The system's keyring. @see electron's safeStorage */
export interface Keyring {
  /** `gnome_libsecret`, `kwallet6`, `keychain`, `dpapi`, … */
  readonly backend: string
  /** Why it can't keep a key here, as a part of a sentence, or null. */
  readonly obstacle: string | null
  /** @throws when the user or the system refuses */
  wrap(text: string): Uint8Array
  /** @throws when it was wrapped by another user, another machine or a keyring that is gone */
  unwrap(bytes: Uint8Array): string
}

/** The box of a data folder on the desktop, and how its key is kept. */
export interface DesktopKey {
  readonly box: SecretBox
  readonly protection: KeyProtection
}

/**
 * Opens the folder's key. A plain key file is given to the keyring as soon as there is one that gives it back; a wrapped
 * key that can't be unwrapped is left as it is: its secrets are unavailable until the keyring is back.
 * @throws AppError `secrets_unavailable` when HOOKBENCH_KEY or the file holds no key; `data_folder_unusable`
 */
export async function openDesktopKey(
  folder: string,
  files: FileSystem,
  environmentKey: string | undefined,
  keyring: Keyring,
): Promise<DesktopKey> {
  const given = keyOfEnvironment(environmentKey)
  if (given !== null) return { box: createSecretBox(given), protection: { kind: 'environment' } }
  const kept = await readKeyFile(folder)
  if (kept !== null && 'wrapped' in kept) return unwrapped(kept.wrapped, keyring)
  const key = kept?.key ?? newKey()
  const wrapped = keyring.obstacle === null ? wrap(key, keyring) : null
  if (wrapped !== null) {
    await writeKeyFile(folder, { wrapped }, files)
    return { box: createSecretBox(key), protection: { kind: 'keyring', backend: keyring.backend } }
  }
  if (kept === null) await writeKeyFile(folder, { key }, files)
  const reason = keyring.obstacle ?? `the keyring (${keyring.backend}) does not keep what it is given`
  return { box: createSecretBox(key), protection: { kind: 'key_file', reason } }
}

/** Null when the keyring refuses: a key is never replaced by something that can't be turned back into it. */
function wrap(key: Uint8Array, keyring: Keyring): Uint8Array | null {
  try {
    const wrapped = keyring.wrap(Buffer.from(key).toString('base64'))
    return Buffer.from(keyring.unwrap(wrapped), 'base64').equals(key) ? wrapped : null
  } catch {
    return null
  }
}

function unwrapped(wrapped: Uint8Array, keyring: Keyring): DesktopKey {
  if (keyring.obstacle !== null) return locked(keyring.obstacle)
  try {
    const key = Buffer.from(keyring.unwrap(wrapped), 'base64')
    if (key.length === 32)
      return { box: createSecretBox(key), protection: { kind: 'keyring', backend: keyring.backend } }
  } catch {
    // Said below: Electron's own message names no cause.
  }
  return locked(`the keyring (${keyring.backend}) can't unwrap the key, which another one has wrapped`)
}

function locked(reason: string): DesktopKey {
  const refuse = (): never => {
    throw new AppError('secrets_unavailable', {
      message: `The data folder's key can't be read, so its secrets are unavailable; they are kept: ${reason}.`,
    })
  }
  return { box: { available: false, seal: refuse, open: refuse }, protection: { kind: 'locked', reason } }
}

/** Puts the key file aside under a name that is free. What it sealed can be read again when it is put back. */
export async function setKeyAside(folder: string, now: number): Promise<void> {
  const stamp = new Date(now).toISOString().replaceAll(/[:.]/g, '-')
  for (let number = 1; ; number += 1) {
    const name = `${keyPath(folder)}.${stamp}${number === 1 ? '' : `-${number}`}.aside`
    if (!(await reserve(name))) continue
    return rename(keyPath(folder), name)
  }
}

/** Renaming would replace what has the name already. */
async function reserve(path: string): Promise<boolean> {
  try {
    await (await open(path, 'wx', 0o600)).close()
    return true
  } catch (error) {
    if (errnoOf(error) === 'EEXIST') return false
    throw error
  }
}

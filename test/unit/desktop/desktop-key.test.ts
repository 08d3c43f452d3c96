import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { openDesktopKey, setKeyAside, type Keyring } from '../../../src-main/electron/desktop-key.ts'
import { nodeFileSystem } from '../../../src-main/storage/file-system.ts'
import { openKeyFile } from '../../../src-main/storage/key-file-secret-box.ts'
import { hookbench } from '../../support/run-command-line.ts'
import { temporaryFolder } from './temporary-folder.ts'

/** A keyring with a key of its own: what one has wrapped another one can't unwrap. */
function keyring(changes: Partial<Keyring> = {}): Keyring {
  const own = randomBytes(32)
  const nonce = randomBytes(12)
  return {
    backend: 'gnome_libsecret',
    obstacle: null,
    wrap(text) {
      const cipher = createCipheriv('aes-256-gcm', own, nonce)
      return Buffer.concat([cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()])
    },
    unwrap(bytes) {
      const decipher = createDecipheriv('aes-256-gcm', own, nonce)
      decipher.setAuthTag(bytes.subarray(-16))
      return Buffer.concat([decipher.update(bytes.subarray(0, -16)), decipher.final()]).toString('utf8')
    },
    ...changes,
  }
}

const noKeyring = keyring({ backend: 'basic_text', obstacle: 'the system has no keyring' })
const open = (folder: string, ring: Keyring, environmentKey?: string) =>
  openDesktopKey(folder, nodeFileSystem, environmentKey, ring)
const keyFile = (folder: string): string => readFileSync(join(folder, 'key'), 'utf8')

describe('the key of a data folder on the desktop', () => {
  it('is wrapped by the keyring in a fresh folder, and read back by the same keyring', async () => {
    const folder = temporaryFolder()
    const ring = keyring()
    const first = await open(folder, ring)
    expect(first.protection).toEqual({ kind: 'keyring', backend: 'gnome_libsecret' })
    expect(keyFile(folder)).toMatch(/^keyring:1:[A-Za-z0-9+/=]+\n$/)
    const sealed = first.box.seal('whsec_one')
    const second = await open(folder, ring)
    expect(second.protection).toEqual(first.protection)
    expect(second.box.available).toBe(true)
    expect(second.box.open(sealed)).toBe('whsec_one')
  })

  it('is a plain file of mode 0600 where there is no keyring, and says why', async () => {
    const folder = temporaryFolder()
    const { box, protection } = await open(folder, noKeyring)
    expect(protection).toEqual({ kind: 'key_file', reason: 'the system has no keyring' })
    expect(statSync(join(folder, 'key')).mode & 0o777).toBe(0o600)
    expect(Buffer.from(keyFile(folder), 'base64')).toHaveLength(32)
    // The command line reads the same file.
    const headless = await openKeyFile(folder, nodeFileSystem, undefined)
    expect(headless.open(box.seal('shared'))).toBe('shared')
  })

  it('never goes through basic_text, which encrypts with a key that everybody knows', async () => {
    const asked: string[] = []
    const basicText = keyring({
      backend: 'basic_text',
      obstacle: 'basic_text is no encryption',
      wrap: (text) => {
        asked.push(text)
        return Buffer.from(text)
      },
    })
    const { protection } = await open(temporaryFolder(), basicText)
    expect(protection).toMatchObject({ kind: 'key_file', reason: 'basic_text is no encryption' })
    expect(asked).toEqual([])
  })

  it('is given to the keyring as soon as there is one, and the secrets stay readable', async () => {
    const folder = temporaryFolder()
    const headless = await openKeyFile(folder, nodeFileSystem, undefined)
    const sealed = headless.seal('from before')
    const ring = keyring()
    expect((await open(folder, ring)).box.open(sealed)).toBe('from before')
    expect(keyFile(folder)).toMatch(/^keyring:1:/)
    expect(statSync(join(folder, 'key')).mode & 0o777).toBe(0o600)
    expect((await open(folder, ring)).box.open(sealed)).toBe('from before')
  })

  it.each([
    ['refuses', { wrap: () => expect.unreachable() }],
    ['gives back something else', { unwrap: () => Buffer.alloc(32).toString('base64') }],
  ])('stays a plain file when the keyring %s', async (_what, changes) => {
    const folder = temporaryFolder()
    const sealed = (await open(folder, noKeyring)).box.seal('kept')
    const before = keyFile(folder)
    const { box, protection } = await open(folder, keyring(changes))
    expect(protection).toMatchObject({ kind: 'key_file' })
    expect(keyFile(folder)).toBe(before)
    expect(box.open(sealed)).toBe('kept')
  })

  it.each([
    ['is another one', (): Keyring => keyring()],
    ['is gone', (): Keyring => noKeyring],
    ['unwraps to something that is no key', (): Keyring => keyring({ unwrap: () => 'short' })],
  ])('makes secrets unavailable, and erases nothing, when the keyring %s', async (_what, other) => {
    const folder = temporaryFolder()
    const ring = keyring()
    const sealed = (await open(folder, ring)).box.seal('still here')
    const before = keyFile(folder)
    const { box, protection } = await open(folder, other())
    expect(protection.kind).toBe('locked')
    expect(box.available).toBe(false)
    for (const use of [() => box.open(sealed), () => box.seal('new')])
      expect(use).toThrow(
        expect.objectContaining({
          code: 'secrets_unavailable',
          message: expect.stringMatching(/unavailable; they are kept: .*[^.]\.$/) as string,
        }),
      )
    expect(keyFile(folder)).toBe(before)
    expect(readdirSync(folder)).toEqual(['key'])
    // The keyring is back.
    expect((await open(folder, ring)).box.open(sealed)).toBe('still here')
  })

  it('comes from HOOKBENCH_KEY before anything else, and no file is written then', async () => {
    const folder = temporaryFolder()
    const key = randomBytes(32).toString('base64')
    const { box, protection } = await open(folder, keyring(), key)
    expect(protection).toEqual({ kind: 'environment' })
    expect(existsSync(join(folder, 'key'))).toBe(false)
    const headless = await openKeyFile(folder, nodeFileSystem, key)
    expect(headless.open(box.seal('x'))).toBe('x')
    await expect(open(folder, keyring(), 'nonsense')).rejects.toMatchObject({ code: 'secrets_unavailable' })
  })

  it('is put aside for a new one, and what it sealed can be read when it is put back', async () => {
    const folder = temporaryFolder()
    const ring = keyring()
    const sealed = (await open(folder, ring)).box.seal('old')
    const old = keyFile(folder)
    const now = Date.UTC(2026, 3, 22, 18, 30)
    await setKeyAside(folder, now)
    const fresh = await open(folder, keyring())
    expect(() => fresh.box.open(sealed)).toThrow(expect.objectContaining({ code: 'secrets_unavailable' }))
    // In the same millisecond, even: no key takes the place of another one.
    await setKeyAside(folder, now)
    const aside = readdirSync(folder).toSorted()
    expect(aside).toEqual(['key.2026-04-22T18-30-00-000Z-2.aside', 'key.2026-04-22T18-30-00-000Z.aside'])
    expect(readFileSync(join(folder, aside[1] ?? ''), 'utf8')).toBe(old)
    writeFileSync(join(folder, 'key'), old)
    expect((await open(folder, ring)).box.open(sealed)).toBe('old')
  })
})

describe('a command that meets a key which the keyring keeps', () => {
  it('says so with exit 3, names the ways out, and changes nothing', async () => {
    const folder = temporaryFolder()
    await open(folder, keyring())
    const before = keyFile(folder)
    const said = hookbench(['destinations', 'ls', '--json', '--data-dir', folder])
    expect(said.code).toBe(3)
    expect(JSON.parse(said.stderr)).toMatchObject({
      code: 'secrets_unavailable',
      detail: expect.stringMatching(/Start the app .* or set HOOKBENCH_KEY/) as string,
    })
    expect(keyFile(folder)).toBe(before)
  })

  it('works with the key in HOOKBENCH_KEY', async () => {
    const folder = temporaryFolder()
    await open(folder, keyring())
    const environment = { HOOKBENCH_KEY: randomBytes(32).toString('base64') }
    const { code } = hookbench(['workspaces', 'ls', '--json', '--data-dir', folder], { environment })
    expect(code).toBe(0)
  })
})

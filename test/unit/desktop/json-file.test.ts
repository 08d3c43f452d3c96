import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { openJsonFile } from '../../../src-main/electron/json-file.ts'
import { desktopPreferencesSchema } from '../../../src-shared/desktop/desktop-contract.ts'
import { temporaryFolder } from './temporary-folder.ts'

const usual = desktopPreferencesSchema.parse({})
const openPreferences = (path: string) => openJsonFile(path, desktopPreferencesSchema, usual)

describe('a small file of the app', () => {
  it('is what was saved, also after a restart', () => {
    const path = join(temporaryFolder(), 'desktop', 'preferences.json')
    const file = openPreferences(path)
    expect(file.value).toEqual(usual)
    file.save({ ...usual, on_close: 'quit' })
    expect(file.value.on_close).toBe('quit')
    expect(openPreferences(path).value).toEqual({ ...usual, on_close: 'quit' })
    expect(statSync(path).mode & 0o777).toBe(0o600)
  })

  it.each([
    ['is cut off', '{"on_close": "qu'],
    ['holds something else', '{"on_close": "explode"}'],
    ['is empty', ''],
  ])('counts as the usual when it %s, and can be saved again', (_how, text) => {
    const path = join(temporaryFolder(), 'preferences.json')
    writeFileSync(path, text)
    const file = openPreferences(path)
    expect(file.value).toEqual(usual)
    file.save({ ...usual, notifications: false })
    expect(openPreferences(path).value.notifications).toBe(false)
  })

  it('takes what an older version did not know as usual', () => {
    const path = join(temporaryFolder(), 'preferences.json')
    writeFileSync(path, '{"on_close": "keep_running"}')
    expect(openPreferences(path).value).toEqual({ ...usual, on_close: 'keep_running' })
  })

  it('stays as it was when it can not be written, and says why', () => {
    const path = join(temporaryFolder(), 'preferences.json')
    const file = openPreferences(path)
    file.save({ ...usual, on_close: 'quit' })
    // Its draft's name is taken by a folder.
    mkdirSync(`${path}.tmp`)
    expect(() => file.save(usual)).toThrow(
      expect.objectContaining({ code: 'file_unwritable', message: expect.stringContaining(path) as string }),
    )
    expect(file.value.on_close).toBe('quit')
    expect(JSON.parse(readFileSync(path, 'utf8'))).toMatchObject({ on_close: 'quit' })
  })
})

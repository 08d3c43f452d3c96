import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { canOpenAtLogin, setOpenAtLogin, type LoginSystem } from '../../../src-main/electron/open-at-login.ts'
import { temporaryFolder } from './temporary-folder.ts'

function system(changes: Partial<LoginSystem> = {}): LoginSystem & { readonly told: unknown[] } {
  const told: unknown[] = []
  return {
    isPackaged: true,
    platform: 'linux',
    environment: {},
    homeFolder: temporaryFolder(),
    program: '/opt/Hookbench/hookbench',
    setLoginItemSettings: (settings) => told.push(settings),
    told,
    ...changes,
  }
}

const entry = (folder: string): string => join(folder, 'autostart', 'hookbench.desktop')

/** The strings that GLib's rules make of an entry's Exec line: the value's escapes first, then the quotes. */
function execOf(text: string): string[] {
  const value = /^Exec=(.*)$/m.exec(text)?.[1] ?? ''
  const escapes: Readonly<Record<string, string>> = { s: ' ', n: '\n', t: '\t', r: '\r', '\\': '\\' }
  const line = value.replaceAll(/\\(.)/g, (all, letter: string) => {
    const known = escapes[letter]
    if (known === undefined) throw new Error(`not an escape of a desktop entry: ${all}`)
    return known
  })
  const quoted = /^"((?:\\["`$\\]|[^"`$\\])*)" (\S+)$/.exec(line)
  if (quoted === null) throw new Error(`not quoted as an entry must be: ${line}`)
  return [(quoted[1] ?? '').replaceAll(/\\(.)/g, '$1').replaceAll('%%', '%'), quoted[2] ?? '']
}

describe('opening at login', () => {
  it('is an autostart entry on Linux, that starts the app in the tray, and goes again', () => {
    const linux = system()
    setOpenAtLogin(linux, true)
    const path = entry(join(linux.homeFolder, '.config'))
    expect(readFileSync(path, 'utf8')).toContain('\nExec="/opt/Hookbench/hookbench" --hidden\n')
    setOpenAtLogin(linux, false)
    expect(existsSync(path)).toBe(false)
    setOpenAtLogin(linux, false)
  })

  it('starts the AppImage and not what it has unpacked, and follows XDG_CONFIG_HOME unless that is relative', () => {
    const config = temporaryFolder()
    const environment = { XDG_CONFIG_HOME: config, APPIMAGE: '/home/ada/Hookbench.AppImage' }
    setOpenAtLogin(system({ environment }), true)
    expect(execOf(readFileSync(entry(config), 'utf8'))).toEqual(['/home/ada/Hookbench.AppImage', '--hidden'])
    for (const relative of ['', 'config']) {
      const other = system({ environment: { XDG_CONFIG_HOME: relative } })
      setOpenAtLogin(other, true)
      expect(existsSync(entry(join(other.homeFolder, '.config')))).toBe(true)
    }
  })

  it('keeps every character of the program’s path, and reads as one word', () => {
    for (const program of [
      '/opt/a b/hook',
      '/opt/$HOME/`id`/"x"',
      String.raw`/opt/back\slash`,
      '/opt/50%/x',
    ]) {
      const linux = system({ program })
      setOpenAtLogin(linux, true)
      const path = entry(join(linux.homeFolder, '.config'))
      expect(execOf(readFileSync(path, 'utf8'))).toEqual([program, '--hidden'])
    }
  })

  it('is Electron’s business elsewhere', () => {
    const mac = system({ platform: 'darwin' })
    setOpenAtLogin(mac, true)
    setOpenAtLogin(mac, false)
    expect(mac.told).toEqual([
      { openAtLogin: true, args: ['--hidden'] },
      { openAtLogin: false, args: ['--hidden'] },
    ])
  })

  it('is refused where it can not work, and says so when the entry can not be written', () => {
    for (const changes of [{ isPackaged: false }, { platform: 'freebsd' as const }]) {
      const other = system(changes)
      expect(canOpenAtLogin(other)).toBe(false)
      expect(() => setOpenAtLogin(other, true)).toThrow(expect.objectContaining({ code: 'conflict' }))
    }
    const linux = system()
    writeFileSync(join(linux.homeFolder, '.config'), 'a file where a folder should be')
    expect(() => setOpenAtLogin(linux, true)).toThrow(expect.objectContaining({ code: 'file_unwritable' }))
  })
})

import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { isAbsolute, join } from 'node:path'
import { AppError } from '../../src-shared/errors.ts'
import { describeFileError } from '../storage/file-system.ts'
import { hiddenSwitch } from './arguments.ts'

/** What opening at login needs of the system and of Electron's `app`. */
export interface LoginSystem {
  /** False in a checkout: what would be started at login is then not this app. */
  readonly isPackaged: boolean
  readonly platform: NodeJS.Platform
  readonly environment: NodeJS.ProcessEnv
  readonly homeFolder: string
  /** The running program's file. */
  readonly program: string
  setLoginItemSettings(settings: { readonly openAtLogin: boolean; readonly args: string[] }): void
}

export function canOpenAtLogin({ isPackaged, platform }: LoginSystem): boolean {
  return isPackaged && ['darwin', 'win32', 'linux'].includes(platform)
}

/** @throws AppError `conflict` where the system has no such thing, `file_unwritable` */
export function setOpenAtLogin(system: LoginSystem, open: boolean): void {
  if (!canOpenAtLogin(system))
    throw new AppError('conflict', { message: 'Only the installed app can be opened at login.' })
  if (system.platform === 'linux') setAutostart(system, open)
  else system.setLoginItemSettings({ openAtLogin: open, args: [hiddenSwitch] })
}

/** @see https://specifications.freedesktop.org/autostart-spec/latest/ */
function setAutostart({ environment, homeFolder, program }: LoginSystem, open: boolean): void {
  const given = environment['XDG_CONFIG_HOME'] ?? ''
  // A relative one is to be ignored, says the specification.
  const folder = join(isAbsolute(given) ? given : join(homeFolder, '.config'), 'autostart')
  const file = join(folder, 'hookbench.desktop')
  try {
    if (!open) return rmSync(file, { force: true })
    mkdirSync(folder, { recursive: true })
    writeFileSync(file, autostartEntry(environment['APPIMAGE'] ?? program))
  } catch (error) {
    throw new AppError('file_unwritable', { file, reason: describeFileError(error) }, { cause: error })
  }
}

/**
 * A desktop entry that starts `program`. A value's own escapes are undone before the quotes are: a backslash of the
 * quoting is written twice.
 * @see https://specifications.freedesktop.org/desktop-entry-spec/latest/exec-variables.html
 */
function autostartEntry(program: string): string {
  const quoted = program.replaceAll(/["`$\\]/g, '\\$&').replaceAll('%', '%%')
  const value = quoted.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')
  return [
    '[Desktop Entry]',
    'Type=Application',
    'Name=Hookbench',
    `Exec="${value}" ${hiddenSwitch}`,
    'Icon=hookbench',
    'Terminal=false',
    'X-GNOME-Autostart-enabled=true',
    '',
  ].join('\n')
}

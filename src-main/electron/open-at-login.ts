import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { app } from 'electron'
import { hiddenSwitch } from './arguments.ts'

/** False in a checkout: what would be started at login is then not this app. */
export function canOpenAtLogin(): boolean {
  return app.isPackaged && ['darwin', 'win32', 'linux'].includes(process.platform)
}

/** @throws Error when the system refuses */
export function setOpenAtLogin(open: boolean): void {
  if (!canOpenAtLogin()) return
  if (process.platform === 'linux') setAutostart(open)
  else app.setLoginItemSettings({ openAtLogin: open, args: [hiddenSwitch] })
}

/** @see https://specifications.freedesktop.org/autostart-spec/latest/ */
function setAutostart(open: boolean): void {
  const folder = join(process.env['XDG_CONFIG_HOME'] ?? join(homedir(), '.config'), 'autostart')
  const file = join(folder, 'hookbench.desktop')
  if (!open) return rmSync(file, { force: true })
  mkdirSync(folder, { recursive: true })
  writeFileSync(file, autostartEntry(process.env['APPIMAGE'] ?? process.execPath))
}

/** A desktop entry that starts `program`. @see Desktop Entry Specification, "The Exec key" */
export function autostartEntry(program: string): string {
  const quoted = `"${program.replaceAll(/["`$\\]/g, '\\$&').replaceAll('%', '%%')}"`
  return [
    '[Desktop Entry]',
    'Type=Application',
    'Name=Hookbench',
    `Exec=${quoted} ${hiddenSwitch}`,
    'Icon=hookbench',
    'Terminal=false',
    'X-GNOME-Autostart-enabled=true',
    '',
  ].join('\n')
}

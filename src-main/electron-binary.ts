import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { projectFolder } from './environment.ts'

/** Where Electron's files are, there or not: the folder that `ELECTRON_OVERRIDE_DIST_PATH` names, else the package's own. */
export function electronFolder(environment: NodeJS.ProcessEnv = process.env): string {
  return environment['ELECTRON_OVERRIDE_DIST_PATH'] ?? join(projectFolder, 'node_modules', 'electron', 'dist')
}

/** The Electron binary that would be started, or null where there is none: the package fetches it when first asked to. */
export function electronBinary(environment: NodeJS.ProcessEnv = process.env): string | null {
  const names = ['electron', 'electron.exe', join('Electron.app', 'Contents', 'MacOS', 'Electron')]
  return names.map((name) => join(electronFolder(environment), name)).find((path) => existsSync(path)) ?? null
}

/** Has the package fetch its binary, where there is none. @returns null when that fails: without a network, say */
export function fetchElectron(): string | null {
  const there = electronBinary()
  if (there !== null || process.env['ELECTRON_OVERRIDE_DIST_PATH']) return there
  process.stderr.write('Fetching Electron …\n')
  spawnSync(process.execPath, [join(projectFolder, 'node_modules', 'electron', 'install.js')], {
    stdio: 'ignore',
    timeout: 180_000,
  })
  return electronBinary()
}

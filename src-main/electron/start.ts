import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { app, protocol } from 'electron'
import { appScheme } from '../../src-shared/desktop/app-address.ts'
import { appFolderOf, readArguments } from './arguments.ts'

/**
 * What must be said before Electron is ready. No module, because modules are loaded while Electron goes on; everything
 * else is in main.ts.
 */

const appFolder = appFolderOf(readArguments(process.argv, process.env).folder)
try {
  mkdirSync(appFolder, { recursive: true, mode: 0o700 })
  // Also of the lock that makes a second start show the first one's window: it belongs to this folder.
  app.setPath('userData', appFolder)
} catch {
  // Opening the data folder will fail in a moment, and say why.
}
app.setName('Hookbench')
// Root has to switch it off, in a container say.
if (!app.commandLine.hasSwitch('no-sandbox')) app.enableSandbox()
protocol.registerSchemesAsPrivileged([
  {
    scheme: appScheme,
    privileges: { standard: true, secure: true, supportFetchAPI: true, stream: true, codeCache: true },
  },
])
import(pathToFileURL(join(__dirname, '..', 'main', 'electron.js')).href).catch((error: unknown) => {
  process.stderr.write(`hookbench: ${String(error)}\n`)
  app.exit(3)
})

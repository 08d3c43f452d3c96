import { app, BrowserWindow, session, shell } from 'electron'
import { compactionWorkerUrl, uiFolder, version } from '../environment.ts'
import { startHost, type Host } from '../host.ts'

/**
 * The desktop app: the same host as the command line's, in a window that shows the same UI. The window is a plain
 * browser of the loopback UI: no Node, no preload, nothing but this app's own address.
 */

function openWindow(link: string, origin: string): void {
  const window = new BrowserWindow({
    width: 1280,
    height: 800,
    show: false,
    webPreferences: { sandbox: true, contextIsolation: true, nodeIntegration: false, webviewTag: false },
  })
  window.webContents.setWindowOpenHandler(({ url }) => {
    if (/^https?:\/\//i.test(url)) void shell.openExternal(url)
    return { action: 'deny' }
  })
  window.webContents.on('will-navigate', (event, url) => {
    if (new URL(url).origin !== origin) event.preventDefault()
  })
  window.once('ready-to-show', () => window.show())
  void window.loadURL(link)
}

async function start(): Promise<Host> {
  session.defaultSession.setPermissionRequestHandler((_contents, _permission, allow) => allow(false))
  const host = await startHost({
    folder: process.env['HOOKBENCH_DATA_DIR'] ?? app.getPath('userData'),
    version,
    command: 'Hookbench (desktop app)',
    api: { host: '127.0.0.1', port: { unlessSet: 0 }, uiFolder: uiFolder() },
    capture: { host: '127.0.0.1', port: { unlessSet: 4848 } },
    dispatch: true,
    compactionWorker: compactionWorkerUrl,
    environment: process.env,
    log: (line) => process.stderr.write(`${line}\n`),
  })
  if (host.api !== null) openWindow(host.api.loginLink(), host.api.url)
  return host
}

app.setName('Hookbench')
// Not top-level await: it would hang Electron before `ready`.
app
  .whenReady()
  .then(start)
  .then(
    (host) => {
      let stopped = false
      app.on('before-quit', (event) => {
        if (stopped) return
        event.preventDefault()
        void host.stop().finally(() => {
          stopped = true
          app.quit()
        })
      })
      app.on('window-all-closed', () => app.quit())
    },
    (error: unknown) => {
      process.stderr.write(`hookbench: ${error instanceof Error ? error.message : String(error)}\n`)
      app.exit(3)
    },
  )

import { join } from 'node:path'
import { app, dialog, ipcMain, protocol, safeStorage, shell } from 'electron'
import { z } from 'zod'
import type { Handlers } from '../../src-shared/api/contract.ts'
import { contract } from '../../src-shared/api/contract.ts'
import { appScheme } from '../../src-shared/desktop/app-address.ts'
import { AppError } from '../../src-shared/errors.ts'
import { compactionWorkerUrl, uiFolder, version } from '../environment.ts'
import type { Host, PortChoice } from '../host.ts'
import { requestLoginLink, runningInstance } from '../running-instance.ts'
import { systemClock } from '../system-clock.ts'
import { createAppPages } from './app-pages.ts'
import { appFolderOf, readArguments } from './arguments.ts'
import { openDesktopKey, type DesktopKey, type Keyring } from './desktop-key.ts'
import { DesktopApp } from './desktop.ts'
import { openJsonFile } from './json-file.ts'
import { lockDown } from './lockdown.ts'
import { openLogFile } from './log-file.ts'
import { MainWindow } from './main-window.ts'
import { SecretMask } from './secret-mask.ts'
import { WaitingIpc } from './waiting-ipc.ts'
import { windowPlaceSchema } from './window-place.ts'

/**
 * The desktop app: the same host as the command line's and the same page, with a window of its own. One runs for each
 * data folder: a second start shows the first one's window, and commands attach to it.
 */

const longestQuitMs = 9500

const given = readArguments(process.argv, process.env)
const mask = new SecretMask()
const log = openLogFile(join(given.folder, 'logs', 'desktop.log'), () => systemClock.now(), mask.mask)

/** The system's keyring. `basic_text` is what Chromium calls a key that everybody knows. */
function systemKeyring(): Keyring {
  const backend =
    process.platform === 'linux'
      ? safeStorage.getSelectedStorageBackend()
      : process.platform === 'darwin'
        ? 'keychain'
        : 'dpapi'
  const obstacle =
    backend === 'basic_text'
      ? 'the system has no keyring that would encrypt it (basic_text is no encryption)'
      : safeStorage.isEncryptionAvailable()
        ? null
        : 'the system has no keyring'
  return {
    backend,
    obstacle,
    wrap: (text) => safeStorage.encryptString(text),
    unwrap: (bytes) => safeStorage.decryptString(Buffer.from(bytes)),
  }
}

async function startFolder(): Promise<{ readonly host: Host; readonly key: DesktopKey }> {
  // The window is on its way meanwhile: loading the engine takes as long as opening it.
  const { startHost } = await import('../host.ts')
  let key: DesktopKey | null = null
  const start = (port: PortChoice): Promise<Host> =>
    startHost({
      folder: given.folder,
      version,
      command: 'Hookbench (desktop app)',
      api: { host: '127.0.0.1', port, uiFolder: uiFolder() },
      capture: { host: '127.0.0.1', port: given.capturePort },
      dispatch: true,
      compactionWorker: compactionWorkerUrl,
      environment: process.env,
      log: (line) => log.write(line),
      async openSecrets(folder, files) {
        key = await openDesktopKey(folder, files, process.env['HOOKBENCH_KEY'], systemKeyring())
        return mask.watch(key.box)
      },
    })
  let host: Host
  try {
    host = await start(given.port)
  } catch (error) {
    // The page needs no port; commands find whichever it is in instance.json.
    if (!(error instanceof AppError) || error.code !== 'port_in_use') throw error
    host = await start(0)
  }
  if (key === null) throw new Error('the host has opened no secrets')
  return { host, key }
}

const onError = (where: string, error: unknown): void =>
  log.write(`${where}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`)

/** Has the page load while the engine starts; it is not shown yet, and what it asks waits. */
function openPage(
  folder: string,
  handlers: Promise<Handlers>,
): { readonly window: MainWindow; readonly ipc: WaitingIpc<Electron.IpcMainInvokeEvent> } {
  protocol.handle(appScheme, createAppPages({ folder, handlers: awaited(handlers), onError }))
  const place = join(appFolderOf(given.folder), 'window.json')
  const window = new MainWindow({
    place: openJsonFile(place, z.union([windowPlaceSchema, z.null()]), null),
    log: (line) => log.write(line),
  })
  const ipc = new WaitingIpc<Electron.IpcMainInvokeEvent>(ipcMain)
  if (!given.hidden) window.prepare()
  return { window, ipc }
}

/** Handlers that wait for the real ones. */
function awaited(handlers: Promise<Handlers>): Handlers {
  // Whoever starts the engine says why it failed.
  handlers.catch(() => undefined)
  const call = async (name: keyof Handlers, input: never): Promise<unknown> => (await handlers)[name](input)
  const names = Object.keys(contract) as (keyof Handlers)[]
  return Object.fromEntries(
    names.map((name) => [name, (input: never) => call(name, input)]),
  ) as unknown as Handlers
}

async function run(): Promise<void> {
  app.setAboutPanelOptions({ applicationName: 'Hookbench', applicationVersion: version })
  lockDown((line) => log.write(line))
  const folderOfUi = uiFolder()
  if (folderOfUi === null) throw new Error('the page is not built: run `npm run build`')
  const starting = startFolder()
  const { window, ipc } = openPage(
    folderOfUi,
    starting.then(({ host }) => host.handlers),
  )
  const { host, key } = await starting
  if (host.api !== null) mask.learn(host.api.token)
  let ending = false
  const quit = (): void => {
    if (ending) return
    ending = true
    desktop.quitting()
    const impatience = setTimeout(() => app.exit(0), longestQuitMs)
    void host
      .stop()
      .catch((error: unknown) => log.write(`quit: ${String(error)}`))
      .finally(() => {
        clearTimeout(impatience)
        desktop.close()
        log.write('ended')
        app.exit(0)
      })
  }
  const desktop = new DesktopApp({
    host,
    dataFolder: given.folder,
    appFolder: appFolderOf(given.folder),
    window,
    ipc,
    key: key.protection,
    log,
    onError,
    quit,
  })
  app.on('before-quit', (event) => {
    event.preventDefault()
    quit()
  })
  // It goes on in the tray.
  app.on('window-all-closed', () => undefined)
  app.on('activate', () => desktop.show())
  app.on('second-instance', () => desktop.show())
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, quit)
  desktop.start(given.hidden)
  log.write(`started, version ${version}`)
}

/** Another program has the folder: says who, and offers its page. */
async function showOwner(error: AppError): Promise<void> {
  process.stderr.write(`hookbench: ${error.message}\n`)
  const instance = await runningInstance(given.folder)
  const { response } = await dialog.showMessageBox({
    type: 'info',
    title: 'Hookbench',
    message: 'Hookbench is running already',
    detail: error.message,
    buttons: instance === null ? ['Quit'] : ['Open It in the Browser', 'Quit'],
  })
  if (instance !== null && response === 0) await shell.openExternal(await requestLoginLink(instance))
}

async function fail(error: unknown): Promise<void> {
  log.write(`start: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`)
  if (error instanceof AppError && error.code === 'data_folder_in_use') {
    await showOwner(error)
  } else {
    const message = mask.mask(error instanceof Error ? error.message : String(error))
    process.stderr.write(`hookbench: ${message}\n`)
    dialog.showErrorBox('Hookbench could not start', message)
  }
}

async function start(): Promise<void> {
  try {
    await app.whenReady()
    await run()
  } catch (error) {
    try {
      await fail(error)
    } finally {
      app.exit(3)
    }
  }
}

if (app.requestSingleInstanceLock()) {
  process.on('uncaughtException', (error) => log.write(`uncaught: ${error.stack ?? error.message}`))
  process.on('unhandledRejection', (reason) => log.write(`unhandled: ${String(reason)}`))
  void start()
} else {
  process.stderr.write('Hookbench is running already; its window is shown.\n')
  app.exit(0)
}

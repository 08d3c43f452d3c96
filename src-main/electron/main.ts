import { join } from 'node:path'
import { app, dialog, ipcMain, protocol, shell } from 'electron'
import type { Handlers } from '../../src-shared/api/contract.ts'
import { appScheme } from '../../src-shared/desktop/app-address.ts'
import { AppError } from '../../src-shared/errors.ts'
import { uiFolder, version } from '../environment.ts'
import { systemClock } from '../system-clock.ts'
import { createAppPages } from './app-pages.ts'
import { appFolderOf, readArguments } from './arguments.ts'
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
 *
 * The window comes first, and then what takes time to load: start-engine.ts. No module that is imported here may need
 * the contract, or zod.
 */

const given = readArguments(process.argv, process.env)
const mask = new SecretMask()
const log = openLogFile(join(given.folder, 'logs', 'desktop.log'), () => systemClock.now(), mask.mask)
const onError = (where: string, error: unknown): void =>
  log.write(`${where}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`)

/** A page that loads longer than this doesn't hold up the engine. */
const longestPageMs = 1000

/** Set by electron-vite; whoever has the packed app must not be able to. */
function devServer(): { readonly devServer?: string } {
  const address = process.env['ELECTRON_RENDERER_URL']
  return app.isPackaged || address === undefined ? {} : { devServer: address }
}

interface Page {
  readonly window: MainWindow
  readonly ipc: WaitingIpc<Electron.IpcMainInvokeEvent>
  /** Its files were read: whatever holds up this thread from here on doesn't hold up the page. */
  readonly served: Promise<void>
}

/** Has the page load while the engine starts; it is not shown yet, and what it asks waits. */
function openPage(folder: string, handlers: Promise<Handlers>): Page {
  const pages = createAppPages({ folder, handlers, onError, ...devServer() })
  const place = join(appFolderOf(given.folder), 'window.json')
  const window = new MainWindow({
    place: openJsonFile(place, windowPlaceSchema, null),
    log: (line) => log.write(line),
  })
  const ipc = new WaitingIpc<Electron.IpcMainInvokeEvent>(ipcMain)
  const served = new Promise<void>((resolve) => {
    if (given.hidden) resolve()
    setTimeout(resolve, longestPageMs)
    let underWay = 0
    let complete = false
    protocol.handle(appScheme, async (request) => {
      underWay += 1
      const answer = await pages(request)
      // The page's files are asked for together, the style sheet last.
      complete ||= request.url.endsWith('.css')
      return whenRead(answer, () => {
        underWay -= 1
        if (complete && underWay === 0) resolve()
      })
    })
  })
  if (!given.hidden) window.prepare()
  return { window, ipc, served }
}

/** The same answer. @param done called when its body was read to the end */
function whenRead({ body, status, headers }: Response, done: () => void): Response {
  if (body === null) done()
  const passed = body?.pipeThrough(new TransformStream({ flush: done })) ?? null
  return new Response(passed, { status, headers })
}

async function run(): Promise<void> {
  app.setAboutPanelOptions({ applicationName: 'Hookbench', applicationVersion: version })
  lockDown((line) => log.write(line))
  const folderOfUi = uiFolder()
  if (folderOfUi === null) throw new Error('the page is not built: run `npm run build`')
  const engine = deferred<Handlers>()
  const { window, ipc, served } = openPage(folderOfUi, engine.promise)
  await served
  const { startEngine } = await import('./start-engine.ts')
  const { handlers } = await startEngine({ given, mask, log, onError, window, ipc })
  engine.resolve(handlers)
}

function deferred<T>(): { readonly promise: Promise<T>; readonly resolve: (value: T) => void } {
  let resolve: (value: T) => void = () => undefined
  const promise = new Promise<T>((done) => {
    resolve = done
  })
  return { promise, resolve }
}

/** Another program has the folder: says who, and offers its page. */
async function showOwner(error: AppError): Promise<void> {
  process.stderr.write(`hookbench: ${error.message}\n`)
  const { requestLoginLink, runningInstance } = await import('../running-instance.ts')
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

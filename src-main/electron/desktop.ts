import { homedir } from 'node:os'
import { join } from 'node:path'
import { app, clipboard, dialog, Menu, Notification, shell } from 'electron'
import { contract, type Handlers, type Health } from '../../src-shared/api/contract.ts'
import {
  desktopPreferencesSchema,
  type DesktopHandlers,
  type DesktopMessage,
  type DesktopPreferences,
  type DesktopState,
  type KeyProtection,
  type MenuAction,
} from '../../src-shared/desktop/desktop-contract.ts'
import { AppError } from '../../src-shared/errors.ts'
import type { Host } from '../host.ts'
import { systemClock } from '../system-clock.ts'
import { readConfigurationFile } from './configuration-file.ts'
import { setKeyAside } from './desktop-key.ts'
import { serveIpc, type IpcRegistry, type IpcServer } from './ipc-server.ts'
import { openJsonFile, type JsonFile } from './json-file.ts'
import type { LogFile } from './log-file.ts'
import type { MainWindow } from './main-window.ts'
import { menuTemplate } from './menu.ts'
import { createNotices } from './notices.ts'
import { canOpenAtLogin, setOpenAtLogin, type LoginSystem } from './open-at-login.ts'
import { AppTray } from './tray.ts'
import { Updates, type Updater } from './updates.ts'

export interface DesktopOptions {
  /** What is stored can be read; it need not run yet. */
  readonly host: Host
  /** Resolves when all of the host runs. */
  readonly started: Promise<unknown>
  readonly dataFolder: string
  /** For what is the app's own: window, preferences, the browser's profile. */
  readonly appFolder: string
  /** It may be there already, with a page that waits. */
  readonly window: MainWindow
  readonly ipc: IpcRegistry<Electron.IpcMainInvokeEvent>
  readonly key: KeyProtection
  readonly log: LogFile
  readonly onError: (where: string, error: unknown) => void
  /** Ends the app; what is under way is finished or parked first. @param install starts the app's next version then */
  readonly quit: (install?: () => void) => void
}

const healthEveryMs = 5000
const firstUpdateCheckMs = 30_000

/** The app around a running host: window, menu, tray, notifications, and the page's way to the engine. */
export class DesktopApp {
  readonly #options: DesktopOptions
  /** The engine's operations, each as soon as it may be called. */
  readonly #engine: Handlers
  readonly #preferences: JsonFile<DesktopPreferences>
  readonly #window: MainWindow
  readonly #ipc: IpcServer
  readonly #tray: AppTray
  readonly #updates: Updates
  #actions: readonly MenuAction[] = []
  #quitting = false
  #asking = false
  #stops: (() => void)[] = []

  constructor(options: DesktopOptions) {
    this.#options = options
    const { host, started, appFolder, onError } = options
    this.#engine = inTime(host.handlers, started)
    this.#preferences = openJsonFile(
      join(appFolder, 'preferences.json'),
      desktopPreferencesSchema,
      desktopPreferencesSchema.parse({}),
    )
    this.#window = options.window
    this.#window.belongTo({
      mayClose: () => this.#mayClose(),
      pageGone: (id) => this.#ipc.forget(id),
    })
    this.#ipc = serveIpc({
      ipc: options.ipc,
      handlers: this.#engine,
      desktop: this.#handlers(),
      feed: host.engine.feed,
      clock: systemClock,
      isOwn: ({ sender, senderFrame }) => this.#window.owns(sender, senderFrame),
      onError,
    })
    this.#updates = new Updates({
      load: loadUpdater,
      preferences: () => this.#preferences.value,
      onChange: () => this.#tell({ kind: 'state' }),
    })
    this.#tray = new AppTray({
      show: () => this.show(),
      setPaused: (paused) => this.#setPaused(paused),
      quit: () => options.quit(),
    })
  }

  /** @param hidden starts in the tray, without a window */
  start(hidden: boolean): void {
    this.#showMenu()
    this.#notify()
    const timer = setInterval(() => this.#refreshTray(), healthEveryMs)
    const firstCheck = setTimeout(() => void this.#updates.check(), firstUpdateCheckMs)
    this.#stops.push(
      () => clearInterval(timer),
      () => clearTimeout(firstCheck),
    )
    this.#refreshTray()
    if (!hidden) this.show()
  }

  show(): void {
    this.#window.show()
  }

  /** From here on closing the window closes it. */
  quitting(): void {
    this.#quitting = true
    for (const stop of this.#stops.splice(0)) stop()
  }

  close(): void {
    this.quitting()
    this.#ipc.close()
    this.#tray.close()
    this.#window.browserWindow?.destroy()
  }

  /** Offers a configuration file for import, as if it had been chosen in the page. */
  async offerImport(path: string): Promise<void> {
    try {
      const { name, text } = await readConfigurationFile(path)
      this.show()
      this.#tell({ kind: 'import', name, text })
    } catch (error) {
      const message = error instanceof AppError ? error.message : String(error)
      dialog.showErrorBox('The file could not be read', message)
    }
  }

  #tell(message: DesktopMessage): void {
    this.#ipc.tell(message)
  }

  #handlers(): DesktopHandlers {
    return {
      'desktop.get': async () => {
        await this.#options.started
        return this.#state()
      },
      'desktop.change': async (change) => {
        const preferences = desktopPreferencesSchema.parse({ ...this.#preferences.value, ...change })
        if (preferences.open_at_login !== this.#preferences.value.open_at_login)
          setOpenAtLogin(loginSystem(), preferences.open_at_login)
        this.#preferences.save(preferences)
        if (change.check_for_updates === true || change.update_feed_url !== undefined)
          void this.#updates.check()
        return this.#state()
      },
      'desktop.actions': async ({ actions }) => {
        this.#actions = actions
        this.#showMenu()
        return {}
      },
      'desktop.reveal': async ({ what }) => {
        this.#reveal(what)
        return {}
      },
      'desktop.open_in_browser': async () => {
        this.#openInBrowser()
        return {}
      },
      'desktop.copy': async ({ text }) => {
        await clipboard.writeText(text)
        return {}
      },
      'desktop.update': async ({ step }) => {
        if (step === 'check') await this.#updates.check()
        else this.#options.quit(this.#updates.installer())
        return this.#state()
      },
      'desktop.new_key': async () => {
        if (this.#options.key.kind !== 'locked')
          throw new AppError('conflict', { message: "The data folder's key can be read; it is kept." })
        await setKeyAside(this.#options.dataFolder, systemClock.now())
        app.relaunch()
        this.#options.quit()
        return {}
      },
    }
  }

  #state(): DesktopState {
    const { host, key, dataFolder, log } = this.#options
    return {
      preferences: this.#preferences.value,
      key,
      can_open_at_login: canOpenAtLogin(loginSystem()),
      updates: this.#updates.state,
      api_url: `${host.api?.url ?? ''}/api/v1`,
      data_folder: dataFolder,
      log_file: log.path,
    }
  }

  #reveal(what: 'data_folder' | 'log_file'): void {
    const { dataFolder, log } = this.#options
    if (what === 'log_file') shell.showItemInFolder(log.path)
    else void shell.openPath(dataFolder)
  }

  #openInBrowser(): void {
    const link = this.#options.host.api?.loginLink()
    if (link !== undefined) void shell.openExternal(link)
  }

  #showMenu(): void {
    const template = menuTemplate({
      actions: this.#actions,
      platform: process.platform,
      developerTools: !app.isPackaged,
      run: (id) => {
        this.show()
        this.#tell({ kind: 'action', id })
      },
      importFile: () => void this.#chooseImport(),
      exportFile: () => {
        this.show()
        this.#tell({ kind: 'go', path: '/settings' })
      },
      openInBrowser: () => this.#openInBrowser(),
      reveal: (what) => this.#reveal(what),
    })
    Menu.setApplicationMenu(Menu.buildFromTemplate(template))
  }

  async #chooseImport(): Promise<void> {
    const { canceled, filePaths } = await dialog.showOpenDialog({
      title: 'Import a configuration',
      properties: ['openFile'],
      filters: [
        { name: 'Configurations', extensions: ['yaml', 'yml', 'json'] },
        { name: 'All files', extensions: ['*'] },
      ],
    })
    const [path] = filePaths
    if (!canceled && path !== undefined) await this.offerImport(path)
  }

  #notify(): void {
    const { engine, store } = this.#options.host
    const noticeOf = createNotices(
      (id) => store.destinations.get(id)?.name,
      () => systemClock.monotonicMs(),
    )
    const stop = engine.push.subscribe((event) => {
      const notice = noticeOf(event)
      if (notice === null || !this.#preferences.value.notifications || !Notification.isSupported()) return
      const shown = new Notification({ title: notice.title, body: notice.body })
      shown.on('click', () => {
        this.show()
        this.#tell({ kind: 'go', path: notice.path })
      })
      shown.show()
    })
    this.#stops.push(stop)
  }

  #refreshTray(): void {
    this.#health().then(
      (health) => this.#tray.update(health),
      () => this.#tray.update(null),
    )
  }

  #health(): Promise<Health> {
    return this.#engine['health.get']({})
  }

  #setPaused(paused: boolean): void {
    this.#engine['settings.change']({ sending_paused: paused }).then(
      () => this.#refreshTray(),
      (error: unknown) => this.#options.log.write(`tray: sending could not be paused: ${String(error)}`),
    )
  }

  /** The first time it asks; it closes, or hides, or stays until that is answered. */
  #mayClose(): boolean {
    const { on_close: wanted } = this.#preferences.value
    if (this.#quitting) return true
    if (wanted === 'keep_running') this.#window.hide()
    else if (wanted === 'quit') this.#options.quit()
    else void this.#askAboutClosing()
    return false
  }

  /** It is asked again when that can't be written; what was chosen now is done. */
  #remember(choice: DesktopPreferences['on_close']): void {
    try {
      this.#preferences.save({ ...this.#preferences.value, on_close: choice })
      this.#tell({ kind: 'state' })
    } catch (error) {
      this.#options.log.write(`window: what closing does could not be kept: ${String(error)}`)
    }
  }

  async #askAboutClosing(): Promise<void> {
    const window = this.#window.browserWindow
    if (this.#asking || window === null) return
    this.#asking = true
    try {
      const { response } = await dialog.showMessageBox(window, {
        type: 'question',
        title: 'Hookbench',
        message: 'Keep Hookbench running in the tray?',
        detail:
          'Its receiver and its retries go on then. You are asked this once; Settings changes it at any time.',
        buttons: ['Keep Running', 'Quit', 'Cancel'],
        defaultId: 0,
        cancelId: 2,
      })
      if (response === 2) return
      this.#remember(response === 0 ? 'keep_running' : 'quit')
      if (response === 0) this.#window.hide()
      else this.#options.quit()
    } finally {
      this.#asking = false
    }
  }
}

function loginSystem(): LoginSystem {
  return {
    isPackaged: app.isPackaged,
    platform: process.platform,
    environment: process.env,
    homeFolder: homedir(),
    program: process.execPath,
    setLoginItemSettings: (settings) => app.setLoginItemSettings(settings),
  }
}

async function loadUpdater(): Promise<Updater> {
  // CommonJS, and its exports are getters that an import can't name.
  const { default: module } = await import('electron-updater')
  const updater = module.autoUpdater
  updater.autoDownload = true
  updater.logger = null
  return updater
}

/** What is stored can be read at once; what changes something, and how all is, waits until everything runs. */
function inTime(handlers: Handlers, started: Promise<unknown>): Handlers {
  const names = Object.keys(contract) as (keyof Handlers)[]
  const call = async (name: keyof Handlers, input: never): Promise<unknown> => {
    if (contract[name].method !== 'GET' || name === 'health.get') await started
    return handlers[name](input)
  }
  return Object.fromEntries(
    names.map((name) => [name, (input: never) => call(name, input)]),
  ) as unknown as Handlers
}

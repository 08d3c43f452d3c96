import { join } from 'node:path'
import { app, BrowserWindow, Menu, nativeTheme, screen } from 'electron'
import { appOrigin } from '../../src-shared/desktop/app-address.ts'
import { projectFolder } from '../environment.ts'
import { contextMenuTemplate } from './context-menu.ts'
import type { JsonFile } from './json-file.ts'
import { placeFor, smallestWindow, type WindowPlace } from './window-place.ts'

export interface MainWindowOptions {
  readonly place: JsonFile<WindowPlace | null>
  readonly log: (line: string) => void
}

/** Who is behind the window: the app, once its engine runs. */
export interface WindowOwner {
  /** Asked when the user closes the window: true lets it close. */
  mayClose(): boolean
  /** The page behind this `webContents.id` is gone or loads anew. */
  pageGone(id: number): void
}

const saveAfterMs = 400
/** A page that crashes more often than this within a minute would only go on crashing. */
const mostCrashes = 3
const crashWindowMs = 60_000

/** The one window: made when it is first shown, hidden and shown again, its page restarted when it crashes. */
export class MainWindow {
  readonly #options: MainWindowOptions
  #window: BrowserWindow | null = null
  #owner: WindowOwner | null = null
  #crashes: number[] = []

  constructor(options: MainWindowOptions) {
    this.#options = options
  }

  belongTo(owner: WindowOwner): void {
    this.#owner = owner
  }

  /** True for what the window's own page sends from its top frame. */
  owns(sender: Electron.WebContents, frame: Electron.WebFrameMain | null): boolean {
    if (this.#window === null || frame === null || sender.id !== this.#window.webContents.id) return false
    return frame === sender.mainFrame && originOf(frame.url) === appOrigin
  }

  get visible(): boolean {
    return this.#window?.isVisible() ?? false
  }

  get browserWindow(): BrowserWindow | null {
    return this.#window
  }

  /** Shows the window and gives it the focus; makes it if need be. */
  show(): void {
    const window = (this.#window ??= this.#make())
    if (window.isMinimized()) window.restore()
    window.show()
    window.focus()
  }

  hide(): void {
    this.#window?.hide()
  }

  /** Makes the window's page without showing it, so that it is there at once. */
  prepare(): void {
    this.#window ??= this.#make()
  }

  #make(): BrowserWindow {
    const { place } = this.#options
    const displays = [screen.getPrimaryDisplay(), ...screen.getAllDisplays()].map(({ workArea }) => workArea)
    const window = new BrowserWindow({
      ...placeFor(place.value, displays),
      minWidth: smallestWindow.width,
      minHeight: smallestWindow.height,
      show: false,
      title: 'Hookbench',
      icon: join(projectFolder, 'resources', 'icons', '256x256.png'),
      backgroundColor: nativeTheme.shouldUseDarkColors ? '#16181d' : '#ffffff',
      webPreferences: {
        preload: join(projectFolder, 'out', 'electron', 'preload.cjs'),
        sandbox: true,
        contextIsolation: true,
        nodeIntegration: false,
        webSecurity: true,
        webviewTag: false,
        spellcheck: false,
        devTools: !app.isPackaged,
      },
    })
    if (place.value?.maximized === true) window.maximize()
    this.#rememberPlace(window)
    this.#surviveCrashes(window)
    window.webContents.on('context-menu', (_event, clicked) => {
      const items = contextMenuTemplate(clicked)
      if (items.length > 0) Menu.buildFromTemplate(items).popup({ window })
    })
    const { id } = window.webContents
    window.on('close', (event) => {
      if (this.#owner?.mayClose() === false) event.preventDefault()
    })
    window.on('closed', () => {
      this.#window = null
      this.#owner?.pageGone(id)
    })
    window.webContents.on('did-start-navigation', ({ isMainFrame, isSameDocument }) => {
      if (isMainFrame && !isSameDocument) this.#owner?.pageGone(id)
    })
    window.loadURL(`${appOrigin}/index.html`).catch((error: unknown) => {
      this.#options.log(`window: the page could not be loaded: ${String(error)}`)
    })
    return window
  }

  #rememberPlace(window: BrowserWindow): void {
    let timer: NodeJS.Timeout | null = null
    const save = (): void => {
      timer = null
      if (window.isDestroyed() || window.isMinimized()) return
      try {
        this.#options.place.save({ bounds: window.getNormalBounds(), maximized: window.isMaximized() })
      } catch (error) {
        this.#options.log(`window: its place could not be kept: ${String(error)}`)
      }
    }
    const soon = (): void => {
      if (timer !== null) clearTimeout(timer)
      timer = setTimeout(save, saveAfterMs)
    }
    window.on('resize', soon)
    window.on('move', soon)
    window.on('maximize', soon)
    window.on('unmaximize', soon)
    window.on('close', () => {
      if (timer !== null) clearTimeout(timer)
      save()
    })
  }

  #surviveCrashes(window: BrowserWindow): void {
    const { webContents } = window
    webContents.on('render-process-gone', (_event, { reason, exitCode }) => {
      if (reason === 'clean-exit') return
      this.#owner?.pageGone(webContents.id)
      this.#options.log(`window: the page's process ended (${reason}, ${exitCode})`)
      const now = performance.now()
      this.#crashes = [...this.#crashes.filter((at) => now - at < crashWindowMs), now]
      if (this.#crashes.length > mostCrashes) {
        this.#options.log('window: it crashes again and again; it is not started any more')
        window.destroy()
        return
      }
      // Not within the event: the old process is still being cleared away.
      setImmediate(() => {
        if (!window.isDestroyed()) webContents.reload()
      })
    })
    webContents.on('unresponsive', () => this.#options.log('window: the page does not answer'))
  }
}

/** `new URL().origin` is `null` for schemes that it doesn't know. */
export function originOf(url: string): string {
  const { protocol, host } = new URL(url)
  return `${protocol}//${host}`
}

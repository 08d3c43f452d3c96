import type { UpdateState } from '../../src-shared/desktop/desktop-contract.ts'
import { invalidInput } from '../../src-shared/errors.ts'

/** What is used of electron-updater's `autoUpdater`. */
export interface Updater {
  setFeedURL(feed: { readonly provider: 'generic'; readonly url: string }): void
  /** Null for a program that is not installed. */
  checkForUpdates(): Promise<{
    readonly isUpdateAvailable: boolean
    readonly updateInfo: { readonly version: string }
    readonly downloadPromise?: Promise<unknown> | null
  } | null>
  quitAndInstall(): void
  on(event: 'update-downloaded', listener: (info: { readonly version: string }) => void): unknown
}

export interface UpdatesOptions {
  /** Loaded when first needed: it takes time, and off is the rule. */
  readonly load: () => Promise<Updater>
  readonly preferences: () => { readonly check_for_updates: boolean; readonly update_feed_url: string }
  readonly onChange: () => void
}

/** Looks for a newer version at a generic feed, when the user wants it and has named one. */
export class Updates {
  readonly #options: UpdatesOptions
  #updater: Updater | null = null
  #state: UpdateState = { status: 'idle', version: null, problem: null }

  constructor(options: UpdatesOptions) {
    this.#options = options
  }

  get state(): UpdateState {
    return this.#options.preferences().check_for_updates ? this.#state : { ...this.#state, status: 'off' }
  }

  /** Asks the feed, if that is wanted. Never rejects: what went wrong is in the state. */
  async check(): Promise<void> {
    const { check_for_updates: wanted, update_feed_url: url } = this.#options.preferences()
    if (!wanted) return
    if (url === '') return this.#failed('No update feed is set.')
    this.#set({ status: 'checking', version: null, problem: null })
    try {
      const updater = await this.#load()
      updater.setFeedURL({ provider: 'generic', url })
      const found = await updater.checkForUpdates()
      if (found === null) return this.#failed('Only the installed app can be updated.')
      found.downloadPromise?.catch((error: unknown) => this.#failed(error))
      if (this.#state.status !== 'checking') return
      const newer = found.isUpdateAvailable
      this.#set({
        status: newer ? 'downloading' : 'none',
        version: newer ? found.updateInfo.version : null,
        problem: null,
      })
    } catch (error) {
      this.#failed(error)
    }
  }

  #failed(error: unknown): void {
    const [reason = ''] = (error instanceof Error ? error.message : String(error)).split('\n')
    this.#set({ status: 'failed', version: null, problem: reason.slice(0, 300) })
  }

  /**
   * What installs the update and starts the new version, which needs the data folder: called when this one has let go
   * of it.
   * @throws AppError `invalid_input` when none was downloaded
   */
  installer(): () => void {
    const updater = this.#updater
    if (updater === null || this.state.status !== 'ready')
      throw invalidInput('There is no update to install.')
    return () => updater.quitAndInstall()
  }

  async #load(): Promise<Updater> {
    if (this.#updater !== null) return this.#updater
    const updater = await this.#options.load()
    updater.on('update-downloaded', ({ version }) => this.#set({ status: 'ready', version, problem: null }))
    this.#updater = updater
    return updater
  }

  #set(state: UpdateState): void {
    this.#state = state
    this.#options.onChange()
  }
}

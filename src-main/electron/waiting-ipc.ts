import { channels } from '../../src-shared/desktop/bridge.ts'
import type { IpcCaller, IpcRegistry } from './ipc-server.ts'

/** A page asks its next question sooner. */
const quietMs = 100
const longestSilenceMs = 1000

type Listener<Caller> = (caller: Caller, ...given: unknown[]) => unknown

/**
 * Electron's `ipcMain` for a page that is there before the engine: what it asks waits until somebody handles it, where
 * Electron would refuse it.
 */
export class WaitingIpc<Caller extends IpcCaller> implements IpcRegistry<Caller> {
  readonly #ipc: IpcRegistry<Caller>
  readonly #handled = new Map<string, (listener: Listener<Caller>) => void>()
  #underWay = 0
  #answered: () => void = () => undefined

  constructor(ipc: IpcRegistry<Caller>) {
    this.#ipc = ipc
    for (const channel of Object.values(channels)) {
      const listener = new Promise<Listener<Caller>>((resolve) => this.#handled.set(channel, resolve))
      ipc.handle(channel, async (caller, ...given) =>
        channel === channels.call
          ? this.#count(async () => (await listener)(caller, ...given))
          : (await listener)(caller, ...given),
      )
    }
  }

  handle(channel: string, listener: Listener<Caller>): void {
    this.#handled.get(channel)?.(listener)
  }

  removeHandler(channel: string): void {
    this.#ipc.removeHandler(channel)
  }

  /** Resolves when the page has been answered all that it asked to begin with, or has asked nothing for a long time. */
  firstAnswers(): Promise<void> {
    return new Promise((resolve) => {
      const longest = setTimeout(resolve, longestSilenceMs)
      let quiet: NodeJS.Timeout | null = null
      this.#answered = () => {
        if (quiet !== null) clearTimeout(quiet)
        if (this.#underWay > 0) return
        // One answer leads to the next question.
        quiet = setTimeout(() => {
          clearTimeout(longest)
          this.#answered = () => undefined
          resolve()
        }, quietMs)
      }
    })
  }

  async #count(work: () => Promise<unknown>): Promise<unknown> {
    this.#underWay += 1
    try {
      return await work()
    } finally {
      this.#underWay -= 1
      this.#answered()
    }
  }
}

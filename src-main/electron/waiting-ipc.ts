import { channels } from '../../src-shared/desktop/bridge.ts'
import type { IpcCaller, IpcRegistry } from './ipc-server.ts'

type Listener<Caller> = (caller: Caller, ...given: unknown[]) => unknown

/**
 * Electron's `ipcMain` for a page that is there before the engine: what it asks waits until somebody handles it, where
 * Electron would refuse it.
 */
export class WaitingIpc<Caller extends IpcCaller> implements IpcRegistry<Caller> {
  readonly #ipc: IpcRegistry<Caller>
  readonly #handled = new Map<string, (listener: Listener<Caller>) => void>()

  constructor(ipc: IpcRegistry<Caller>) {
    this.#ipc = ipc
    for (const channel of Object.values(channels)) {
      const listener = new Promise<Listener<Caller>>((resolve) => this.#handled.set(channel, resolve))
      ipc.handle(channel, async (caller, ...given) => (await listener)(caller, ...given))
    }
  }

  handle(channel: string, listener: Listener<Caller>): void {
    this.#handled.get(channel)?.(listener)
  }

  removeHandler(channel: string): void {
    this.#ipc.removeHandler(channel)
  }
}

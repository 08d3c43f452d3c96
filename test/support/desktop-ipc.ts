import type { IpcCaller, IpcRegistry } from '../../src-main/electron/ipc-server.ts'

/**
 * Electron's IPC as far as it matters: both ways everything is a structured clone, and of an error only the text
 * arrives.
 */
export interface DesktopIpc extends IpcRegistry<IpcCaller> {
  /** `ipcRenderer.invoke` of one page. */
  invoke(caller: IpcCaller, channel: string, ...given: unknown[]): Promise<unknown>
  readonly channels: readonly string[]
  /** What handles a channel. */
  listener(channel: string): ((caller: IpcCaller, ...given: unknown[]) => unknown) | undefined
}

export const ownPage: IpcCaller = { processId: 4, frameId: 1, sender: { id: 1 } }

export function createDesktopIpc(): DesktopIpc {
  const listeners = new Map<string, (caller: IpcCaller, ...given: unknown[]) => unknown>()
  return {
    handle: (channel, listener) => void listeners.set(channel, listener),
    removeHandler: (channel) => void listeners.delete(channel),
    get channels() {
      return [...listeners.keys()]
    },
    listener: (channel) => listeners.get(channel),
    async invoke(caller, channel, ...given) {
      const listener = listeners.get(channel)
      const sent = structuredClone(given)
      try {
        if (listener === undefined) throw new Error('No handler registered')
        return structuredClone(await listener(caller, ...sent))
      } catch (error) {
        // oxlint-disable-next-line preserve-caught-error -- a page gets the text only
        throw new Error(`Error invoking remote method '${channel}': ${String(error)}`)
      }
    },
  }
}

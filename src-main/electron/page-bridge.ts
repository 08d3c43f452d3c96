import {
  channels,
  type BridgeAnswer,
  type BridgeMessage,
  type DesktopBridge,
} from '../../src-shared/desktop/bridge.ts'

/** The page's end of ipc-server.ts. @param invoke Electron's `ipcRenderer.invoke` */
export function createBridge(
  invoke: (channel: string, ...given: unknown[]) => Promise<unknown>,
): DesktopBridge {
  return {
    call: (name, input) => invoke(channels.call, name, input) as Promise<BridgeAnswer>,
    subscribe(lastId, listener) {
      const reading = { stopped: false, ticket: '' }
      const close = (): void => {
        if (reading.ticket !== '') invoke(channels.close, reading.ticket).catch(() => undefined)
      }
      const read = async (): Promise<void> => {
        reading.ticket = (await invoke(channels.open, lastId)) as string
        while (!reading.stopped) {
          const batch = (await invoke(channels.next, reading.ticket)) as readonly BridgeMessage[] | null
          if (batch === null) break
          if (!reading.stopped && batch.length > 0) listener(batch)
        }
      }
      read().then(close, close)
      return () => {
        reading.stopped = true
        // Whoever waits for the next batch would do so until there is one.
        close()
      }
    },
  }
}

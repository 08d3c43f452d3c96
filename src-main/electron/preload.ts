import { contextBridge, ipcRenderer } from 'electron'
import {
  channels,
  type BridgeAnswer,
  type BridgeMessage,
  type DesktopBridge,
} from '../../src-shared/desktop/bridge.ts'

/** The only thing of the app that its page sees. Nothing of Electron or Node goes through. */

const bridge: DesktopBridge = {
  call: (name, input) => ipcRenderer.invoke(channels.call, name, input) as Promise<BridgeAnswer>,
  subscribe(lastId, listener) {
    const reading = { stopped: false }
    const read = async (): Promise<void> => {
      const ticket = (await ipcRenderer.invoke(channels.open, lastId)) as string
      while (!reading.stopped) {
        const batch = (await ipcRenderer.invoke(channels.next, ticket)) as readonly BridgeMessage[] | null
        if (batch === null) break
        if (!reading.stopped && batch.length > 0) listener(batch)
      }
      await ipcRenderer.invoke(channels.close, ticket)
    }
    read().catch(() => undefined)
    return () => {
      reading.stopped = true
    }
  },
}

contextBridge.exposeInMainWorld('hookbench', bridge)

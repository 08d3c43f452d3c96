import { contextBridge, ipcRenderer } from 'electron'
import { createBridge } from './page-bridge.ts'

/** The only thing of the app that its page sees. Nothing of Electron or Node goes through. */
contextBridge.exposeInMainWorld(
  'hookbench',
  createBridge((channel, ...given) => ipcRenderer.invoke(channel, ...given) as Promise<unknown>),
)

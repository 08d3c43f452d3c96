import { createStore, type StoreApi } from 'zustand/vanilla'
import type { DesktopInput, DesktopState } from '../../src-shared/desktop/desktop-contract.ts'
import type { Desktop } from '../client/ipc-connection.ts'

/** How the desktop app is: its preferences, its key, its updates. Read when first wanted, then kept up to date. */
export interface DesktopStoreState {
  readonly state: DesktopState | null
  readonly refresh: () => Promise<void>
  /** @throws AppError with the fields it concerns */
  readonly change: (change: DesktopInput<'desktop.change'>) => Promise<void>
  /** @throws AppError */
  readonly update: (step: DesktopInput<'desktop.update'>['step']) => Promise<void>
  readonly reveal: (what: DesktopInput<'desktop.reveal'>['what']) => Promise<void>
  readonly openInBrowser: () => Promise<void>
  /** Puts a key that can't be read aside; the app starts again. @throws AppError */
  readonly startWithNewKey: () => Promise<void>
}
export type DesktopStore = StoreApi<DesktopStoreState>

export function createDesktopStore(desktop: Desktop): DesktopStore {
  const store = createStore<DesktopStoreState>((set) => ({
    state: null,
    refresh: async () => set({ state: await desktop.call('desktop.get', {}) }),
    change: async (change) => set({ state: await desktop.call('desktop.change', change) }),
    update: async (step) => set({ state: await desktop.call('desktop.update', { step }) }),
    reveal: async (what) => {
      await desktop.call('desktop.reveal', { what })
    },
    openInBrowser: async () => {
      await desktop.call('desktop.open_in_browser', {})
    },
    startWithNewKey: async () => {
      await desktop.call('desktop.new_key', {})
    },
  }))
  desktop.onChange(() => {
    // Whoever reads it later reads it anew.
    if (store.getState().state !== null)
      store
        .getState()
        .refresh()
        .catch(() => undefined)
  })
  return store
}

import { createStore, type StoreApi } from 'zustand/vanilla'

/** A short message that goes by itself; with an action, such as undo. */
export interface Toast {
  readonly id: number
  readonly tone: 'plain' | 'bad'
  readonly text: string
  readonly action: { readonly label: string; readonly run: () => void } | null
  /** 0 to 1 of work that goes on; it stays until that ends. */
  readonly progress: number | null
}

export interface ToastsState {
  readonly toasts: readonly Toast[]
  readonly show: (toast: Partial<Omit<Toast, 'id'>> & { readonly text: string }) => number
  readonly change: (id: number, toast: Partial<Omit<Toast, 'id'>>) => void
  readonly dismiss: (id: number) => void
}
export type Toasts = StoreApi<ToastsState>

const mostToasts = 4

export function createToastsStore(): Toasts {
  let lastId = 0
  return createStore<ToastsState>((set) => ({
    toasts: [],
    show: (given) => {
      lastId += 1
      const toast: Toast = { tone: 'plain', action: null, progress: null, ...given, id: lastId }
      set(({ toasts }) => ({ toasts: [...toasts, toast].slice(-mostToasts) }))
      return lastId
    },
    change: (id, change) =>
      set(({ toasts }) => ({
        toasts: toasts.map((toast) => (toast.id === id ? { ...toast, ...change } : toast)),
      })),
    dismiss: (id) => set(({ toasts }) => ({ toasts: toasts.filter((toast) => toast.id !== id) })),
  }))
}

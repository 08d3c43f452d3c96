import { createStore, type StoreApi } from 'zustand/vanilla'
import type { Health } from '../../src-shared/api/contract.ts'
import type { Connection, ConnectionState } from '../client/connection.ts'
import type { Feed } from './feed.ts'

/** Whether the engine is reached, and how dispatcher, receiver and storage are. */
export interface ConnectionStoreState {
  readonly state: ConnectionState
  readonly health: Health | null
  /** Begins listening. @returns ends it */
  readonly start: () => () => void
  readonly refreshHealth: () => Promise<void>
  /** Tries again at once. */
  readonly retry: () => void
}
export type ConnectionStore = StoreApi<ConnectionStoreState>

const refreshEveryMs = 4000
const refreshSoonMs = 250

export function createConnectionStore(connection: Connection, feed: Feed): ConnectionStore {
  return createStore<ConnectionStoreState>((set, get) => {
    let soon: ReturnType<typeof setTimeout> | null = null
    const refreshSoon = (): void => {
      soon ??= setTimeout(() => {
        soon = null
        void get().refreshHealth()
      }, refreshSoonMs)
    }
    const listen = (): (() => void) => {
      let connected = false
      return connection.subscribe({
        onState: (state) => set({ state }),
        onMessage: (message) => {
          refreshSoon()
          // What was read before the first connection may be older than its first event.
          if (message.event === 'ready' && connected) return
          connected = true
          feed.push(message.event === 'ready' ? { event: 'reset', data: {} } : message)
        },
      })
    }
    return {
      state: 'connecting',
      health: null,
      retry: () => connection.wake(),
      refreshHealth: async () => {
        try {
          set({ health: await connection.client.call('health.get', {}) })
        } catch {
          // The stream's state says what is wrong.
        }
      },
      start: () => {
        const stopListening = listen()
        const timer = setInterval(() => {
          if (get().state === 'live' && document.visibilityState === 'visible') void get().refreshHealth()
        }, refreshEveryMs)
        return () => {
          stopListening()
          clearInterval(timer)
        }
      },
    }
  })
}

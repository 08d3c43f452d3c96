import type { Client } from '../../src-shared/api/client.ts'
import type { PushMessage } from '../../src-shared/api/push-events.ts'

/**
 * How the page reaches the engine, whatever carries it: HTTP in a browser, IPC in the desktop app.
 *
 * ```
 * connecting ──▶ live ◀──▶ lost            (the engine does not answer: tried again by itself)
 *      └──────────┴──────▶ logged-out      (Hookbench was started anew: goes on after the login)
 * ```
 */
export type ConnectionState = 'connecting' | 'live' | 'lost' | 'logged-out'

export interface ConnectionListener {
  onMessage(message: PushMessage): void
  onState(state: ConnectionState): void
}

export interface Connection {
  readonly client: Client
  /** Listens to the engine's events without gaps; `reset` where some were missed. @returns stops listening */
  subscribe(listener: ConnectionListener): () => void
  /** Tries at once what would be tried later. */
  wake(): void
}

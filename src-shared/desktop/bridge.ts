import type { StreamedMessage } from '../api/event-stream.ts'
import type { Problem } from '../errors.ts'
import type { DesktopMessage } from './desktop-contract.ts'

/**
 * What the preload script puts on the page's `window.hookbench`, and nothing else: the contract's operations and the
 * desktop's own go through `call`, the engine's events and the desktop's through `subscribe`.
 */
export interface DesktopBridge {
  /** Never rejects: an error that crosses the bridge would lose everything but its text. */
  call(name: string, input: unknown): Promise<BridgeAnswer>
  /**
   * Events in batches: the next one is fetched after the listener has returned.
   * @param lastId from the event after this one on; null: from now on
   * @returns stops listening
   */
  subscribe(lastId: string | null, listener: (batch: readonly BridgeMessage[]) => void): () => void
}

export type BridgeAnswer = { readonly value: unknown } | { readonly problem: Problem }
export type BridgeMessage = StreamedMessage | { readonly desktop: DesktopMessage }

/** The IPC channels between preload script and main process. */
export const channels = {
  call: 'hookbench:call',
  open: 'hookbench:open',
  next: 'hookbench:next',
  close: 'hookbench:close',
} as const

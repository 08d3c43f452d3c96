import { createClient, type Transport } from '../../src-shared/api/client.ts'
import { contract } from '../../src-shared/api/contract.ts'
import { contentOf, failureOf } from '../../src-shared/api/http-transport.ts'
import { answersContent, type Operation } from '../../src-shared/api/operation.ts'
import { contentPath } from '../../src-shared/desktop/app-address.ts'
import type { BridgeMessage, DesktopBridge } from '../../src-shared/desktop/bridge.ts'
import type {
  DesktopInput,
  DesktopMessage,
  DesktopOperation,
  DesktopOutput,
} from '../../src-shared/desktop/desktop-contract.ts'
import { AppError } from '../../src-shared/errors.ts'
import type { Connection } from './connection.ts'

/** What only the desktop app can do. */
export interface Desktop {
  call<Name extends DesktopOperation>(name: Name, input: DesktopInput<Name>): Promise<DesktopOutput<Name>>
  /** @returns stops listening */
  subscribe(listener: (message: DesktopMessage) => void): () => void
}

declare global {
  /** Set by the desktop app's preload script. */
  var hookbench: DesktopBridge | undefined
}

/** Over the desktop app's bridge. It is never lost: page and engine end together. */
export function createIpcConnection(
  bridge: DesktopBridge,
  fetch: (url: string) => Promise<Response>,
): { readonly connection: Connection; readonly desktop: Desktop } {
  const desktopListeners = new Set<(message: DesktopMessage) => void>()
  // Told before anybody listened: an action of the menu, say, while the page was loading.
  const early: DesktopMessage[] = []
  const told = (message: DesktopMessage): void => {
    if (desktopListeners.size === 0) early.push(message)
    for (const listener of desktopListeners) listener(message)
  }
  const call = async (name: string, input: unknown): Promise<unknown> => {
    const answer = await bridge.call(name, input)
    if ('problem' in answer) throw AppError.fromProblem(answer.problem)
    return answer.value
  }
  const transport: Transport = async (name, input) => {
    const entry: Operation = contract[name]
    if (!answersContent(entry)) return call(name, input)
    const response = await fetch(`${contentPath}${name}?input=${encodeURIComponent(JSON.stringify(input))}`)
    if (response.status >= 400) throw await failureOf(response)
    return contentOf(response)
  }
  return {
    connection: {
      client: createClient(transport),
      wake: () => undefined,
      subscribe: (listener) =>
        bridge.subscribe(null, (batch: readonly BridgeMessage[]) => {
          for (const item of batch) {
            try {
              if ('desktop' in item) told(item.desktop)
              else {
                if (item.message.event === 'ready') listener.onState('live')
                listener.onMessage(item.message)
              }
            } catch (error) {
              // A fault of a screen must not end the reading for all others.
              reportError(error)
            }
          }
        }),
    },
    desktop: {
      call: async (name, input) => (await call(name, input)) as never,
      subscribe(listener) {
        desktopListeners.add(listener)
        for (const message of early.splice(0)) listener(message)
        return () => desktopListeners.delete(listener)
      },
    },
  }
}

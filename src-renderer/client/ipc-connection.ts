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
  DesktopRequest,
} from '../../src-shared/desktop/desktop-contract.ts'
import { AppError } from '../../src-shared/errors.ts'
import type { Connection } from './connection.ts'

/** What only the desktop app can do. */
export interface Desktop {
  call<Name extends DesktopOperation>(name: Name, input: DesktopInput<Name>): Promise<DesktopOutput<Name>>
  /** Hears what the page is to do, also what was said before somebody listened. @returns stops listening */
  subscribe(listener: (request: DesktopRequest) => void): () => void
  /** Called when what `desktop.get` tells has changed. @returns stops that */
  onChange(listener: () => void): () => void
}

declare global {
  /** Set by the desktop app's preload script. */
  var hookbench: DesktopBridge | undefined
}

/** Over the desktop app's bridge. It is never lost: page and engine end together. */
export function createIpcConnection(
  bridge: DesktopBridge,
  fetch: (url: string, init?: { readonly signal: AbortSignal }) => Promise<Response>,
): { readonly connection: Connection; readonly desktop: Desktop } {
  const changeListeners = new Set<() => void>()
  const requestListeners = new Set<(request: DesktopRequest) => void>()
  // Told before anybody listened: an action of the menu, say, while the page was loading.
  const early: DesktopRequest[] = []
  const told = (message: DesktopMessage): void => {
    if (message.kind === 'state') {
      for (const listener of changeListeners) listener()
      return
    }
    if (requestListeners.size === 0) early.push(message)
    for (const listener of requestListeners) listener(message)
  }
  const call = async (name: string, input: unknown): Promise<unknown> => {
    const answer = await bridge.call(name, input)
    if ('problem' in answer) throw AppError.fromProblem(answer.problem)
    return answer.value
  }
  const transport: Transport = async (name, input, cancelled) => {
    const entry: Operation = contract[name]
    if (!answersContent(entry)) return call(name, input)
    const url = `${contentPath}${name}?input=${encodeURIComponent(JSON.stringify(input))}`
    const response = await fetch(url, cancelled instanceof AbortSignal ? { signal: cancelled } : undefined)
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
        requestListeners.add(listener)
        for (const request of early.splice(0)) listener(request)
        return () => requestListeners.delete(listener)
      },
      onChange(listener) {
        changeListeners.add(listener)
        return () => changeListeners.delete(listener)
      },
    },
  }
}

import type { Handlers } from '../../src-shared/api/contract.ts'
import type { Transport } from '../../src-shared/api/client.ts'
import { contract } from '../../src-shared/api/contract.ts'
import { createLocalTransport, parseInput } from '../../src-shared/api/local-transport.ts'
import { answersContent, type Operation } from '../../src-shared/api/operation.ts'
import { channels, type BridgeAnswer, type BridgeMessage } from '../../src-shared/desktop/bridge.ts'
import {
  desktopContract,
  type DesktopHandlers,
  type DesktopMessage,
  type DesktopOperation,
} from '../../src-shared/desktop/desktop-contract.ts'
import { AppError } from '../../src-shared/errors.ts'
import type { Clock } from '../engine/ports.ts'
import type { PushFeed } from '../engine/push-feed.ts'
import { checkExtent } from './extent.ts'
import { PageReader } from './page-reader.ts'

/** The part of an IPC event that is looked at: Electron's has it. */
export interface IpcCaller {
  readonly processId: number
  readonly frameId: number
  readonly sender: { readonly id: number }
}

/** Electron's `ipcMain`, as far as it is used. */
export interface IpcRegistry<Caller extends IpcCaller> {
  handle(channel: string, listener: (caller: Caller, ...given: unknown[]) => unknown): void
  removeHandler(channel: string): void
}

export interface IpcServerOptions<Caller extends IpcCaller> {
  readonly ipc: IpcRegistry<Caller>
  readonly handlers: Handlers
  readonly desktop: DesktopHandlers
  readonly feed: PushFeed
  readonly clock: Clock
  /** True for the top frame of the app's own window, showing the app's own page. */
  readonly isOwn: (caller: Caller) => boolean
  readonly onError: (where: string, error: unknown) => void
}

export interface IpcServer {
  /** Tells every page that listens, or else the next one that will. */
  tell(message: DesktopMessage): void
  /** Forgets the readers of a page that is gone. */
  forget(senderId: number): void
  close(): void
}

/** More would be a page that loops. */
const mostReaders = 8
/** Of what was told while no page listened so much is kept for the one that comes: the window may just be opening. */
const mostKept = 20

/**
 * The contract over IPC. Every call is checked for who sends it before anything of it is read, and parsed by the
 * contract as over HTTP. Answers that are no JSON don't go this way: they would be copied twice; see app-pages.ts.
 */
export function serveIpc<Caller extends IpcCaller>(options: IpcServerOptions<Caller>): IpcServer {
  const { ipc, feed, clock } = options
  const operations = createLocalTransport(options.handlers)
  const desktop = desktopTransport(options.desktop)
  const readers = new Map<string, { readonly senderId: number; readonly reader: PageReader }>()
  let nextTicket = 0
  let kept: DesktopMessage[] = []
  const guarded = (caller: Caller): void => {
    if (!options.isOwn(caller))
      throw new AppError('forbidden', { message: 'This page may not call Hookbench.' })
  }
  const answer = async (work: () => Promise<unknown>): Promise<BridgeAnswer> => {
    try {
      return { value: await work() }
    } catch (error) {
      if (!(error instanceof AppError)) options.onError('ipc', error)
      return { problem: (error instanceof AppError ? error : new AppError('internal')).toProblem() }
    }
  }
  const drop = (ticket: string): void => {
    readers.get(ticket)?.reader.close()
    readers.delete(ticket)
  }

  ipc.handle(channels.call, (caller, name, input) =>
    answer(async () => {
      guarded(caller)
      if (typeof name !== 'string') throw new AppError('route_not_found', { method: 'call', path: '' })
      checkExtent(input)
      return Object.hasOwn(desktopContract, name)
        ? desktop(name as DesktopOperation, input)
        : operations(jsonOperation(name), input)
    }),
  )
  ipc.handle(channels.open, (caller, lastId) => {
    guarded(caller)
    const mine = [...readers].filter(([, { senderId }]) => senderId === caller.sender.id)
    // The oldest is of a page that was reloaded, most likely.
    if (mine.length >= mostReaders && mine[0] !== undefined) drop(mine[0][0])
    nextTicket += 1
    const ticket = `${caller.sender.id}-${nextTicket}`
    const from = typeof lastId === 'string' ? lastId : null
    readers.set(ticket, { senderId: caller.sender.id, reader: new PageReader(feed, clock, from) })
    return ticket
  })
  ipc.handle(channels.next, async (caller, ticket): Promise<readonly BridgeMessage[] | null> => {
    guarded(caller)
    const found = readers.get(String(ticket))
    if (found?.senderId !== caller.sender.id) return null
    // Not when it was opened: a reader that never asks would swallow them.
    for (const message of kept.splice(0)) found.reader.tell(message)
    return found.reader.next()
  })
  ipc.handle(channels.close, (caller, ticket) => {
    guarded(caller)
    if (readers.get(String(ticket))?.senderId === caller.sender.id) drop(String(ticket))
  })
  return {
    tell(message) {
      for (const { reader } of readers.values()) reader.tell(message)
      // A new page reads the state anyway.
      if (readers.size === 0 && message.kind !== 'state') kept = [...kept, message].slice(-mostKept)
    },
    forget(senderId) {
      for (const [ticket, reader] of readers) if (reader.senderId === senderId) drop(ticket)
    },
    close() {
      for (const channel of Object.values(channels)) ipc.removeHandler(channel)
      for (const ticket of readers.keys()) drop(ticket)
    },
  }
}

/** @throws AppError `route_not_found` also for operations whose answer goes another way */
function jsonOperation(name: string): Parameters<Transport>[0] {
  const entry: Operation | undefined = Object.hasOwn(contract, name)
    ? contract[name as keyof typeof contract]
    : undefined
  if (entry === undefined || answersContent(entry))
    throw new AppError('route_not_found', { method: 'call', path: name.slice(0, 100) })
  return name as keyof typeof contract
}

function desktopTransport(
  handlers: DesktopHandlers,
): (name: DesktopOperation, input: unknown) => Promise<unknown> {
  return async (name, input) => {
    const handle = handlers[name] as (input: unknown) => Promise<unknown>
    return handle(parseInput(desktopContract[name].input, input))
  }
}

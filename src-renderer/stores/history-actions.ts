import type { Client } from '../../src-shared/api/client.ts'
import type { OperationInput, OperationOutput } from '../../src-shared/api/contract.ts'
import { deliveryStatuses, type DeliveryStatus } from '../../src-shared/model/delivery.ts'
import type { CaptureId, DeliveryId, DestinationId } from '../../src-shared/model/ids.ts'
import { joinedRefusals, refusalText, type Refusal } from '../../src-shared/model/refusal.ts'
import { count } from '../parts/words.ts'
import type { Filter } from './list-store.ts'
import { sentenceOf } from './problem.ts'
import type { Toasts } from './toasts-store.ts'

/** What can be done with deliveries and captures. What fails is told in a toast. */
export interface HistoryActions {
  readonly retry: (id: DeliveryId) => Promise<void>
  readonly sendNow: (id: DeliveryId) => Promise<void>
  readonly cancel: (id: DeliveryId) => Promise<void>
  /** Moves those among these that can be, with progress; the summary says why the others can't. */
  readonly moveSelected: (move: BulkMove, ids: readonly string[]) => Promise<void>
  /** The same of all that match, as long as they are in a state that the move is for. */
  readonly moveMatching: (move: BulkMove, filter: Filter) => Promise<void>
  readonly remove: (of: HistoryKind, ids: readonly string[]) => Promise<void>
  readonly removeMatching: (of: HistoryKind, filter: Filter) => Promise<void>
  readonly mark: (
    id: CaptureId,
    marks: { readonly pinned?: boolean; readonly tags?: string[]; readonly note?: string },
  ) => Promise<void>
  /** @returns the delivery that it made */
  readonly sendTest: (id: DestinationId) => Promise<DeliveryId | null>
}
export type HistoryKind = 'deliveries' | 'captures'

/** What is done to many deliveries at once. */
export type BulkMove = 'retry' | 'send-now' | 'cancel'

type BulkFilter = Pick<OperationInput<'deliveries.retry-all'>, 'ids'>

interface Told {
  readonly moved: number
  readonly refused: readonly Refusal[]
}

const bulkMoves: {
  readonly [Move in BulkMove]: {
    readonly doing: string
    readonly done: string
    /** Which deliveries it is for. */
    readonly from: readonly DeliveryStatus[]
    readonly ask: (client: Client, filter: BulkFilter) => Promise<Told>
  }
} = {
  retry: {
    doing: 'Retrying',
    done: 'retried',
    from: ['failed'],
    ask: async (client, filter) => {
      const { retried, refused } = await client.call('deliveries.retry-all', filter)
      return { moved: retried, refused }
    },
  },
  'send-now': {
    doing: 'Sending',
    done: 'sent now',
    from: ['retrying'],
    ask: async (client, filter) => {
      const { sent, refused } = await client.call('deliveries.send-now-all', filter)
      return { moved: sent, refused }
    },
  },
  cancel: {
    doing: 'Cancelling',
    done: 'cancelled',
    from: ['pending', 'retrying'],
    ask: async (client, filter) => {
      const { cancelled, refused } = await client.call('deliveries.cancel-all', filter)
      return { moved: cancelled, refused }
    },
  },
}

const chunk = 100
const oneOf = { deliveries: 'delivery', captures: 'capture' } as const

export function createHistoryActions(client: Client, toasts: Toasts): HistoryActions {
  const { show, change, dismiss } = toasts.getState()
  const guarded = async <T>(work: () => Promise<T>): Promise<T | null> => {
    try {
      return await work()
    } catch (error) {
      show({ text: sentenceOf(error), tone: 'bad' })
      return null
    }
  }
  const removed = (of: HistoryKind, told: { removed: number; skipped: number; undo_token: string }): void => {
    const skipped = told.skipped === 0 ? '' : `; ${count(told.skipped, 'is', 'are')} just being sent`
    show({
      text: `${count(told.removed, oneOf[of], of)} removed${skipped}`,
      action:
        told.removed === 0
          ? null
          : {
              label: 'Undo',
              run: () => void guarded(() => client.call('undo.run', { token: told.undo_token })),
            },
    })
  }
  /** In parts, so that it shows how far it has come and can be cancelled. */
  const moveInParts = async (
    move: BulkMove,
    find: (cancelled: AbortSignal) => Promise<readonly string[]>,
  ): Promise<void> => {
    const { doing, ask } = bulkMoves[move]
    const cancelled = new AbortController()
    const stop = { label: 'Stop', run: () => cancelled.abort() }
    const toast = show({ text: `${doing} …`, progress: 0, action: stop })
    const told: Told[] = []
    try {
      const ids = await find(cancelled.signal)
      change(toast, { text: `${doing} ${count(ids.length, 'delivery', 'deliveries')} …` })
      for (let at = 0; at < ids.length && !cancelled.signal.aborted; at += chunk) {
        told.push(await ask(client, { ids: ids.slice(at, at + chunk) }))
        change(toast, { progress: Math.min(1, (at + chunk) / ids.length) })
      }
      dismiss(toast)
      summarize(move, told)
    } catch (error) {
      dismiss(toast)
      if (told.length > 0) summarize(move, told)
      show({ text: sentenceOf(error), tone: 'bad' })
    }
  }
  const summarize = (move: BulkMove, told: readonly Told[]): void => {
    const moved = told.reduce((sum, part) => sum + part.moved, 0)
    const refused = joinedRefusals(told.flatMap((part) => part.refused))
    const left = refused.length === 0 ? '' : `; refused: ${refusalText(refused)}`
    show({ text: `${count(moved, 'delivery', 'deliveries')} ${bulkMoves[move].done}${left}` })
  }
  return {
    retry: (id) => guarded(() => client.call('deliveries.retry', { id })).then(() => undefined),
    sendNow: (id) => guarded(() => client.call('deliveries.send-now', { id })).then(() => undefined),
    cancel: (id) => guarded(() => client.call('deliveries.cancel', { id })).then(() => undefined),
    moveSelected: (move, ids) => moveInParts(move, () => Promise.resolve(ids)),
    moveMatching: (move, filter) =>
      moveInParts(move, (cancelled) => matching(client, filter, bulkMoves[move].from, cancelled)),
    remove: async (of, ids) => {
      const told = await guarded(() => removeByIds(client, of, ids))
      if (told !== null) removed(of, told)
    },
    removeMatching: async (of, filter) => {
      const all = Object.keys(filter).length === 0 ? { all: true } : {}
      const told = await guarded(() =>
        of === 'deliveries'
          ? client.call('deliveries.remove', { ...(filter as object), ...all })
          : client.call('captures.remove', { ...(filter as object), ...all }),
      )
      if (told !== null) removed(of, told)
    },
    mark: (id, marks) =>
      guarded(() => client.call('captures.change', { id, ...marks })).then(() => undefined),
    sendTest: async (id) => {
      const sent = await guarded(() => client.call('destinations.test', { id }))
      return sent?.deliveries[0]?.id ?? null
    },
  }
}

const page = 500

/** The ids of what matches and is in one of these states, as it is now: moving them changes what matches. */
async function matching(
  client: Client,
  filter: Filter,
  from: readonly DeliveryStatus[],
  cancelled: AbortSignal,
): Promise<readonly DeliveryId[]> {
  const wanted = filter['status']?.split(',') ?? deliveryStatuses
  const status = from.filter((each) => wanted.includes(each))
  const ids: DeliveryId[] = []
  if (status.length === 0) return ids
  for (let cursor: string | null = null; !cancelled.aborted;) {
    const input = { ...filter, status, limit: page } as unknown as OperationInput<'deliveries.list'>
    const found: OperationOutput<'deliveries.list'> = await client.call('deliveries.list', {
      ...input,
      ...(cursor === null ? {} : { cursor }),
    })
    ids.push(...found.items.map(({ id }) => id))
    cursor = found.next_cursor
    if (cursor === null) return ids
  }
  return []
}

function removeByIds(client: Client, of: HistoryKind, ids: readonly string[]) {
  const [only] = ids
  if (ids.length === 1 && only !== undefined)
    return of === 'deliveries'
      ? client.call('deliveries.delete', { id: only })
      : client.call('captures.delete', { id: only })
  return of === 'deliveries'
    ? client.call('deliveries.remove', { ids: [...ids] })
    : client.call('captures.remove', { ids: [...ids] })
}

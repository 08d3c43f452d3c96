import type { Client } from '../../src-shared/api/client.ts'
import type { OperationInput } from '../../src-shared/api/contract.ts'
import type { CaptureId, DeliveryId, DestinationId } from '../../src-shared/model/ids.ts'
import { count } from '../parts/words.ts'
import type { Filter } from './list-store.ts'
import { sentenceOf } from './problem.ts'
import type { Toasts } from './toasts-store.ts'

/** What can be done with deliveries and captures. What fails is told in a toast. */
export interface HistoryActions {
  readonly retry: (id: DeliveryId) => Promise<void>
  readonly sendNow: (id: DeliveryId) => Promise<void>
  readonly cancel: (id: DeliveryId) => Promise<void>
  /** Retries the failed ones among these, with progress. */
  readonly retrySelected: (ids: readonly string[]) => Promise<void>
  readonly retryMatching: (filter: Filter) => Promise<void>
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
  const retryChunks = async (ids: readonly string[]): Promise<void> => {
    const cancelled = new AbortController()
    const cancel = { label: 'Cancel', run: () => cancelled.abort() }
    const toast = show({
      text: `Retrying ${count(ids.length, 'delivery', 'deliveries')} …`,
      progress: 0,
      action: ids.length > chunk ? cancel : null,
    })
    let retried = 0
    try {
      for (let at = 0; at < ids.length && !cancelled.signal.aborted; at += chunk) {
        const part = ids.slice(at, at + chunk)
        retried += (await client.call('deliveries.retry-all', { ids: part })).retried
        change(toast, { progress: Math.min(1, (at + chunk) / ids.length) })
      }
      dismiss(toast)
      show({ text: retriedText(retried, ids.length - retried) })
    } catch (error) {
      dismiss(toast)
      show({ text: sentenceOf(error), tone: 'bad' })
    }
  }
  return {
    retry: (id) => guarded(() => client.call('deliveries.retry', { id })).then(() => undefined),
    sendNow: (id) => guarded(() => client.call('deliveries.send-now', { id })).then(() => undefined),
    cancel: (id) => guarded(() => client.call('deliveries.cancel', { id })).then(() => undefined),
    retrySelected: retryChunks,
    retryMatching: async (filter) => {
      const done = await guarded(() =>
        client.call('deliveries.retry-all', filter as OperationInput<'deliveries.retry-all'>),
      )
      if (done !== null) show({ text: retriedText(done.retried, done.skipped) })
    },
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

function retriedText(retried: number, skipped: number): string {
  const left =
    skipped === 0 ? '' : `; ${count(skipped, 'was', 'were')} not failed, or the destination is gone`
  return `${count(retried, 'delivery', 'deliveries')} retried${left}`
}

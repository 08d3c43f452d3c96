import type { Handlers } from '../../../src-shared/api/contract.ts'
import { AppError } from '../../../src-shared/errors.ts'
import type { CaptureId, DeliveryId } from '../../../src-shared/model/ids.ts'
import type { Timer } from '../ports.ts'
import type { Removal } from '../store.ts'
import { type EngineContext } from './context.ts'
import { iso } from '../iso-time.ts'

/**
 * Removing from the history, and bringing back. What is removed leaves all lists at once; for a minute it can be
 * undone, then it is deleted for good, a little at a time.
 */
export interface Removals {
  begin(of: Removal['of']): RemovalBatch
  /** @returns how many came back. @throws AppError `undo_expired` */
  undo(token: string): Promise<number>
  /** Deletes what was removed more than a minute ago, also by an earlier launch. */
  start(): Promise<void>
  stop(): void
}

/** One removal, which an undo brings back as a whole. */
export interface RemovalBatch {
  take(ids: readonly (DeliveryId | CaptureId)[]): Promise<void>
  /** Announces the removal. @param skipped what matched and could not be removed */
  end(skipped: number): Removed
}

export type Removed = Awaited<ReturnType<Handlers['deliveries.remove']>>

const undoMs = 60_000
const purgeAtOnce = 200
/** More would make the announcement larger than reading the list again. */
const mostAnnounced = 500

export function createRemovals(context: EngineContext): Removals {
  const { store, clock, ids, push, background, dispatcher } = context
  let timer: Timer | null = null
  let stopped = false

  const purge = async (stopping: AbortSignal): Promise<void> => {
    for (const removal of await store.removals()) {
      if (removal.expiresAt > clock.now()) continue
      while (!stopping.aborted && (await isOpen(removal))) {
        await store.commit([{ kind: 'removal.purge', removal, limit: purgeAtOnce }])
      }
    }
  }
  const isOpen = async ({ token }: Removal): Promise<boolean> =>
    (await store.removals()).some((removal) => removal.token === token)
  const purgeLater = (): void => {
    if (stopped || timer !== null) return
    timer = clock.after(undoMs + 1000, () => {
      timer = null
      background.run('delete what was removed', async (stopping) => {
        try {
          await purge(stopping)
        } catch (error) {
          // Tried again while nothing can be written.
          if (!(error instanceof AppError)) throw error
        }
        if ((await store.removals()).length > 0) purgeLater()
      })
    })
  }
  return {
    begin(of) {
      const removal: Removal = { token: ids.word(24), of, expiresAt: clock.now() + undoMs }
      const removed: (DeliveryId | CaptureId)[] = []
      return {
        async take(taken) {
          if (taken.length === 0) return
          const rows = taken.map((id) => ({ kind: 'removal.row', removal, id }) as const)
          await store.commit([{ kind: 'removal.put', removal }, ...rows])
          removed.push(...taken)
          // Also what a removal that breaks off half-way has taken is deleted in time.
          purgeLater()
        },
        end(skipped) {
          if (removed.length > 0) {
            push.publish({ kind: 'history', of, change: 'removed', ids: announced(removed) })
          }
          return {
            removed: removed.length,
            skipped,
            undo_token: removal.token,
            undo_until: iso(removal.expiresAt),
          }
        },
      }
    },
    async undo(token) {
      const removal = (await store.removals()).find((candidate) => candidate.token === token)
      if (removal === undefined || removal.expiresAt <= clock.now()) throw new AppError('undo_expired')
      const restored = await store.removedRows(removal)
      await store.commit([{ kind: 'removal.restore', removal }])
      push.publish({ kind: 'history', of: removal.of, change: 'restored', ids: null })
      // What waited to be sent waits again.
      if (removal.of === 'deliveries') await dispatcher.resync()
      return restored
    },
    async start() {
      if ((await store.removals()).length > 0) purgeLater()
    },
    stop() {
      stopped = true
      timer?.cancel()
    },
  }
}

function announced<Id>(ids: readonly Id[]): readonly Id[] | null {
  return ids.length > mostAnnounced ? null : ids
}

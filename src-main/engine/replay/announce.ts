import type { ReplayId } from '../../../src-shared/model/ids.ts'
import type { Background } from '../background.ts'
import type { PushHub } from '../push.ts'
import type { Store } from '../store.ts'

/** Replays whose last news is kept for comparison. */
const remembered = 100

/**
 * Tells of replays as their deliveries end. Many that end at once are told of once: while what was read is still on
 * its way to the disk, nothing is read anew.
 */
export function announceReplays(push: PushHub, store: Store, background: Background): void {
  const changed = new Set<ReplayId>()
  /** What was told last of a replay: its deliveries may change without their counts. */
  const told = new Map<ReplayId, string>()
  let telling = false
  const tell = async (): Promise<void> => {
    try {
      for (const id of changed) {
        changed.delete(id)
        const replay = await store.replay(id)
        if (replay === undefined) continue
        const counts = await store.replayCounts(id)
        await store.durable()
        const news = JSON.stringify([replay.cancelledAt, counts])
        if (told.get(id) === news) continue
        told.delete(id)
        told.set(id, news)
        const [oldest] = told.keys()
        if (told.size > remembered && oldest !== undefined) told.delete(oldest)
        push.publish({ kind: 'replay', replay, counts })
      }
    } finally {
      telling = false
    }
  }
  push.subscribe((event) => {
    if (event.kind !== 'delivery' || event.delivery.replayId === null) return
    const { status, replayId } = event.delivery
    // These change no count.
    if (status === 'processing' || status === 'retrying') return
    changed.add(replayId)
    if (telling) return
    telling = true
    background.run('tell of replays', tell)
  })
}

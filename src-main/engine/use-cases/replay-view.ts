import type { Replay, ReplayCounts, ReplayView } from '../../../src-shared/model/replay.ts'
import { iso } from '../iso-time.ts'

export function replayView(replay: Replay, counts: ReplayCounts): ReplayView {
  const { to } = replay
  const { waiting, succeeded, failed, cancelled } = counts
  return {
    id: replay.id,
    status: replay.cancelledAt !== null ? 'cancelled' : waiting > 0 ? 'running' : 'done',
    mode: replay.mode,
    to: 'url' in to ? { url: to.url } : { destination_id: to.destinationId },
    rate: replay.rate,
    as_recorded: replay.asRecorded,
    created_at: iso(replay.createdAt),
    total: replay.total,
    waiting,
    succeeded,
    failed,
    cancelled,
    removed: replay.total - waiting - succeeded - failed - cancelled,
  }
}

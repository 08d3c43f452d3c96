import type { Delivery } from '../../../src-shared/model/delivery.ts'
import type { Destination, RetryPolicy } from '../../../src-shared/model/destination.ts'
import type { DestinationId, ReplayId } from '../../../src-shared/model/ids.ts'
import type { Replay } from '../../../src-shared/model/replay.ts'
import type { Store } from '../store.ts'
import { providerOfWorkspace } from '../use-cases/lookup.ts'
import type { LaneId, LaneLimits, RateLimit } from './lane.ts'
import { longestDelayMs, policyOf } from './retry-policy.ts'

type Routed = Pick<Delivery, 'destinationId' | 'replayId'>

/** Which lane a delivery waits in, and what a lane may send: those of destinations, and one for each replay. */
export class Lanes {
  readonly #store: Store
  readonly #isClosing: (id: LaneId) => boolean
  /** The replays of this launch's queue: the scheduler asks for them without waiting. */
  readonly #replays = new Map<ReplayId, Replay>()

  constructor(store: Store, isClosing: (id: LaneId) => boolean) {
    this.#store = store
    this.#isClosing = isClosing
  }

  /** Has to be called before a delivery of this replay is queued. */
  note(replay: Replay): void {
    this.#replays.set(replay.id, replay)
  }

  /** The same, as the store has it. @returns false when there was nothing to read */
  async know(waiting: readonly Pick<Routed, 'replayId'>[]): Promise<boolean> {
    const ids = new Set(waiting.flatMap(({ replayId }) => (replayId === null ? [] : [replayId])))
    for (const id of ids) {
      const replay = await this.#store.replay(id)
      if (replay !== undefined) this.note(replay)
    }
    return ids.size > 0
  }

  /** True when there is no way to its receiver any more. */
  isCutOff({ destinationId }: Routed): boolean {
    return destinationId !== null && this.#store.destinations.get(destinationId) === undefined
  }

  idOf({ destinationId, replayId }: Routed): LaneId {
    const id = replayId ?? destinationId
    if (id === null) throw new Error('a delivery has neither destination nor replay')
    return id
  }

  /** All lanes that lead to a destination. */
  to(destinationId: DestinationId): LaneId[] {
    const replays = Array.from(this.#replays.values()).filter(({ to }) => isTo(to, destinationId))
    return [destinationId, ...replays.map(({ id }) => id)]
  }

  /** undefined: nothing, for now. */
  limits(id: LaneId): LaneLimits | undefined {
    if (this.#isClosing(id)) return undefined
    const replay = this.#replays.get(id as ReplayId)
    if (replay === undefined) return this.#open(id as DestinationId)
    if ('url' in replay.to) return { concurrency: 1, rate_limit: paceOf(replay) }
    const destination = this.#open(replay.to.destinationId)
    if (destination === undefined) return undefined
    return { concurrency: 1, rate_limit: slower(paceOf(replay), destination.rate_limit) }
  }

  isCancelled({ replayId }: Routed): boolean {
    const replay = replayId === null ? undefined : this.#replays.get(replayId)
    return replay !== undefined && replay.cancelledAt !== null
  }

  policyOf(destination: Destination): RetryPolicy {
    return policyOf(destination, providerOfWorkspace(this.#store, destination.workspace_id))
  }

  /** The longest that a delivery of the lane may have to wait. */
  longestDelayMs(id: LaneId): number {
    const replay = this.#replays.get(id as ReplayId)
    const destinationId = replay === undefined ? (id as DestinationId) : destinationOf(replay)
    const destination = destinationId === null ? undefined : this.#store.destinations.get(destinationId)
    const retryMs = destination === undefined ? 0 : longestDelayMs(this.policyOf(destination))
    return Math.max(retryMs, replay?.spanMs ?? 0)
  }

  /** The destination, unless it is held. */
  #open(id: DestinationId): Destination | undefined {
    const destination = this.#store.destinations.get(id)
    if (destination === undefined || !destination.enabled || this.#isClosing(id)) return undefined
    return this.#store.destinationHealth(id).paused === null ? destination : undefined
  }
}

function isTo(to: Replay['to'], destinationId: DestinationId): boolean {
  return 'destinationId' in to && to.destinationId === destinationId
}

function destinationOf({ to }: Replay): DestinationId | null {
  return 'destinationId' in to ? to.destinationId : null
}

/** One at a time and evenly: n in a burst every second would be no pace. */
function paceOf({ rate }: Replay): RateLimit | null {
  return rate === null ? null : { requests: 1, per_seconds: 1 / rate }
}

function slower(a: RateLimit | null, b: RateLimit | null): RateLimit | null {
  if (a === null || b === null) return a ?? b
  return a.requests / a.per_seconds <= b.requests / b.per_seconds ? a : b
}

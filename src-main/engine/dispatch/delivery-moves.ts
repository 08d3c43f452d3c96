import { AppError } from '../../../src-shared/errors.ts'
import type { Delivery, Failure } from '../../../src-shared/model/delivery.ts'
import type { DeliveryId, DestinationId, ReplayId } from '../../../src-shared/model/ids.ts'
import type { Background } from '../background.ts'
import { createExclusive } from '../exclusive.ts'
import type { Clock } from '../ports.ts'
import type { PushHub } from '../push.ts'
import type { Change, DeliveryFilter, Store } from '../store.ts'
import * as state from './delivery-state.ts'
import type { LaneId } from './lane.ts'
import type { Lanes } from './lanes.ts'
import type { OutcomeRecorder } from './outcome-recorder.ts'
import type { Scheduler } from './scheduler.ts'

export interface DeliveryMovesOptions {
  readonly clock: Clock
  readonly store: Store
  readonly push: PushHub
  readonly background: Background
  readonly scheduler: Scheduler
  readonly lanes: Lanes
  readonly recorder: OutcomeRecorder
  /** Aborted at the end of a stop's grace. */
  readonly stopping: AbortSignal
}

const againAfterMs = 500
export const deletedFailure: Failure = { code: 'destination_deleted', message: 'destination deleted' }
const cancelledFailure: Failure = { code: 'cancelled', message: 'Cancelled by the user.' }

/** What users do to deliveries that wait or have ended: the moves that aren't the dispatcher's own. */
export class DeliveryMoves {
  readonly #options: DeliveryMovesOptions
  /** One move of a delivery at a time: of two that press the same button one wins. */
  readonly #turns = createExclusive()
  /** Destinations that are being deleted, and replays that are being cancelled: nothing is started for them. */
  readonly #closing = new Set<LaneId>()

  constructor(options: DeliveryMovesOptions) {
    this.#options = options
  }

  isClosing(id: LaneId): boolean {
    return this.#closing.has(id)
  }

  retry(id: DeliveryId): Promise<Delivery> {
    return this.#move(id, async () => {
      const delivery = await this.#required(id)
      if (delivery.status !== 'failed') {
        throw new AppError('delivery_not_failed', { id, status: delivery.status })
      }
      if (this.#options.lanes.isCutOff(delivery)) {
        throw new AppError('conflict', {
          message: `The destination of delivery ${id} was deleted; it can't be retried.`,
        })
      }
      await this.#options.lanes.know([delivery])
      const next = state.retried(delivery, this.#options.clock.now())
      await this.#update(next)
      this.#queue(next)
      return next
    })
  }

  sendNow(id: DeliveryId): Promise<Delivery> {
    return this.#moveWaiting(id, async (delivery) => {
      if (delivery.status !== 'retrying') {
        throw new AppError('delivery_not_retrying', { id, status: delivery.status })
      }
      const next = state.hurried(delivery, this.#options.clock.now())
      await this.#update(next)
      this.#queue(next)
      return next
    })
  }

  cancel(id: DeliveryId): Promise<Delivery> {
    return this.#moveWaiting(id, async (delivery) => {
      if (delivery.status !== 'pending' && delivery.status !== 'retrying') {
        throw new AppError('delivery_not_waiting', { id, status: delivery.status })
      }
      const next = state.abandoned(delivery, this.#options.clock.now(), cancelledFailure)
      await this.#update(next)
      return next
    })
  }

  async delete(id: DeliveryId, commit: () => Promise<void>): Promise<void> {
    await this.#moveWaiting(id, async (delivery) => {
      if (delivery.status === 'processing') throw new AppError('delivery_under_way', { id })
      await commit()
    })
  }

  deleting(
    ids: readonly DestinationId[],
    reason: Failure,
    commit: (ended: readonly Change[]) => Promise<void>,
  ): Promise<number> {
    const closing = ids.map((destinationId) => ({ id: destinationId, filter: { destinationId } }))
    return this.#closeAll(closing, reason, commit)
  }

  cancelReplay(id: ReplayId, commit: (ended: readonly Change[]) => Promise<void>): Promise<number> {
    return this.#closeAll([{ id, filter: { replayId: id } }], cancelledFailure, commit)
  }

  /** Ends everything that waits for destinations or in replays, which are held until it is over. */
  async #closeAll(
    closing: readonly { readonly id: LaneId; readonly filter: DeliveryFilter }[],
    reason: Failure,
    commit: (ended: readonly Change[]) => Promise<void>,
  ): Promise<number> {
    const { push } = this.#options
    for (const { id } of closing) this.#closing.add(id)
    try {
      const ended: Delivery[] = []
      for (const { filter } of closing) ended.push(...(await this.#abandoned(filter, reason)))
      await commit(ended.map((delivery) => ({ kind: 'delivery.update', delivery })))
      for (const delivery of ended) {
        this.#options.scheduler.take(delivery.id)
        push.publish({ kind: 'delivery', delivery })
      }
      this.#abandonRest(closing, reason)
      return ended.length
    } finally {
      for (const { id } of closing) this.#closing.delete(id)
      this.#options.scheduler.wake()
    }
  }

  /**
   * What was under way when the rest was ended, and has come back to wait: its claim met the closed door, or its
   * attempt failed just now. Nothing else would ever look at it.
   */
  #abandonRest(
    closed: readonly { readonly id: LaneId; readonly filter: DeliveryFilter }[],
    reason: Failure,
  ): void {
    const lanes = closed.flatMap(({ id, filter }) =>
      filter.destinationId === undefined ? [id] : this.#options.lanes.to(filter.destinationId),
    )
    for (const id of this.#options.scheduler.waitingIn(new Set(lanes))) this.abandonSoon(id, reason)
  }

  /** What waits, as it is once it is given up. What is under way ends by itself. */
  async #abandoned(among: DeliveryFilter, reason: Failure): Promise<Delivery[]> {
    const { store, clock } = this.#options
    const ended: Delivery[] = []
    const justEnding: DeliveryId[] = []
    for (let cursor: string | null = null; ;) {
      const filter = { ...among, status: ['pending', 'retrying'] as const }
      const page = await store.deliveries(filter, { cursor, limit: 500 })
      for (const delivery of page.items) {
        if (!this.#options.scheduler.isInFlight(delivery.id))
          ended.push(state.abandoned(delivery, clock.now(), reason))
        else if (this.#options.recorder.recorded(delivery.id) !== undefined) justEnding.push(delivery.id)
      }
      cursor = page.nextCursor
      if (cursor === null) break
    }
    for (const id of justEnding) {
      await this.#options.recorder.recorded(id)
      const delivery = await store.delivery(id)
      const waits = delivery?.status === 'pending' || delivery?.status === 'retrying'
      if (waits && !this.#options.scheduler.isInFlight(id))
        ended.push(state.abandoned(delivery, clock.now(), reason))
    }
    return ended
  }

  #move<T>(id: DeliveryId, move: () => Promise<T>): Promise<T> {
    return this.#turns.run(id, async () => {
      // An outcome can be read some milliseconds before it is on disk and told.
      await this.#options.recorder.recorded(id)
      return move()
    })
  }

  /**
   * Runs a user's move of a delivery, which is out of the queue meanwhile and goes back when the move is refused. Its
   * status is `processing` for the move when it has been started but not yet claimed.
   */
  #moveWaiting<T>(id: DeliveryId, move: (delivery: Delivery) => Promise<T>): Promise<T> {
    return this.#move(id, async () => {
      const putBack = this.#options.scheduler.take(id)
      try {
        const delivery = await this.#required(id)
        return await move(
          this.#options.scheduler.isInFlight(id) ? { ...delivery, status: 'processing' } : delivery,
        )
      } catch (error) {
        putBack?.()
        throw error
      }
    })
  }

  /** Queues a delivery that is due at once, unless its destination has just gone. */
  #queue(delivery: Delivery): void {
    if (this.#options.lanes.isCutOff(delivery)) {
      this.abandonSoon(delivery.id)
      return
    }
    this.#options.scheduler.add(delivery.id, this.#options.lanes.idOf(delivery), 0)
    this.#options.scheduler.pump()
  }

  /** Ends a delivery that can't be sent any more; the transaction that ended the others didn't know of it yet. */
  abandonSoon(id: DeliveryId, reason = deletedFailure): void {
    this.#options.background.run('abandon delivery', async (stopping) => {
      while (!stopping.aborted) {
        try {
          return await this.#move(id, () => this.#abandonOne(id, reason))
        } catch (error) {
          if (!(error instanceof AppError) || this.#options.stopping.aborted) throw error
          await this.#options.recorder.wait(againAfterMs)
        }
      }
    })
  }

  async #abandonOne(id: DeliveryId, reason: Failure): Promise<void> {
    const delivery = await this.#options.store.delivery(id)
    if (delivery?.status !== 'pending' && delivery?.status !== 'retrying') return
    this.#options.scheduler.take(id)
    await this.#update(state.abandoned(delivery, this.#options.clock.now(), reason))
  }

  async #required(id: DeliveryId): Promise<Delivery> {
    const delivery = await this.#options.store.delivery(id)
    if (delivery === undefined) throw new AppError('delivery_not_found', { id })
    return delivery
  }

  async #update(delivery: Delivery): Promise<void> {
    await this.#options.store.commit([{ kind: 'delivery.update', delivery }])
    this.#options.push.publish({ kind: 'delivery', delivery })
  }
}

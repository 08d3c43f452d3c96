import { AppError } from '../../../src-shared/errors.ts'
import type { Attempt, Delivery } from '../../../src-shared/model/delivery.ts'
import type { DeliveryId, DestinationId } from '../../../src-shared/model/ids.ts'
import type { Clock } from '../ports.ts'
import { requireProvider } from '../providers/index.ts'
import type { PushHub } from '../push.ts'
import type { Change, Store } from '../store.ts'
import { healthAfter, type HealthChange } from './destination-health.ts'

export interface OutcomeRecorderOptions {
  readonly clock: Clock
  readonly store: Store
  readonly push: PushHub
  /** Aborted at the end of a stop's grace: what can't be written then is left to the next start. */
  readonly stopping: AbortSignal
}

const againAfterMs = 500

type DestinationNews = HealthChange & { readonly destinationId: DestinationId }

/** Writes down what came of deliveries, and of their destinations with them. */
export class OutcomeRecorder {
  readonly #options: OutcomeRecorderOptions
  /** Outcomes that are being written, each with those who wait for its end. */
  readonly #recordings = new Map<DeliveryId, (() => void)[]>()

  constructor(options: OutcomeRecorderOptions) {
    this.#options = options
  }

  /** Settles when an outcome that can be read already is on disk and told, or could not be written. */
  recorded(id: DeliveryId): Promise<void> | undefined {
    const waiting = this.#recordings.get(id)
    return waiting && new Promise((resolve) => waiting.push(resolve))
  }

  /**
   * Writes an outcome; while nothing can be written it keeps it and tries again, for it can't be had anew.
   * @param onVisible called when reads see it: its fsync is still to come, but nothing more can pile up before it
   * @returns tells listeners; to be called when the delivery is under way no more, for they may act on it at once
   */
  async record(delivery: Delivery, attempt: Attempt | null, onVisible: () => void): Promise<() => void> {
    for (;;) {
      this.#recordings.set(delivery.id, [])
      try {
        const health = await this.#commit(delivery, attempt, onVisible)
        return () => {
          this.#publish(delivery, attempt, health)
          this.#end(delivery.id)
        }
      } catch (error) {
        this.#end(delivery.id)
        if (!(error instanceof AppError) || this.#options.stopping.aborted) throw error
        await this.wait(againAfterMs)
      }
    }
  }

  /** Waits, but not beyond the end of a stop's grace. */
  wait(durationMs: number): Promise<void> {
    const { clock, stopping } = this.#options
    return new Promise((resolve) => {
      const end = (): void => {
        timer.cancel()
        stopping.removeEventListener('abort', end)
        resolve()
      }
      const timer = clock.after(durationMs, end)
      stopping.addEventListener('abort', end)
    })
  }

  #end(id: DeliveryId): void {
    const waiting = this.#recordings.get(id) ?? []
    this.#recordings.delete(id)
    for (const resolve of waiting) resolve()
  }

  /**
   * The destination's health is read and written in the moment in which the outcome becomes visible: a large answer
   * goes to a file first, and of two outcomes that read the same count before one would be lost. Both records share
   * one write and one fsync.
   */
  async #commit(
    delivery: Delivery,
    attempt: Attempt | null,
    onVisible: () => void,
  ): Promise<DestinationNews | null> {
    const { store } = this.#options
    const update: Change = { kind: 'delivery.update', delivery }
    if (attempt === null) {
      // What could not be rendered says nothing about the receiver.
      await store.commit([update], onVisible)
      return null
    }
    const written: { health: DestinationNews | null; durable: Promise<void> | null } = {
      health: null,
      durable: null,
    }
    await store.commit([{ kind: 'attempt.insert', deliveryId: delivery.id, attempt }, update], () => {
      written.health = this.#healthAfter(delivery)
      if (written.health !== null) written.durable = this.#keep(written.health)
      onVisible()
    })
    if (written.durable !== null) await written.durable
    return written.health
  }

  #keep({ destinationId: id, health }: DestinationNews): Promise<void> {
    const durable = this.#options.store.commit([{ kind: 'destination.health', id, health }])
    // It is waited for after the outcome itself, which may fail first.
    durable.catch(() => undefined)
    return durable
  }

  #healthAfter(delivery: Delivery): DestinationNews | null {
    const { store, clock } = this.#options
    if (delivery.destinationId === null) return null
    const destination = store.destinations.get(delivery.destinationId)
    const workspace = destination && store.workspaces.get(destination.workspace_id)
    if (destination === undefined || workspace === undefined) return null
    const health = store.destinationHealth(destination.id)
    const { notify_after_failures: notifyAfter } = store.settings()
    const provider = requireProvider(workspace.provider)
    const after = healthAfter(health, delivery, provider, notifyAfter, clock.now())
    return after === null ? null : { ...after, destinationId: destination.id }
  }

  #publish(delivery: Delivery, attempt: Attempt | null, health: DestinationNews | null): void {
    const { push } = this.#options
    if (attempt !== null) push.publish({ kind: 'attempt', deliveryId: delivery.id, attempt })
    push.publish({ kind: 'delivery', delivery })
    if (health === null || health.news === null) return
    push.publish({ kind: 'destination', destinationId: health.destinationId, change: health.news })
  }
}

import type { Delivery, DeliveryIn, Failure } from '../../../src-shared/model/delivery.ts'

/**
 * The moves of a delivery, as pure functions. Anything that is not here is a bug and throws.
 *
 *                    cancel, destination deleted, unrenderable
 *            ┌───────────────────────────────────────────────────────────┐
 *            │          succeeded ◀──── 2xx ────┐                         ▼
 *     ──▶ pending ───── claim ───────▶ processing ── attempts used up ─▶ failed
 *          ▲ ▲ ▲                        │  ▲  │                          ▲ │
 *          │ │ └─ interrupted, parked ──┘  │  └─ fails, more to come     │ │
 *          │ │                             │        ▼                    │ │
 *          │ └──── send now ──── retrying ◀┼────────┘                    │ │
 *          │                      │   └────┘ claim when due              │ │
 *          │                      └──── cancel, destination deleted ─────┘ │
 *          └──────────────────────────── manual retry ────────────────────┘
 *
 * @see product.md, Deliveries
 */

type Common = Omit<DeliveryIn<'pending'>, 'status'>

/** What is kept of an attempt beside its own record. */
export type Ended = Pick<Delivery, 'responseStatus' | 'durationMs'>

/** What a delivery has in every state. Field by field: a rest pattern takes ten times as long. */
function common(delivery: Delivery, now: number): Common {
  return {
    id: delivery.id,
    eventId: delivery.eventId,
    eventType: delivery.eventType,
    workspaceId: delivery.workspaceId,
    destinationId: delivery.destinationId,
    destinationName: delivery.destinationName,
    subscriptionId: delivery.subscriptionId,
    origin: delivery.origin,
    source: delivery.source,
    replayId: delivery.replayId,
    replayMode: delivery.replayMode,
    notBefore: delivery.notBefore,
    providerDeliveryId: delivery.providerDeliveryId,
    createdAt: delivery.createdAt,
    updatedAt: now,
    attemptCount: delivery.attemptCount,
    policyAttempts: delivery.policyAttempts,
    responseStatus: delivery.responseStatus,
    durationMs: delivery.durationMs,
    lastFailure: delivery.lastFailure,
  }
}

function expectStatus(delivery: Delivery, move: string, ...allowed: Delivery['status'][]): void {
  if (!allowed.includes(delivery.status)) throw new Error(`a ${delivery.status} delivery can't be ${move}`)
}

/** pending | retrying → processing */
export function claimed(delivery: Delivery, now: number): DeliveryIn<'processing'> {
  expectStatus(delivery, 'claimed', 'pending', 'retrying')
  return { ...common(delivery, now), status: 'processing' }
}

/** processing → succeeded: the receiver answered 2xx */
export function succeeded(delivery: Delivery, now: number, ended: Ended): DeliveryIn<'succeeded'> {
  expectStatus(delivery, 'succeeded', 'processing')
  return { ...counted(delivery, now, ended), lastFailure: null, status: 'succeeded' }
}

/** processing → retrying: another attempt follows at `nextAttemptAt` */
export function retrying(
  delivery: Delivery,
  now: number,
  failure: Failure,
  ended: Ended,
  nextAttemptAt: number,
): DeliveryIn<'retrying'> {
  expectStatus(delivery, 'put off', 'processing')
  return {
    ...counted(delivery, now, ended),
    lastFailure: failure,
    status: 'retrying',
    nextAttemptAt,
  }
}

/** processing → failed: the attempts are used up */
export function exhausted(
  delivery: Delivery,
  now: number,
  failure: Failure,
  ended: Ended,
): DeliveryIn<'failed'> {
  expectStatus(delivery, 'given up', 'processing')
  return {
    ...counted(delivery, now, ended),
    lastFailure: failure,
    status: 'failed',
    reason: failure,
  }
}

/** processing → failed: it can't be rendered; there is no attempt */
export function unrenderable(delivery: Delivery, now: number, failure: Failure): DeliveryIn<'failed'> {
  expectStatus(delivery, 'refused', 'processing')
  return { ...common(delivery, now), lastFailure: failure, status: 'failed', reason: failure }
}

/** processing → pending: a crash or a shutdown came between; an attempt that doesn't count against the policy */
export function interrupted(delivery: Delivery, now: number, failure: Failure): DeliveryIn<'pending'> {
  expectStatus(delivery, 'interrupted', 'processing')
  return {
    ...common(delivery, now),
    attemptCount: delivery.attemptCount + 1,
    // Of this attempt no answer is known; an older one's would be taken for it.
    responseStatus: null,
    durationMs: null,
    lastFailure: failure,
    status: 'pending',
  }
}

/** retrying → pending: send now */
export function hurried(delivery: Delivery, now: number): DeliveryIn<'pending'> {
  expectStatus(delivery, 'sent now', 'retrying')
  return { ...common(delivery, now), notBefore: null, status: 'pending' }
}

/** failed → pending: a manual retry goes on counting attempts and starts the policy afresh */
export function retried(delivery: Delivery, now: number): DeliveryIn<'pending'> {
  expectStatus(delivery, 'retried', 'failed')
  return { ...common(delivery, now), notBefore: null, policyAttempts: 0, status: 'pending' }
}

/** pending | retrying → failed: cancelled by the user, or the destination is gone */
export function abandoned(delivery: Delivery, now: number, reason: Failure): DeliveryIn<'failed'> {
  expectStatus(delivery, 'abandoned', 'pending', 'retrying')
  return { ...common(delivery, now), status: 'failed', reason }
}

function counted(delivery: Delivery, now: number, ended: Ended): Common {
  return {
    ...common(delivery, now),
    attemptCount: delivery.attemptCount + 1,
    policyAttempts: delivery.policyAttempts + 1,
    responseStatus: ended.responseStatus,
    durationMs: ended.durationMs,
  }
}

import type { CaptureId, DeliveryId, EventId } from '../../src-shared/model/ids.ts'
import type { Change, HistoryKind, Store } from './store.ts'
import type { EngineContext } from './use-cases/context.ts'
import { idempotentForMs } from './use-cases/idempotency.ts'

/**
 * Removes the oldest history beyond the limits: by age, by count, by size. Pinned captures and deliveries that have
 * not ended stay.
 *
 * @see product.md, Limits and retention
 */
export async function applyRetention(
  context: EngineContext,
  stopping?: AbortSignal,
): Promise<{ deliveries: number; captures: number }> {
  const { store, clock } = context
  const remover: Remover = { store, stopping }
  const settings = store.settings()
  const before = clock.now() - settings.max_age_days * 86_400_000
  const removed = {
    deliveries: await removeOldest(remover, 'deliveries', { before }),
    captures: await removeOldest(remover, 'captures', { before }),
  }
  removed.deliveries += await removeBeyond(remover, 'deliveries', settings.max_deliveries)
  removed.captures += await removeBeyond(remover, 'captures', settings.max_captures)
  // Events that nobody was subscribed to: the others go with their last delivery.
  await removeOldest(remover, 'events', { before })
  await removeBeyond(remover, 'events', settings.max_deliveries)
  for (const { id, retention } of store.endpoints.list()) {
    if (retention === null) continue
    if (retention.max_age_days !== null) {
      const endpointBefore = clock.now() - retention.max_age_days * 86_400_000
      removed.captures += await removeOldest(remover, 'captures', { before: endpointBefore, endpointId: id })
    }
    if (retention.max_captures !== null) {
      const excess = (await store.count('captures', id)) - retention.max_captures
      removed.captures += await removeOldest(remover, 'captures', { endpointId: id }, Math.max(0, excess))
    }
  }
  await removeForSize(remover, removed)
  await store.commit([{ kind: 'idempotent-answer.expire', before: clock.now() - idempotentForMs }])
  return removed
}

const batch = 200

interface Remover {
  readonly store: Store
  readonly stopping: AbortSignal | undefined
}

async function removeBeyond(remover: Remover, kind: HistoryKind, most: number): Promise<number> {
  const excess = (await remover.store.count(kind)) - most
  return excess > 0 ? removeOldest(remover, kind, {}, excess) : 0
}

/** Removes up to `most` of the oldest, a batch at a time, so that other work goes on in between. */
async function removeOldest(
  { store, stopping }: Remover,
  kind: HistoryKind,
  filter: Parameters<Store['oldest']>[2],
  most = Number.MAX_SAFE_INTEGER,
): Promise<number> {
  let removed = 0
  for (;;) {
    if (removed >= most || stopping?.aborted === true) return removed
    const ids = await store.oldest(kind, Math.min(batch, most - removed), filter)
    if (ids.length === 0) return removed
    await store.commit(ids.map((id) => removalOf(kind, id)))
    removed += ids.length
  }
}

function removalOf(kind: HistoryKind, id: string): Change {
  switch (kind) {
    case 'deliveries':
      return { kind: 'delivery.delete', id: id as DeliveryId }
    case 'captures':
      return { kind: 'capture.delete', id: id as CaptureId }
    case 'events':
      return { kind: 'event.delete', id: id as EventId }
  }
}

/** While the database or the bodies are too large, the oldest of both kinds go. */
async function removeForSize(
  remover: Remover,
  removed: { deliveries: number; captures: number },
): Promise<void> {
  const settings = remover.store.settings()
  for (;;) {
    const use = await remover.store.use()
    if (use.databaseBytes <= settings.max_database_bytes && use.bodiesBytes <= settings.max_bodies_bytes)
      return
    const deliveries = await removeOldest(remover, 'deliveries', {}, batch)
    const captures = await removeOldest(remover, 'captures', {}, batch)
    const events = await removeOldest(remover, 'events', {}, batch)
    if (deliveries + captures + events === 0) return
    removed.deliveries += deliveries
    removed.captures += captures
  }
}

import type { CaptureId, DeliveryId } from '../../src-shared/model/ids.ts'
import type { Change } from './store.ts'
import type { EngineContext } from './use-cases/context.ts'

/**
 * Removes the oldest history beyond the limits: by age, by count, by size. Pinned captures and deliveries that have
 * not ended stay.
 *
 * @see product.md, Limits and retention
 */
export async function applyRetention(context: EngineContext): Promise<{ deliveries: number; captures: number }> {
  const { store, clock } = context
  const settings = store.settings()
  const before = clock.now() - settings.max_age_days * 86_400_000
  const removed = {
    deliveries: await removeOldest(context, 'deliveries', { before }),
    captures: await removeOldest(context, 'captures', { before }),
  }
  removed.deliveries += await removeBeyond(context, 'deliveries', settings.max_deliveries)
  removed.captures += await removeBeyond(context, 'captures', settings.max_captures)
  for (const { id, retention } of store.endpoints.list()) {
    if (retention === null) continue
    if (retention.max_age_days !== null) {
      const endpointBefore = clock.now() - retention.max_age_days * 86_400_000
      removed.captures += await removeOldest(context, 'captures', { before: endpointBefore, endpointId: id })
    }
    if (retention.max_captures !== null) {
      const excess = (await store.count('captures', id)) - retention.max_captures
      removed.captures += await removeOldest(context, 'captures', { endpointId: id }, Math.max(0, excess))
    }
  }
  await removeForSize(context, removed)
  return removed
}

const batch = 200

async function removeBeyond(context: EngineContext, kind: 'deliveries' | 'captures', most: number): Promise<number> {
  const excess = (await context.store.count(kind)) - most
  return excess > 0 ? removeOldest(context, kind, {}, excess) : 0
}

/** Removes up to `most` of the oldest, a batch at a time, so that other work goes on in between. */
async function removeOldest(
  context: EngineContext,
  kind: 'deliveries' | 'captures',
  filter: Parameters<EngineContext['store']['oldest']>[2],
  most = Number.MAX_SAFE_INTEGER,
): Promise<number> {
  let removed = 0
  while (removed < most) {
    const ids = await context.store.oldest(kind, Math.min(batch, most - removed), filter)
    if (ids.length === 0) break
    await context.store.commit(
      ids.map(
        (id): Change =>
          kind === 'deliveries'
            ? { kind: 'delivery.delete', id: id as DeliveryId }
            : { kind: 'capture.delete', id: id as CaptureId },
      ),
    )
    removed += ids.length
  }
  return removed
}

/** While the database or the bodies are too large, the oldest of both kinds go. */
async function removeForSize(context: EngineContext, removed: { deliveries: number; captures: number }): Promise<void> {
  const settings = context.store.settings()
  for (;;) {
    const use = await context.store.use()
    if (use.databaseBytes <= settings.max_database_bytes && use.bodiesBytes <= settings.max_bodies_bytes) return
    const deliveries = await removeOldest(context, 'deliveries', {}, batch)
    const captures = await removeOldest(context, 'captures', {}, batch)
    if (deliveries + captures === 0) return
    removed.deliveries += deliveries
    removed.captures += captures
  }
}

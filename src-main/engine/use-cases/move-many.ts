import { AppError } from '../../../src-shared/errors.ts'
import { deliveryStatuses, type Delivery, type DeliveryStatus } from '../../../src-shared/model/delivery.ts'
import type { DeliveryId } from '../../../src-shared/model/ids.ts'
import { joinedRefusals, type Refusal, type RefusalReason } from '../../../src-shared/model/refusal.ts'
import type { DeliveryFilter, Page, Store } from '../store.ts'

export interface Moved {
  readonly moved: number
  readonly skipped: number
  readonly refused: Refusal[]
}

/** What matches now, a page at a time; what is made meanwhile is newer than the first page. */
export async function* matchingDeliveries(
  store: Store,
  filter: DeliveryFilter,
): AsyncGenerator<readonly Delivery[]> {
  let cursor: string | null = null
  do {
    const page: Page<Delivery> = await store.deliveries(filter, { cursor, limit: 200 })
    yield page.items
    cursor = page.nextCursor
  } while (cursor !== null)
}

/**
 * Moves all that match, and tells why some were not: of a selection by ids every one, otherwise those that changed
 * since they were found.
 * @param from the statuses that the move is for
 */
export async function moveMany(
  store: Store,
  filter: DeliveryFilter,
  from: readonly DeliveryStatus[],
  move: (id: DeliveryId) => Promise<unknown>,
): Promise<Moved> {
  const refused: Refusal[] = []
  let moved = 0
  let found = 0
  const status = (filter.status ?? deliveryStatuses).filter((each) => from.includes(each))
  const wanted = filter.ids === undefined ? { ...filter, status } : filter
  for await (const page of matchingDeliveries(store, wanted)) {
    found += page.length
    // Together, so that they share their writes.
    const outcomes = await Promise.allSettled(
      page.map(async ({ id, status: present }) => {
        if (!from.includes(present)) throw new AppError('conflict', { message: '', status: present })
        await move(id)
      }),
    )
    for (const outcome of outcomes) {
      if (outcome.status === 'fulfilled') moved += 1
      else refused.push({ reason: reasonOf(outcome.reason), count: 1 })
    }
  }
  const { ids, ...others } = filter
  const namedOnly = Object.values(others).every((value) => value === undefined)
  const gone = ids === undefined || !namedOnly ? 0 : new Set(ids).size - found
  if (gone > 0) refused.push({ reason: 'not_found', count: gone })
  return {
    moved,
    skipped: refused.reduce((sum, { count }) => sum + count, 0),
    refused: joinedRefusals(refused),
  }
}

/** @throws what is no refusal */
function reasonOf(error: unknown): RefusalReason {
  if (!(error instanceof AppError)) throw error
  if (error.code === 'delivery_not_found') return 'not_found'
  if (error.status !== 409) throw error
  const status = deliveryStatuses.find((each) => each === error.details['status'])
  return status ?? 'destination_deleted'
}

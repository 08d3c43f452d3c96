import { contract, type Handlers } from '../../../src-shared/api/contract.ts'
import type { Cancellation } from '../../../src-shared/api/operation.ts'
import type { Store } from '../store.ts'

/**
 * Answers to reads wait until what they show is on disk. The store lets reads see a change before its fsync; a user
 * who was told `succeeded` a moment before a crash must not find the delivery sent again after it.
 */
export function durableReads(handlers: Handlers, store: Pick<Store, 'durable'>): Handlers {
  const wrapped = Object.entries(handlers).map(([name, handler]) => {
    const isRead = contract[name as keyof Handlers].method === 'GET'
    // Health must answer most of all when the disk doesn't.
    if (!isRead || name === 'health.get') return [name, handler] as const
    const read = handler as (input: never, cancelled?: Cancellation) => Promise<unknown>
    const durably = async (input: never, cancelled?: Cancellation): Promise<unknown> => {
      const answer = await read(input, cancelled)
      await store.durable()
      return answer
    }
    return [name, durably] as const
  })
  return Object.fromEntries(wrapped) as unknown as Handlers
}

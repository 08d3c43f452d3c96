import { createHash } from 'node:crypto'
import { AppError } from '../../../src-shared/errors.ts'
import type { Exclusive } from '../exclusive.ts'
import type { Clock } from '../ports.ts'
import type { Change, Store } from '../store.ts'

/** The changes that keep an answer; they belong into the transaction that the answer tells of. */
export type Remember<Answer> = (answer: () => Answer) => readonly Change[]

/**
 * Lets a caller repeat a request that may or may not have arrived: under one `Idempotency-Key` it has an effect once,
 * and the answer is the first one's. Kept for a day, over restarts and crashes.
 *
 * @see https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/
 */
export interface Idempotency {
  /**
   * @param request tells what the key stands for, if there is a key
   * @param work has its effect in a transaction together with what `remember` gives
   * @throws AppError `idempotency_key_reused` for a key that came with another request
   */
  once<Answer>(
    operation: string,
    key: string | undefined,
    request: () => unknown,
    work: (remember: Remember<Answer>) => Promise<Answer>,
  ): Promise<Answer>
}

const nothingToRemember = (): readonly Change[] => []

/** How long an answer is kept. */
export const idempotentForMs = 24 * 3_600_000

export function createIdempotency(store: Store, clock: Clock, exclusive: Exclusive): Idempotency {
  return {
    once(operation, key, request, work) {
      if (key === undefined) return work(nothingToRemember)
      const requestSha256 = createHash('sha256').update(JSON.stringify(request())).digest('hex')
      return exclusive.run(`${operation} ${key}`, async () => {
        const known = await store.idempotentAnswer(operation, key)
        if (known === undefined || known.createdAt + idempotentForMs <= clock.now()) {
          return work((answer) => [
            {
              kind: 'idempotent-answer.put',
              operation,
              key,
              answer: { requestSha256, answer: answer(), createdAt: clock.now() },
            },
          ])
        }
        if (known.requestSha256 !== requestSha256) throw new AppError('idempotency_key_reused')
        await store.durable()
        return known.answer as Awaited<ReturnType<typeof work>>
      })
    },
  }
}

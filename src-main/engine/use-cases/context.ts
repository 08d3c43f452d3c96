import { invalidInput, sentenceOfFields } from '../../../src-shared/errors.ts'
import type { Background } from '../background.ts'
import type { Dispatcher } from '../dispatch/dispatcher.ts'
import type { Ids } from '../ids.ts'
import type { Clock, Random, SecretBox } from '../ports.ts'
import type { PushHub } from '../push.ts'
import type { Store } from '../store.ts'
import type { Idempotency } from './idempotency.ts'

/** What use cases work with. */
export interface EngineContext {
  readonly clock: Clock
  readonly random: Random
  readonly ids: Ids
  readonly store: Store
  readonly secrets: SecretBox
  readonly push: PushHub
  readonly background: Background
  readonly dispatcher: Dispatcher
  readonly idempotency: Idempotency
  readonly receiverUrl: () => string
}

/** An invalid field of an input. */
export function invalidField(path: string, message: string): Error {
  const fields = [{ path, message }]
  return invalidInput(sentenceOfFields(fields), fields)
}

/** The whole list as one page: for things that are few. */
export function onePage<T>(items: readonly T[]): { items: T[]; next_cursor: string | null } {
  return { items: [...items], next_cursor: null }
}

/** Only the fields that were given: `undefined` means "as it was", not "remove". */
export function given<T extends object>(input: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(input).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>
  }
}

/**
 * Where a page of the history begins: behind an id, or behind a row of a search.
 * @throws AppError `invalid_input` for what no page has given out
 */
export function historyCursor(cursor: string | undefined, searching: boolean): string | null {
  if (cursor === undefined) return null
  const known = searching ? /^-?\d{1,15}$/ : /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/
  if (!known.test(cursor)) throw invalidField('cursor', "must be a page's next_cursor, with the same filter")
  return cursor
}

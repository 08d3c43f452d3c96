import { count } from '../parts/words.ts'
import { sentenceOf } from './problem.ts'
import type { Toasts } from './toasts-store.ts'

export interface BulkWork {
  /** `contact`, `contacts`. */
  readonly of: readonly [one: string, many: string]
  /** `Deleting`, and `deleted`. */
  readonly doing: string
  readonly done: string
  readonly each: (id: string) => Promise<unknown>
}

/** Does the same with one after the other, shows how far it has come, can be cancelled, and ends with a summary. */
export type RunBulk = (ids: readonly string[], work: BulkWork) => Promise<void>

export function createRunBulk(toasts: Toasts): RunBulk {
  const { show, change, dismiss } = toasts.getState()
  return async (ids, { of: [one, many], doing, done, each }) => {
    const cancelled = new AbortController()
    const toast = show({
      text: `${doing} ${count(ids.length, one, many)} …`,
      progress: 0,
      action: ids.length > 1 ? { label: 'Cancel', run: () => cancelled.abort() } : null,
    })
    const problems: string[] = []
    let tried = 0
    for (const id of ids) {
      if (cancelled.signal.aborted) break
      try {
        await each(id)
      } catch (error) {
        problems.push(sentenceOf(error))
      }
      tried += 1
      change(toast, { progress: tried / ids.length })
    }
    dismiss(toast)
    const failed = problems.length === 0 ? '' : `; ${problems.length} failed: ${problems[0]}`
    show({
      text: `${count(tried - problems.length, one, many)} ${done}${failed}`,
      tone: problems.length === 0 ? 'plain' : 'bad',
    })
  }
}

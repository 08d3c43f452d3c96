import { createStore, type StoreApi } from 'zustand/vanilla'
import type { PushMessage } from '../../src-shared/api/push-events.ts'
import { AppError } from '../../src-shared/errors.ts'
import type { Feed } from './feed.ts'
import { sentenceOf } from './problem.ts'

/** One thing in full, kept up to date while it is shown. */
export interface DetailState<T> {
  readonly id: string | null
  readonly value: T | null
  readonly problem: string | null
  /** It was there and is no longer, or never was. */
  readonly gone: boolean
  readonly open: (id: string | null) => void
}
export type DetailStore<T> = StoreApi<DetailState<T>>

export function createDetailStore<T>(
  feed: Feed,
  read: (id: string) => Promise<T>,
  concerns: (message: PushMessage, id: string) => boolean,
): DetailStore<T> {
  let wanted = 0
  const store = createStore<DetailState<T>>((set, get) => ({
    id: null,
    value: null,
    problem: null,
    gone: false,
    open: (id) => {
      if (id === get().id) return
      set({ id, value: null, problem: null, gone: false })
      if (id !== null) void load(id)
    },
  }))
  const load = async (id: string): Promise<void> => {
    wanted += 1
    const mine = wanted
    try {
      const value = await read(id)
      if (mine === wanted && store.getState().id === id) store.setState({ value, problem: null, gone: false })
    } catch (error) {
      if (mine !== wanted || store.getState().id !== id) return
      // An id that can't be one, as a mistyped address has it, is of nothing either.
      const gone = error instanceof AppError && (error.status === 404 || error.code === 'invalid_input')
      // What was read stays on screen while the engine is away.
      if (gone || store.getState().value === null) store.setState({ problem: sentenceOf(error), gone })
    }
  }
  feed.listen((messages) => {
    const { id } = store.getState()
    if (id === null) return
    // Not asked for again: it is known not to be there.
    if (messages.some((message) => removes(message, id))) {
      wanted += 1
      store.setState({ gone: true, value: null })
    } else if (messages.some((message) => message.event === 'reset' || concerns(message, id))) void load(id)
  })
  return store
}

function removes(message: PushMessage, id: string): boolean {
  return (
    message.event === 'history' &&
    message.data.change === 'removed' &&
    message.data.ids?.some((each) => each === id) === true
  )
}

import { useCallback, useEffect, useState } from 'react'
import { useServices } from '../app/services.ts'
import { textOf } from '../stores/drafts-store.ts'

/** What a form shows of the draft that it works on. */
export interface ShownDraft {
  /** When the changes were typed that were found here; null: none were. Epoch milliseconds. */
  readonly restoredAt: number | null
  /** What is edited is no longer what the form began with. */
  readonly changedElsewhere: boolean
  /** Back to what is saved. */
  readonly discard: () => void
  /** They were saved. */
  readonly done: () => void
}

export interface FormDraft<T extends object> extends ShownDraft {
  readonly value: T
  readonly set: (change: Partial<T>) => void
}

interface State<T> {
  readonly value: T
  readonly base: string
  readonly restoredAt: number | null
}

/**
 * The values of a form, kept under `key` from the first change on until they are saved or discarded: they are there
 * again when the form is. A form that nothing was typed into follows what is saved.
 * @param key names what is edited; of a component that is there it never changes
 * @param saved what the form shows when nothing was typed
 */
export function useDraft<T extends object>(key: string, saved: T): FormDraft<T> {
  const { drafts } = useServices()
  const savedText = textOf(saved)
  const [state, setState] = useState<State<T>>(() => {
    const kept = drafts.getState().drafts.get(key)
    if (kept === undefined) return { value: saved, base: savedText, restoredAt: null }
    return { value: kept.value as T, base: kept.base, restoredAt: kept.at }
  })
  const text = textOf(state.value)
  const changed = text !== savedText && text !== state.base
  if (!changed && state.base !== savedText) setState({ value: saved, base: savedText, restoredAt: null })
  useEffect(() => {
    if (!changed) drafts.getState().discard(key)
  }, [changed, drafts, key])
  const done = useCallback(() => drafts.getState().discard(key), [drafts, key])
  return {
    value: state.value,
    restoredAt: changed ? state.restoredAt : null,
    changedElsewhere: changed && state.base !== savedText,
    set: (change) => {
      const value = { ...state.value, ...change }
      setState({ ...state, value })
      drafts.getState().keep(key, { value, base: state.base, warns: false })
    },
    discard: () => {
      done()
      setState({ value: saved, base: savedText, restoredAt: null })
    },
    done,
  }
}

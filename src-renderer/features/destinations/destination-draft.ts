import { useEffect, useMemo, useRef, useState } from 'react'
import { useForm, type UseFormReturn } from 'react-hook-form'
import { useServices } from '../../app/services.ts'
import { textOf } from '../../stores/drafts-store.ts'
import type { ShownDraft } from '../use-draft.ts'
import type { DestinationForm } from './destination-form.ts'

export interface DestinationDraft extends ShownDraft {
  readonly form: UseFormReturn<DestinationForm>
  /** The form goes on from what was saved. */
  readonly restart: (saved: DestinationForm) => void
}

/** The form of a destination, whose unsaved changes are kept like those of other forms; see `useDraft`. */
export function useDestinationDraft(key: string, saved: DestinationForm): DestinationDraft {
  const { drafts } = useServices()
  const [kept] = useState(() => drafts.getState().drafts.get(key))
  const form = useForm<DestinationForm>({ defaultValues: (kept?.value as DestinationForm) ?? saved })
  const savedText = textOf(saved)
  const base = useRef(kept?.base ?? savedText)
  const [shown, setShown] = useState({
    changed: kept !== undefined,
    base: kept?.base ?? savedText,
    restoredAt: kept?.at ?? null,
  })
  const { restart, done } = useMemo(() => {
    const discardDraft = (): void => drafts.getState().discard(key)
    return {
      done: discardDraft,
      restart: (values: DestinationForm): void => {
        base.current = textOf(values)
        setShown({ changed: false, base: base.current, restoredAt: null })
        discardDraft()
        form.reset(values)
      },
    }
  }, [drafts, key, form])
  useEffect(() => {
    const take = (): void => {
      const value = form.getValues()
      const changed = textOf(value) !== base.current
      if (changed) drafts.getState().keep(key, { value, base: base.current, warns: true })
      else drafts.getState().discard(key)
      setShown((before) => (before.changed === changed ? before : { ...before, changed }))
    }
    return form.subscribe({ formState: { values: true }, callback: take })
  }, [form, drafts, key])
  // What was saved elsewhere is shown at once, unless something was typed.
  const latest = useRef(savedText)
  useEffect(() => {
    if (latest.current === savedText) return
    latest.current = savedText
    if (!shown.changed && base.current !== savedText) restart(saved)
  }, [saved, savedText, shown.changed, restart])
  return {
    form,
    restart,
    done,
    restoredAt: shown.changed ? shown.restoredAt : null,
    changedElsewhere: shown.changed && shown.base !== savedText,
    discard: () => restart(saved),
  }
}

import { useEffect, useRef, useState, type ReactNode } from 'react'
import { Button } from '../parts/button.tsx'
import { Dialog } from '../parts/dialog.tsx'
import { Notice } from '../parts/notice.tsx'
import { nothingWrong, placeError, type Wrong } from '../stores/problem.ts'
import { DraftNotice } from './draft-notice.tsx'
import type { ShownDraft } from './use-draft.ts'

/**
 * A form in a dialog: it closes when saving worked; otherwise it says why not, each thing where it belongs. What was
 * typed is there again after an Escape or a click outside; only Cancel discards it.
 */
export function FormDialog({
  title,
  description,
  wide = false,
  action = 'Save',
  fields,
  draft,
  onSave,
  onClose,
  children,
}: {
  readonly title: string
  readonly description?: ReactNode
  readonly wide?: boolean
  readonly action?: string
  /** What the form has fields for, by their paths in the contract's input. */
  readonly fields: readonly string[]
  readonly draft: ShownDraft
  /** Rejects with what stands in the form then. */
  readonly onSave: () => Promise<void>
  readonly onClose: () => void
  readonly children: (wrong: Wrong) => ReactNode
}) {
  const [busy, setBusy] = useState(false)
  const [{ wrong, above }, setProblem] = useState(nothingWrong)
  const form = useRef<HTMLFormElement>(null)
  useEffect(() => {
    if (Object.keys(wrong).length > 0)
      form.current?.querySelector<HTMLElement>('[aria-invalid=true]')?.focus()
  }, [wrong])
  const save = async (): Promise<void> => {
    setBusy(true)
    try {
      await onSave()
      draft.done()
      onClose()
    } catch (error) {
      setProblem(placeError(error, fields))
      setBusy(false)
    }
  }
  return (
    <Dialog title={title} description={description} wide={wide} onClose={onClose}>
      <form
        ref={form}
        className="form"
        noValidate
        onSubmit={(event) => {
          event.preventDefault()
          if (!busy) void save()
        }}
      >
        <DraftNotice draft={draft} />
        {above !== null && <Notice tone="bad">{above}</Notice>}
        {children(wrong)}
        <footer className="dialog-foot">
          <Button
            onClick={() => {
              draft.done()
              onClose()
            }}
          >
            Cancel
          </Button>
          <Button look="primary" type="submit" disabled={busy}>
            {action}
          </Button>
        </footer>
      </form>
    </Dialog>
  )
}

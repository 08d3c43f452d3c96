import { useState, type ReactNode } from 'react'
import { Button } from '../parts/button.tsx'
import { Dialog } from '../parts/dialog.tsx'
import { Notice } from '../parts/notice.tsx'
import { fieldsOf, sentenceOf } from '../stores/problem.ts'

/** What is wrong with fields, by their path in the contract's input. */
export type Wrong = Readonly<Record<string, string>>

/** A form in a dialog: it closes when saving worked; otherwise it says why not and keeps what was typed. */
export function FormDialog({
  title,
  description,
  wide = false,
  action = 'Save',
  onSave,
  onClose,
  children,
}: {
  readonly title: string
  readonly description?: ReactNode
  readonly wide?: boolean
  readonly action?: string
  /** Rejects with what stands in the form then. */
  readonly onSave: () => Promise<void>
  readonly onClose: () => void
  readonly children: ReactNode | ((wrong: Wrong) => ReactNode)
}) {
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<string | null>(null)
  const [wrong, setWrong] = useState<Wrong>({})
  const save = async (): Promise<void> => {
    setBusy(true)
    try {
      await onSave()
      onClose()
    } catch (error) {
      setWrong(Object.fromEntries(fieldsOf(error).map(({ path, message }) => [path, message])))
      setProblem(sentenceOf(error))
      setBusy(false)
    }
  }
  return (
    <Dialog title={title} description={description} wide={wide} onClose={onClose}>
      <form
        className="form"
        noValidate
        onSubmit={(event) => {
          event.preventDefault()
          if (!busy) void save()
        }}
      >
        {problem !== null && <Notice tone="bad">{problem}</Notice>}
        {typeof children === 'function' ? children(wrong) : children}
        <footer className="dialog-foot">
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" type="submit" disabled={busy}>
            {action}
          </Button>
        </footer>
      </form>
    </Dialog>
  )
}

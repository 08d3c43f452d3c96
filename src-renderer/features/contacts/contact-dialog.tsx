import { useState } from 'react'
import { useLocation } from 'wouter'
import type { Contact } from '../../../src-shared/model/contact.ts'
import type { JsonObject } from '../../../src-shared/model/json.ts'
import { useServices, useWorkspace } from '../../app/services.ts'
import { Button } from '../../parts/button.tsx'
import { Dialog } from '../../parts/dialog.tsx'
import { CheckField, TextField } from '../../parts/field.tsx'
import { Editor } from '../../parts/lazy-editor.tsx'
import { Notice } from '../../parts/notice.tsx'
import { visible } from '../../parts/words.ts'
import { sentenceOf } from '../../stores/problem.ts'
import { raised } from './raised.ts'

const freshAttributes = { email: 'person@example.com', first_name: '' }

/** Making or changing a contact. Saving raises the event; a save that changes nothing raises none. */
export function ContactDialog({
  contact,
  onClose,
}: {
  readonly contact: Contact | null
  readonly onClose: () => void
}) {
  const { call, toasts } = useServices()
  const { workspace } = useWorkspace()
  const [, go] = useLocation()
  const [id, setId] = useState('')
  const [text, setText] = useState(JSON.stringify(contact?.attributes ?? freshAttributes, null, 2))
  const [subscribed, setSubscribed] = useState(contact?.subscribed ?? true)
  const [problem, setProblem] = useState<string | null>(null)
  const save = async (): Promise<void> => {
    if (workspace === null) return
    try {
      const attributes = attributesOf(text)
      const fields = { attributes, subscribed, workspace_id: workspace.id }
      const done =
        contact === null
          ? await call('contacts.create', { ...fields, ...(id === '' ? {} : { _id: id }) })
          : await call('contacts.change', { ...fields, id: contact._id })
      onClose()
      raised(toasts, go, done)
    } catch (error) {
      setProblem(error instanceof SyntaxError ? 'The attributes are no JSON object yet.' : sentenceOf(error))
    }
  }
  return (
    <Dialog title={contact === null ? 'New contact' : `Edit ${visible(contact._id)}`} onClose={onClose} wide>
      <form
        className="form"
        onSubmit={(event) => {
          event.preventDefault()
          void save()
        }}
      >
        {problem !== null && <Notice tone="bad">{problem}</Notice>}
        {contact === null && (
          <TextField
            label="Id"
            help="Leave it empty to have one made."
            className="input mono"
            value={id}
            onChange={(event) => setId(event.target.value)}
          />
        )}
        <div className="field">
          <span className="label">Attributes</span>
          <div className="dialog-editor">
            <Editor label="Attributes" language="json" value={text} onChange={setText} />
          </div>
        </div>
        <CheckField
          label="Subscribed"
          checked={subscribed}
          onChange={(event) => setSubscribed(event.target.checked)}
        />
        <footer className="dialog-foot">
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" type="submit">
            Save
          </Button>
        </footer>
      </form>
    </Dialog>
  )
}

/** @throws SyntaxError */
function attributesOf(text: string): JsonObject {
  const value: unknown = JSON.parse(text)
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new SyntaxError('no object')
  return value as JsonObject
}

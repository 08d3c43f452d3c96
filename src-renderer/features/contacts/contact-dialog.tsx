import { useState } from 'react'
import { useLocation } from 'wouter'
import { invalidInput } from '../../../src-shared/errors.ts'
import type { Contact } from '../../../src-shared/model/contact.ts'
import type { JsonObject } from '../../../src-shared/model/json.ts'
import { useServices, useWorkspace } from '../../app/services.ts'
import { CheckField, TextField } from '../../parts/field.tsx'
import { parseObject } from '../../parts/json-text.ts'
import { Editor } from '../../parts/lazy-editor.tsx'
import { visible } from '../../parts/words.ts'
import { FormDialog } from '../form-dialog.tsx'
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
  const save = async (): Promise<void> => {
    if (workspace === null) return
    const fields = { attributes: attributesOf(text), subscribed, workspace_id: workspace.id }
    const done =
      contact === null
        ? await call('contacts.create', { ...fields, ...(id === '' ? {} : { _id: id }) })
        : await call('contacts.change', { ...fields, id: contact._id })
    raised(toasts, go, done)
  }
  return (
    <FormDialog
      title={contact === null ? 'New contact' : `Edit ${visible(contact._id)}`}
      wide
      onSave={save}
      onClose={onClose}
    >
      {(wrong) => (
        <>
          {contact === null && (
            <TextField
              label="Id"
              help="Leave it empty to have one made."
              className="input mono"
              value={id}
              problem={wrong['_id']}
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
        </>
      )}
    </FormDialog>
  )
}

/** @throws AppError `invalid_input` */
function attributesOf(text: string): JsonObject {
  const value = parseObject(text)
  if (value === null) throw invalidInput('The attributes are no JSON object yet.')
  return value
}

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
import { useDraft } from '../use-draft.ts'
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
  const draft = useDraft(`contact ${workspace?.id} ${contact?._id ?? ''}`, {
    id: '',
    text: JSON.stringify(contact?.attributes ?? freshAttributes, null, 2),
    subscribed: contact?.subscribed ?? true,
  })
  const { id, text, subscribed } = draft.value
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
      fields={['_id', 'attributes']}
      draft={draft}
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
              onChange={(event) => draft.set({ id: event.target.value })}
            />
          )}
          <div className="field">
            <span className="label">Attributes</span>
            <div className="dialog-editor">
              <Editor
                label="Attributes"
                language="json"
                value={text}
                onChange={(typed) => draft.set({ text: typed })}
              />
            </div>
            {wrong['attributes'] !== undefined && <div className="problem">{wrong['attributes']}</div>}
          </div>
          <CheckField
            label="Subscribed"
            checked={subscribed}
            onChange={(event) => draft.set({ subscribed: event.target.checked })}
          />
        </>
      )}
    </FormDialog>
  )
}

/** @throws AppError `invalid_input` */
function attributesOf(text: string): JsonObject {
  const value = parseObject(text)
  if (value === null) {
    const message = 'this is no JSON object yet'
    throw invalidInput(message, [{ path: 'attributes', message }])
  }
  return value
}

import { X } from 'lucide-react'
import { useState } from 'react'
import type { CaptureView } from '../../../src-shared/model/capture.ts'
import { useServices } from '../../app/services.ts'
import { Button, IconButton } from '../../parts/button.tsx'
import { Field, TextField } from '../../parts/field.tsx'
import { DraftNotice } from '../draft-notice.tsx'
import { useDraft } from '../use-draft.ts'

/** Tags and note of a capture. */
export function Marks({ capture }: { readonly capture: CaptureView }) {
  return (
    <div className="form marks">
      <Tags capture={capture} />
      <Note capture={capture} />
    </div>
  )
}

function Tags({ capture: { id, tags } }: { readonly capture: CaptureView }) {
  const { history } = useServices()
  const [tag, setTag] = useState('')
  const add = (): void => {
    const name = tag.trim()
    if (name === '' || tags.includes(name)) return
    void history.mark(id, { tags: [...tags, name] })
    setTag('')
  }
  return (
    <>
      {tags.length > 0 && (
        <ul className="tags" aria-label="Tags">
          {tags.map((each) => (
            <li key={each} className="tag">
              {each}
              <IconButton
                label={`Remove the tag ${each}`}
                onClick={() => void history.mark(id, { tags: tags.filter((other) => other !== each) })}
              >
                <X size={12} aria-hidden="true" />
              </IconButton>
            </li>
          ))}
        </ul>
      )}
      <form
        className="inline-form"
        onSubmit={(event) => {
          event.preventDefault()
          add()
        }}
      >
        <TextField
          label="New tag"
          value={tag}
          maxLength={100}
          onChange={(event) => setTag(event.target.value)}
        />
        <Button type="submit" disabled={tag.trim() === ''}>
          Add
        </Button>
      </form>
    </>
  )
}

function Note({ capture }: { readonly capture: CaptureView }) {
  const { history } = useServices()
  const draft = useDraft(`note ${capture.id}`, { note: capture.note })
  const { note } = draft.value
  return (
    <>
      <DraftNotice draft={draft} />
      <Field label="Note">
        {(control) => (
          <textarea
            className="input"
            rows={6}
            maxLength={10_000}
            value={note}
            onChange={(event) => draft.set({ note: event.target.value })}
            {...control}
          />
        )}
      </Field>
      <div className="actions">
        <Button
          look="primary"
          disabled={note === capture.note}
          onClick={() => void history.mark(capture.id, { note })}
        >
          Save the note
        </Button>
      </div>
    </>
  )
}

import { Redo2 } from 'lucide-react'
import { useState } from 'react'
import { useCommands } from '../../app/keyboard.ts'
import type { RequestFormat } from '../../../src-shared/api/contract/transfer.ts'
import { useServices } from '../../app/services.ts'
import { Button } from '../../parts/button.tsx'
import { writeClipboard } from '../../parts/clipboard.ts'
import { SelectField } from '../../parts/field.tsx'
import { saveFile } from '../../parts/save-file.ts'
import { sentenceOf } from '../../stores/problem.ts'
import type { HistoryKind } from '../../stores/history-actions.ts'
import { ActionMenu } from '../action-menu.tsx'
import { FormDialog } from '../form-dialog.tsx'
import { useDraft } from '../use-draft.ts'
import { ReplayDialog } from './replay-dialog.tsx'

/** The button that opens the replay of these. */
export function ReplayButton({
  of,
  ids,
  hint,
}: {
  readonly of: HistoryKind
  readonly ids: readonly string[]
  /** The key, where it has one. */
  readonly hint?: string
}) {
  const [open, setOpen] = useState(false)
  useCommands(
    hint === undefined
      ? []
      : [{ id: `replay ${of}`, label: 'Replay this', group: 'Replay', key: hint, run: () => setOpen(true) }],
  )
  return (
    <>
      <Button
        icon={<Redo2 size={14} aria-hidden="true" />}
        {...(hint === undefined ? {} : { hint })}
        onClick={() => setOpen(true)}
      >
        Replay
      </Button>
      {open && <ReplayDialog of={of} ids={ids} onClose={() => setOpen(false)} />}
    </>
  )
}

/** A request for other programs: copied as cURL, or saved. Secrets and signatures are masked, unless they are wanted. */
export function ExportMenu({ of, id }: { readonly of: HistoryKind; readonly id: string }) {
  const { toasts } = useServices()
  const [withSecrets, setWithSecrets] = useState(false)
  const read = useRequestExport(of, id)
  const told = (work: Promise<void>): void => {
    work.catch((error: unknown) => toasts.getState().show({ text: sentenceOf(error), tone: 'bad' }))
  }
  const copy = (): void =>
    told(
      read('curl').then(async ({ bytes }) => {
        await writeClipboard(new TextDecoder().decode(bytes))
        toasts.getState().show({ text: 'Copied as cURL; signatures and secrets are masked' })
      }),
    )
  const save = (format: RequestFormat): void =>
    told(
      read(format).then((content) => {
        saveFile(content, `request.${format}`)
        toasts.getState().show({ text: 'Saved; signatures and secrets are masked' })
      }),
    )
  return (
    <>
      {withSecrets && <ExportWithSecrets of={of} id={id} onClose={() => setWithSecrets(false)} />}
      <ActionMenu
        label="More"
        group="Export"
        items={[
          { label: 'Copy as cURL', key: 'c', run: copy },
          { label: 'Save as raw HTTP', run: () => save('http') },
          { label: 'Save as .http file', run: () => save('http-file') },
          { label: 'Save as HAR', run: () => save('har') },
          { label: 'Save as Postman collection', run: () => save('postman') },
          { label: 'Save with secrets …', run: () => setWithSecrets(true) },
        ]}
      />
    </>
  )
}

function useRequestExport(of: HistoryKind, id: string) {
  const { call } = useServices()
  return (format: RequestFormat, withSecrets = false) => {
    const input = { id, format, include_secrets: withSecrets }
    return of === 'captures' ? call('captures.export', input) : call('deliveries.export', input)
  }
}

const formatNames: Readonly<Record<RequestFormat, string>> = {
  curl: 'cURL command',
  http: 'raw HTTP',
  'http-file': '.http file',
  har: 'HAR',
  postman: 'Postman collection',
}

/** Asks before secrets leave Hookbench. */
function ExportWithSecrets({
  of,
  id,
  onClose,
}: {
  readonly of: HistoryKind
  readonly id: string
  readonly onClose: () => void
}) {
  const read = useRequestExport(of, id)
  const draft = useDraft<{ readonly format: RequestFormat }>(`export of ${id}`, { format: 'curl' })
  const save = async (): Promise<void> => {
    const { format } = draft.value
    saveFile(await read(format, true), `request.${format}`)
  }
  return (
    <FormDialog
      title="Save with secrets"
      description="The file holds signatures, credentials and secrets as they were sent: whoever has it can use them."
      fields={['format']}
      draft={draft}
      onSave={save}
      onClose={onClose}
    >
      {(wrong) => (
        <SelectField
          label="Format"
          value={draft.value.format}
          problem={wrong['format']}
          onChange={(event) => draft.set({ format: event.target.value as RequestFormat })}
        >
          {Object.entries(formatNames).map(([format, name]) => (
            <option key={format} value={format}>
              {name}
            </option>
          ))}
        </SelectField>
      )}
    </FormDialog>
  )
}

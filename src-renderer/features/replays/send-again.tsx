import { Redo2 } from 'lucide-react'
import { useState } from 'react'
import { useCommands } from '../../app/keyboard.ts'
import type { RequestFormat } from '../../../src-shared/api/contract/transfer.ts'
import { useServices } from '../../app/services.ts'
import { Button } from '../../parts/button.tsx'
import { writeClipboard } from '../../parts/clipboard.ts'
import { saveFile } from '../../parts/save-file.ts'
import { sentenceOf } from '../../stores/problem.ts'
import type { HistoryKind } from '../../stores/history-actions.ts'
import { ActionMenu } from '../action-menu.tsx'
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

/** A request for other programs: copied as cURL, or saved. Secrets and signatures are masked. */
export function ExportMenu({ of, id }: { readonly of: HistoryKind; readonly id: string }) {
  const { call, toasts } = useServices()
  const read = (format: RequestFormat) =>
    of === 'captures' ? call('captures.export', { id, format }) : call('deliveries.export', { id, format })
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
    told(read(format).then((content) => saveFile(content, `request.${format}`)))
  return (
    <ActionMenu
      label="More"
      group="Export"
      items={[
        { label: 'Copy as cURL', key: 'c', run: copy },
        { label: 'Save as raw HTTP', run: () => save('http') },
        { label: 'Save as .http file', run: () => save('http-file') },
        { label: 'Save as HAR', run: () => save('har') },
        { label: 'Save as Postman collection', run: () => save('postman') },
      ]}
    />
  )
}

import { useLocation } from 'wouter'
import { useStore } from 'zustand'
import { address } from '../../app/location.ts'
import { useServices } from '../../app/services.ts'
import { CheckField, SelectField, TextField } from '../../parts/field.tsx'
import { count } from '../../parts/words.ts'
import type { HistoryKind } from '../../stores/history-actions.ts'
import type { ReplayInput } from '../../stores/replay-actions.ts'
import type { Wrong } from '../../stores/problem.ts'
import { FormDialog } from '../form-dialog.tsx'
import { useDraft } from '../use-draft.ts'

interface Form {
  /** A destination's id; '' is a URL. */
  readonly destination: string
  readonly url: string
  readonly mode: ReplayInput['mode']
  readonly secret: string
  readonly newId: boolean
  readonly pace: 'fast' | 'rate' | 'recorded'
  readonly rate: number
}

const emptyForm: Form = {
  destination: '',
  url: '',
  mode: 'exact',
  secret: '',
  newId: false,
  pace: 'fast',
  rate: 5,
}

function inputOf(form: Form, of: HistoryKind, ids: readonly string[]): ReplayInput {
  // Ids begin with their time: in the order in which they came.
  const inOrder = [...ids].sort()
  return {
    ...(of === 'captures' ? { capture_ids: inOrder } : { delivery_ids: inOrder }),
    to: form.destination === '' ? { url: form.url.trim() } : { destination_id: form.destination },
    mode: form.mode,
    ...(form.mode === 'resigned' && form.secret !== '' ? { secret: form.secret } : {}),
    ...(form.mode === 'resigned' && form.newId ? { new_id: true } : {}),
    ...(form.pace === 'rate' ? { rate: form.rate } : {}),
    ...(form.pace === 'recorded' ? { as_recorded: true } : {}),
  }
}

/** Where requests go again, and whether as they were or freshly signed. */
export function ReplayDialog({
  of,
  ids,
  onClose,
}: {
  readonly of: HistoryKind
  readonly ids: readonly string[]
  readonly onClose: () => void
}) {
  const { startReplay } = useServices()
  const [, go] = useLocation()
  const draft = useDraft(`replay ${of} ${ids.join(' ')}`, emptyForm)
  const { value: form, set } = draft
  return (
    <FormDialog
      title={`Replay ${count(ids.length, of === 'captures' ? 'capture' : 'delivery', of)}`}
      description="Host, Content-Length and the headers of the connection are made anew, Expect is dropped; everything else is sent as it was."
      action="Replay"
      fields={['to.url', 'to', 'mode', 'secret', 'rate']}
      draft={draft}
      onSave={() => startReplay(inputOf(form, of, ids), (replay) => go(address('/deliveries', { replay })))}
      onClose={onClose}
    >
      {(wrong) => (
        <>
          <Target form={form} set={set} wrong={wrong} />
          <Signature form={form} set={set} wrong={wrong} />
          {ids.length > 1 && <Pace form={form} set={set} wrong={wrong} />}
        </>
      )}
    </FormDialog>
  )
}

interface PartProps {
  readonly form: Form
  readonly set: (change: Partial<Form>) => void
  readonly wrong: Wrong
}

function Target({ form, set, wrong }: PartProps) {
  const { configuration } = useServices()
  const destinations = useStore(configuration, (state) => state.destinations)
  return (
    <>
      <SelectField
        label="To"
        value={form.destination}
        problem={wrong['to']}
        onChange={(event) => set({ destination: event.target.value })}
      >
        <option value="">a URL</option>
        {destinations.map(({ id, name }) => (
          <option key={id} value={id}>
            {name}
          </option>
        ))}
      </SelectField>
      {form.destination === '' && (
        <TextField
          label="URL"
          className="input mono"
          placeholder="http://127.0.0.1:3000/webhooks"
          value={form.url}
          problem={wrong['to.url']}
          onChange={(event) => set({ url: event.target.value })}
        />
      )}
    </>
  )
}

function Signature({ form, set, wrong }: PartProps) {
  return (
    <>
      <SelectField
        label="Signature"
        value={form.mode}
        problem={wrong['mode']}
        onChange={(event) => set({ mode: event.target.value as Form['mode'] })}
      >
        <option value="exact">exactly as it was</option>
        <option value="resigned">signed anew, with a fresh timestamp</option>
      </SelectField>
      {form.mode === 'resigned' && (
        <>
          <TextField
            label="Secret"
            className="input mono"
            help="Leave it empty to sign with the destination's, the endpoint's or the source's own."
            value={form.secret}
            problem={wrong['secret']}
            onChange={(event) => set({ secret: event.target.value })}
          />
          <CheckField
            label="A fresh delivery id"
            help="Otherwise the receiver sees the same delivery again."
            checked={form.newId}
            onChange={(event) => set({ newId: event.target.checked })}
          />
        </>
      )}
    </>
  )
}

function Pace({ form, set, wrong }: PartProps) {
  return (
    <div className="field-row">
      <SelectField
        label="Pace"
        value={form.pace}
        onChange={(event) => set({ pace: event.target.value as Form['pace'] })}
      >
        <option value="fast">as fast as possible</option>
        <option value="rate">so many a second</option>
        <option value="recorded">as recorded</option>
      </SelectField>
      {form.pace === 'rate' && (
        <TextField
          label="Requests per second"
          type="number"
          step="any"
          value={form.rate}
          problem={wrong['rate']}
          onChange={(event) => set({ rate: event.target.valueAsNumber })}
        />
      )}
    </div>
  )
}

import { useEffect, useMemo, useState } from 'react'
import { useWatch, type UseFormReturn } from 'react-hook-form'
import { useStore } from 'zustand'
import type { DestinationView } from '../../../src-shared/model/destination.ts'
import type { EventView } from '../../../src-shared/model/event.ts'
import type { JsonObject } from '../../../src-shared/model/json.ts'
import { useServices, useWorkspace } from '../../app/services.ts'
import { SelectField } from '../../parts/field.tsx'
import { HeadersTable } from '../../parts/headers-table.tsx'
import { indentJson } from '../../parts/json-text.ts'
import { LineView } from '../../parts/line-view.tsx'
import { Notice } from '../../parts/notice.tsx'
import { exact, visible } from '../../parts/words.ts'
import { useSample } from '../use-sample.ts'
import type { DestinationForm } from './destination-form.ts'
import { previewTemplates } from './template-preview.ts'

/** What the form's templates make of a sample event, while one types. */
export function DestinationPreview({
  form,
  destination,
}: {
  readonly form: UseFormReturn<DestinationForm>
  readonly destination: DestinationView | null
}) {
  const { provider } = useWorkspace()
  const [choice, setChoice] = useState<string | null>(null)
  const past = usePastEvents()
  const event = past.find(({ id }) => id === choice)
  const type = event?.type ?? choice ?? provider?.events[0]?.type ?? null
  const sample = useSample(provider?.id ?? null, type)
  const payload = event?.payload ?? sample.payload
  const problem = event === undefined ? sample.problem : null
  const preview = usePreview(form, destination, payload)
  const body = preview.body ?? JSON.stringify(payload)
  const pretty = indentJson(body)
  return (
    <section className="card">
      <header className="card-head">
        <h2>What it sends</h2>
      </header>
      <div className="pad form">
        <EventChoice value={event?.id ?? type ?? ''} past={past} onChange={setChoice} />
        {problem !== null && <Notice tone="bad">{problem}</Notice>}
        {preview.errors.map(({ field, message }) => (
          <Notice key={field} tone="bad">
            <span className="mono">{field}</span>: {visible(message)}
          </Notice>
        ))}
        {preview.warnings.map((warning) => (
          <Notice key={warning} tone="warn">
            {visible(warning)}
          </Notice>
        ))}
      </div>
      <p className="request-line mono">
        <strong>{preview.method}</strong> <bdi>{visible(preview.url)}</bdi>
      </p>
      {preview.headers.length > 0 && (
        <HeadersTable headers={preview.headers.map(([name, value]) => [name, value])} label="Own headers" />
      )}
      <p className="help pad">The provider&apos;s own headers and the signature are added when it is sent.</p>
      <div className="preview-body">
        <LineView text={pretty ?? body} json={pretty !== null} label="Body" mostLines={24} />
      </div>
    </section>
  )
}

function EventChoice({
  value,
  past,
  onChange,
}: {
  /** An event's id, or the type of a sample. */
  readonly value: string
  readonly past: readonly EventView[]
  readonly onChange: (value: string) => void
}) {
  const { provider } = useWorkspace()
  return (
    <SelectField label="For the event" value={value} onChange={(event) => onChange(event.target.value)}>
      <optgroup label="Samples">
        {(provider?.events ?? []).map(({ type }) => (
          <option key={type}>{type}</option>
        ))}
      </optgroup>
      {past.length > 0 && (
        <optgroup label="That happened lately">
          {past.map(({ id, type, occurred_at: at }) => (
            <option key={id} value={id}>
              {visible(type)}, {exact(at)}
            </option>
          ))}
        </optgroup>
      )}
    </SelectField>
  )
}

const mostPast = 10

/** The latest events of the workspace, as they were when the editor was opened. */
function usePastEvents(): readonly EventView[] {
  const { call } = useServices()
  const { workspace } = useWorkspace()
  const [events, setEvents] = useState<readonly EventView[]>([])
  const id = workspace?.id
  useEffect(() => {
    if (id === undefined) return
    let wanted = true
    call('events.list', { workspace: id, limit: mostPast }).then(
      ({ items }) => wanted && setEvents(items),
      // Samples are there all the same.
      () => undefined,
    )
    return () => {
      wanted = false
    }
  }, [call, id])
  return events
}

function usePreview(
  form: UseFormReturn<DestinationForm>,
  destination: DestinationView | null,
  payload: JsonObject,
) {
  const { connection } = useServices()
  const { workspace } = useWorkspace()
  const receiverUrl = useStore(connection, ({ health }) => health?.receiver.url ?? '')
  const values = useWatch({ control: form.control }) as DestinationForm
  return useMemo(() => {
    const root: JsonObject = {
      workspace: { uuid: workspace?.id ?? '', name: workspace?.name ?? '' },
      ...payload,
      delivery: { uuid: '00000000-0000-7000-8000-000000000000', event_id: 'a sample' },
      destination: { uuid: destination?.id ?? '', name: values.name },
      receiver: { url: receiverUrl },
    }
    return previewTemplates(values, root)
  }, [values, payload, receiverUrl, workspace, destination])
}

import { useMemo, useState } from 'react'
import { useWatch, type UseFormReturn } from 'react-hook-form'
import { useStore } from 'zustand'
import type { DestinationView } from '../../../src-shared/model/destination.ts'
import type { JsonObject } from '../../../src-shared/model/json.ts'
import { useServices, useWorkspace } from '../../app/services.ts'
import { SelectField } from '../../parts/field.tsx'
import { HeadersTable } from '../../parts/headers-table.tsx'
import { indentJson } from '../../parts/json-text.ts'
import { LineView } from '../../parts/line-view.tsx'
import { Notice } from '../../parts/notice.tsx'
import { visible } from '../../parts/words.ts'
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
  const [type, setType] = useState<string | null>(null)
  const chosen = type ?? provider?.events[0]?.type ?? null
  const { payload, problem } = useSample(provider?.id ?? null, chosen)
  const preview = usePreview(form, destination, payload)
  const body = preview.body ?? JSON.stringify(payload)
  const pretty = indentJson(body)
  return (
    <section className="card">
      <header className="card-head">
        <h2>What it sends</h2>
      </header>
      <div className="pad form">
        <SelectField
          label="For a sample of"
          value={chosen ?? ''}
          onChange={(event) => setType(event.target.value)}
        >
          {(provider?.events ?? []).map((event) => (
            <option key={event.type}>{event.type}</option>
          ))}
        </SelectField>
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

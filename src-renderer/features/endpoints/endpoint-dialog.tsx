import { useStore } from 'zustand'
import type { OperationInput } from '../../../src-shared/api/contract.ts'
import type { EndpointView } from '../../../src-shared/model/endpoint.ts'
import { useServices, useWorkspace } from '../../app/services.ts'
import { Field, SelectField, TextField } from '../../parts/field.tsx'
import { PairsField, type Pair } from '../../parts/pairs-field.tsx'
import type { Wrong } from '../../stores/problem.ts'
import { FormDialog } from '../form-dialog.tsx'
import { useDraft } from '../use-draft.ts'

interface Form {
  readonly name: string
  readonly slug: string
  /** `none`, `destination:ID`, `provider:ID`, `scheme:ID` */
  readonly checks: string
  readonly secret: string
  readonly status: number
  readonly headers: readonly Pair[]
  readonly body: string
  readonly maxCaptures: string
}

function formOf(endpoint: EndpointView | null): Form {
  return {
    name: endpoint?.name ?? '',
    slug: endpoint?.slug ?? '',
    checks: checksOf(endpoint),
    secret: '',
    status: endpoint?.answer.status ?? 200,
    headers: endpoint?.answer.headers ?? [],
    body: endpoint?.answer.body ?? '',
    maxCaptures: String(endpoint?.retention?.max_captures ?? ''),
  }
}

function checksOf(endpoint: EndpointView | null): string {
  if (endpoint === null) return 'none'
  if (endpoint.destination_id !== null) return `destination:${endpoint.destination_id}`
  if (endpoint.scheme_id !== null) return `scheme:${endpoint.scheme_id}`
  return endpoint.provider === null ? 'none' : `provider:${endpoint.provider}`
}

type EndpointInput = Omit<OperationInput<'endpoints.change'>, 'id'>

function inputOf(form: Form, endpoint: EndpointView | null, workspace: string | null): EndpointInput {
  const [kind, id] = form.checks.split(/:(.*)/s)
  const maxCaptures = form.maxCaptures === '' ? null : Number(form.maxCaptures)
  const maxAge = endpoint?.retention?.max_age_days ?? null
  return {
    name: form.name,
    ...(form.slug === '' || form.slug === endpoint?.slug ? {} : { slug: form.slug }),
    ...(endpoint === null ? { workspace_id: workspace } : {}),
    destination_id: kind === 'destination' ? (id ?? null) : null,
    scheme_id: kind === 'scheme' ? (id ?? null) : null,
    provider: kind === 'provider' ? (id ?? null) : null,
    ...(form.secret === '' ? {} : { secrets: [{ name: 'secret', value: form.secret }] }),
    answer: {
      status: form.status,
      headers: form.headers.map(([header, value]) => [header.trim(), value]),
      body: form.body,
    },
    retention:
      maxCaptures === null && maxAge === null ? null : { max_captures: maxCaptures, max_age_days: maxAge },
  }
}

const fields = [
  'name',
  'slug',
  'secrets',
  'answer.status',
  'answer.headers',
  'answer.body',
  'retention.max_captures',
] as const

export function EndpointDialog({
  endpoint,
  onClose,
}: {
  readonly endpoint: EndpointView | null
  readonly onClose: () => void
}) {
  const { call } = useServices()
  const { workspace } = useWorkspace()
  const draft = useDraft(`endpoint ${endpoint?.id ?? ''}`, formOf(endpoint))
  const { value: form, set } = draft
  const save = async (): Promise<void> => {
    const input = inputOf(form, endpoint, workspace?.id ?? null)
    await (endpoint === null
      ? call('endpoints.create', { ...input, name: form.name })
      : call('endpoints.change', { ...input, id: endpoint.id }))
  }
  return (
    <FormDialog
      title={endpoint === null ? 'New endpoint' : 'Edit the endpoint'}
      fields={fields}
      draft={draft}
      onSave={save}
      onClose={onClose}
    >
      {(wrong) => (
        <>
          <Identity endpoint={endpoint} form={form} set={set} wrong={wrong} />
          <Answer form={form} set={set} wrong={wrong} />
        </>
      )}
    </FormDialog>
  )
}

function ChecksField({
  value,
  onChange,
}: {
  readonly value: string
  readonly onChange: (value: string) => void
}) {
  const { configuration } = useServices()
  const { destinations, providers, schemes } = useStore(configuration)
  return (
    <SelectField
      label="Checks signatures"
      help="Following a destination, it knows its current and previous secrets. Schemes of your own are made in the settings."
      value={value}
      onChange={(event) => onChange(event.target.value)}
    >
      <option value="none">not at all</option>
      <optgroup label="Follows a destination">
        {destinations.map(({ id, name }) => (
          <option key={id} value={`destination:${id}`}>
            {name}
          </option>
        ))}
      </optgroup>
      <optgroup label="As a provider signs">
        {providers.map(({ id, name }) => (
          <option key={id} value={`provider:${id}`}>
            {name}
          </option>
        ))}
      </optgroup>
      {schemes.length > 0 && (
        <optgroup label="By a scheme of your own">
          {schemes.map(({ id, name }) => (
            <option key={id} value={`scheme:${id}`}>
              {name}
            </option>
          ))}
        </optgroup>
      )}
    </SelectField>
  )
}

interface PartProps {
  readonly form: Form
  readonly set: (change: Partial<Form>) => void
  readonly wrong: Wrong
}

function Identity({ endpoint, form, set, wrong }: PartProps & { readonly endpoint: EndpointView | null }) {
  return (
    <>
      <TextField
        label="Name"
        value={form.name}
        problem={wrong['name']}
        onChange={(event) => set({ name: event.target.value })}
      />
      {endpoint?.slug !== 'inbox' && (
        <TextField
          label="Path"
          className="input mono"
          help="What stands behind /in/. Leave it empty to have it made from the name."
          value={form.slug}
          problem={wrong['slug']}
          onChange={(event) => set({ slug: event.target.value })}
        />
      )}
      <ChecksField value={form.checks} onChange={(checks) => set({ checks })} />
      {/^(provider|scheme):/.test(form.checks) && (
        <TextField
          label="Secret"
          className="input mono"
          help={
            endpoint !== null && endpoint.secrets.length > 0
              ? 'Leave it empty to keep the one that is there.'
              : 'What was captured before is judged again with it.'
          }
          value={form.secret}
          problem={wrong['secrets']}
          onChange={(event) => set({ secret: event.target.value })}
        />
      )}
    </>
  )
}

/** By the header's place. */
function problemsOfHeaders(wrong: PartProps['wrong']): Readonly<Record<number, string>> {
  const found = Object.entries(wrong).flatMap(([path, message]) => {
    const [, place] = /^answer\.headers\.(\d+)/.exec(path) ?? []
    return place === undefined ? [] : [[Number(place), message] as const]
  })
  return Object.fromEntries(found)
}

function Answer({ form, set, wrong }: PartProps) {
  return (
    <>
      <div className="field-row">
        <TextField
          label="Answer status"
          type="number"
          min={200}
          max={599}
          value={form.status}
          problem={wrong['answer.status']}
          onChange={(event) => set({ status: event.target.valueAsNumber })}
        />
        <TextField
          label="Captures kept at most"
          type="number"
          min={1}
          placeholder="as in Settings"
          value={form.maxCaptures}
          problem={wrong['retention.max_captures']}
          onChange={(event) => set({ maxCaptures: event.target.value })}
        />
      </div>
      <PairsField
        label="Answer headers"
        one="header"
        pairs={form.headers}
        problems={problemsOfHeaders(wrong)}
        onChange={(headers) => set({ headers })}
      />
      <Field label="Answer body" problem={wrong['answer.body']}>
        {(control) => (
          <textarea
            className="input mono"
            rows={3}
            value={form.body}
            onChange={(event) => set({ body: event.target.value })}
            {...control}
          />
        )}
      </Field>
    </>
  )
}

import { Plus, X } from 'lucide-react'
import { useFieldArray, Controller, type UseFormReturn } from 'react-hook-form'
import type { DestinationView } from '../../../src-shared/model/destination.ts'
import { Button, IconButton } from '../../parts/button.tsx'
import { CheckField, SelectField, TextField } from '../../parts/field.tsx'
import { Editor } from '../../parts/lazy-editor.tsx'
import type { ProviderView } from '../../stores/configuration-store.ts'
import type { DestinationForm } from './destination-form.ts'
import { TlsFields } from './tls-fields.tsx'

interface FieldsProps {
  readonly form: UseFormReturn<DestinationForm>
  readonly destination: DestinationView | null
  readonly provider: ProviderView | null
}

/** The fields of a destination: what everybody sets first, the rest folded away. */
export function DestinationFields(props: FieldsProps) {
  const { form, destination, provider } = props
  const { register, formState } = form
  const { errors } = formState
  return (
    <>
      <TextField label="Name" problem={errors.name?.message} {...register('name')} />
      <div className="field-row">
        <SelectField label="Method" problem={errors.method?.message} {...register('method')}>
          {(provider?.methods ?? ['POST']).map((method) => (
            <option key={method}>{method}</option>
          ))}
        </SelectField>
        <TextField
          label="URL"
          className="input mono"
          help="Values like {{ contact._id }} are filled in from the event."
          problem={errors.url_template?.message}
          {...register('url_template')}
        />
      </div>
      {destination === null && <SecretFields {...props} />}
      <Pairs form={form} name="headers_template" label="Headers" problem={errors.headers_template?.message} />
      <Pairs
        form={form}
        name="query_template"
        label="Query parameters"
        problem={errors.query_template?.message}
      />
      <BodyField form={form} />
      <RetryFields {...props} />
      <LimitFields form={form} />
      <details className="more">
        <summary>Rules for the connection</summary>
        <CheckField label="Follow redirects" {...register('follow_redirects')} />
        <CheckField
          label="Strict URL rules"
          help="Refuse private and loopback addresses, as the provider does in production."
          {...register('strict_url_rules')}
        />
      </details>
      <TlsFields form={form} destination={destination} />
      <CheckField
        label="Enabled"
        help="While it is disabled, what waits is held and new events make no delivery."
        {...register('enabled')}
      />
    </>
  )
}

function SecretFields({ form, provider }: FieldsProps) {
  const kind = form.watch('secretKind')
  return (
    <div className="field-row">
      <SelectField label="Signing secret" {...form.register('secretKind')}>
        <option value="generated">make one</option>
        <option value="own">type one in</option>
        {provider?.secret_required === false && <option value="none">none</option>}
      </SelectField>
      {kind === 'own' && (
        <TextField
          label="Secret"
          className="input mono"
          help="To play a sender that is set up already."
          problem={form.formState.errors.secret?.message}
          {...form.register('secret')}
        />
      )}
    </div>
  )
}

function Pairs({
  form,
  name,
  label,
  problem,
}: {
  readonly form: UseFormReturn<DestinationForm>
  readonly name: 'headers_template' | 'query_template'
  readonly label: string
  readonly problem: string | undefined
}) {
  const { fields, append, remove } = useFieldArray({ control: form.control, name })
  const one = name === 'headers_template' ? 'header' : 'parameter'
  return (
    <fieldset className="pairs">
      <legend>{label}</legend>
      {fields.map((field, index) => (
        <div className="pair" key={field.id}>
          <input
            className="input mono"
            aria-label={`Name of ${one} ${index + 1}`}
            placeholder="Name"
            {...form.register(`${name}.${index}.name`)}
          />
          <input
            className="input mono"
            aria-label={`Value of ${one} ${index + 1}`}
            placeholder="Value or {{ template }}"
            {...form.register(`${name}.${index}.value`)}
          />
          <IconButton label={`Remove ${one} ${index + 1}`} onClick={() => remove(index)}>
            <X size={14} aria-hidden="true" />
          </IconButton>
        </div>
      ))}
      {problem !== undefined && <div className="problem">{problem}</div>}
      <Button
        look="quiet"
        icon={<Plus size={14} aria-hidden="true" />}
        onClick={() => append({ name: '', value: '' })}
      >
        Add a {one}
      </Button>
    </fieldset>
  )
}

function BodyField({ form }: { readonly form: UseFormReturn<DestinationForm> }) {
  const own = form.watch('ownBody')
  const problem = form.formState.errors.body_template?.message
  return (
    <div className="field">
      <CheckField
        label="Body of my own"
        help="Otherwise the event's payload is sent as the provider writes it."
        {...form.register('ownBody')}
      />
      {own && (
        <div className="body-template">
          <Controller
            control={form.control}
            name="body_template"
            render={({ field }) => (
              <Editor label="Body template" language="text" value={field.value} onChange={field.onChange} />
            )}
          />
        </div>
      )}
      {problem !== undefined && <div className="problem">{problem}</div>}
    </div>
  )
}

function RetryFields({ form, provider }: FieldsProps) {
  const own = form.watch('ownRetries')
  const { errors } = form.formState
  const usual = provider?.retry.delays_seconds ?? []
  return (
    <details className="more" open={own || errors.timeout_seconds !== undefined}>
      <summary>Retries and time-out</summary>
      <TextField
        label="Time-out in seconds"
        type="number"
        min={1}
        max={120}
        problem={errors.timeout_seconds?.message}
        {...form.register('timeout_seconds', { valueAsNumber: true })}
      />
      <CheckField
        label="Retry policy of my own"
        help={`The provider's: ${usual.length === 0 ? 'no retry' : `after ${usual.join(', ')} seconds`}.`}
        {...form.register('ownRetries')}
      />
      {own && (
        <div className="field-pair">
          <TextField
            label="Delays in seconds"
            help="With commas: 10, 60, 300 are three retries. Empty: none."
            problem={errors.delays?.message}
            {...form.register('delays')}
          />
          <TextField
            label="Jitter"
            type="number"
            min={0}
            max={1}
            step={0.05}
            help="0 to 1: adds up to that share of the delay."
            problem={errors.jitter?.message}
            {...form.register('jitter', { valueAsNumber: true })}
          />
        </div>
      )}
    </details>
  )
}

function LimitFields({ form }: { readonly form: UseFormReturn<DestinationForm> }) {
  const limited = form.watch('limited')
  const { errors } = form.formState
  return (
    <details className="more" open={limited || errors.concurrency !== undefined}>
      <summary>Concurrency and rate</summary>
      <TextField
        label="Requests at once"
        type="number"
        min={1}
        max={256}
        problem={errors.concurrency?.message}
        {...form.register('concurrency', { valueAsNumber: true })}
      />
      <CheckField label="Limit the rate" {...form.register('limited')} />
      {limited && (
        <div className="field-pair">
          <TextField
            label="Requests"
            type="number"
            min={1}
            problem={errors.requests?.message}
            {...form.register('requests', { valueAsNumber: true })}
          />
          <TextField
            label="in seconds"
            type="number"
            min={0.1}
            step={0.1}
            problem={errors.per_seconds?.message}
            {...form.register('per_seconds', { valueAsNumber: true })}
          />
        </div>
      )}
    </details>
  )
}

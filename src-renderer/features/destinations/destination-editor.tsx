import { useEffect, useState } from 'react'
import { useForm, type UseFormReturn } from 'react-hook-form'
import { Link, useLocation } from 'wouter'
import { contract } from '../../../src-shared/api/contract.ts'
import { parseInput } from '../../../src-shared/api/local-transport.ts'
import type { DestinationView } from '../../../src-shared/model/destination.ts'
import { useCommands } from '../../app/keyboard.ts'
import { address, useFilter } from '../../app/location.ts'
import { useServices, useWorkspace } from '../../app/services.ts'
import { Button } from '../../parts/button.tsx'
import { ScreenHead } from '../../parts/filter-bar.tsx'
import { Notice } from '../../parts/notice.tsx'
import { Status } from '../../parts/status.tsx'
import { visible } from '../../parts/words.ts'
import type { Command } from '../../stores/commands-store.ts'
import { fieldsOf, sentenceOf } from '../../stores/problem.ts'
import { DeleteDestinations, RotateSecret, type ShownSecret } from './destination-dialogs.tsx'
import { formOf, inputOf, type DestinationForm } from './destination-form.ts'
import { DestinationFields } from './destination-fields.tsx'
import { DestinationPreview } from './destination-preview.tsx'
import { ProductionChecks } from './production-checks.tsx'
import { previewTemplates } from './template-preview.ts'

export interface EditorProps {
  readonly destination: DestinationView | null
  readonly onSecret: (secret: ShownSecret) => void
}

/** The form, and beside it what it would send. */
export function DestinationEditor({ destination, onSecret }: EditorProps) {
  const { provider } = useWorkspace()
  const { query } = useFilter([])
  const form = useForm<DestinationForm>({ defaultValues: formOf(destination, provider) })
  const { problem, save, saved } = useSave(form, destination, onSecret)
  return (
    <div className="page editor-page">
      <ScreenHead title={destination === null ? 'New destination' : visible(destination.name)}>
        {destination !== null && <EditorActions destination={destination} onSecret={onSecret} />}
      </ScreenHead>
      <div className="editor-columns">
        <form
          className="form"
          noValidate
          onSubmit={(event) => {
            event.preventDefault()
            void save()
          }}
        >
          {problem !== null && <Notice tone="bad">{problem}</Notice>}
          {destination?.paused && (
            <Notice tone="warn">
              Paused: {visible(destination.paused.reason)} What waits goes on when you resume it.
            </Notice>
          )}
          <DestinationFields form={form} destination={destination} provider={provider} />
          <footer className="form-foot">
            <Button look="primary" type="submit" disabled={form.formState.isSubmitting}>
              {destination === null ? 'Create the destination' : 'Save'}
            </Button>
            <Link href={address('/destinations', query)} className="button">
              {destination === null ? 'Cancel' : 'Back'}
            </Link>
            {saved && <span className="good">Saved</span>}
          </footer>
        </form>
        <aside className="editor-preview" aria-label="Preview">
          <DestinationPreview form={form} destination={destination} />
          {destination !== null && <ProductionChecks checks={destination.production_checks} />}
        </aside>
      </div>
    </div>
  )
}

function useSave(
  form: UseFormReturn<DestinationForm>,
  destination: DestinationView | null,
  onSecret: (secret: ShownSecret) => void,
) {
  const { call } = useServices()
  const { workspace } = useWorkspace()
  const [, go] = useLocation()
  const [problem, setProblem] = useState<string | null>(null)
  const [saved, setSaved] = useState(false)
  useEffect(() => {
    const subscription = form.watch(() => setSaved(false))
    return () => subscription.unsubscribe()
  }, [form])
  const create = async (values: DestinationForm): Promise<void> => {
    if (workspace === null) return
    const input = { ...inputOf(values, null), workspace_id: workspace.id }
    parseInput(contract['destinations.create'].input, input)
    const made = await call('destinations.create', input)
    go('/destinations')
    if (made.secret !== null) onSecret({ destination: made, secret: made.secret })
  }
  const change = async (values: DestinationForm, { id }: DestinationView): Promise<void> => {
    const input = { ...inputOf(values, destination), id }
    parseInput(contract['destinations.change'].input, input)
    const made = await call('destinations.change', input)
    form.reset(formOf(made, null))
    setSaved(true)
  }
  const save = form.handleSubmit(async (values) => {
    setProblem(null)
    const { errors } = previewTemplates(values, {})
    for (const { field, message } of errors)
      form.setError(fieldName(field), { message }, { shouldFocus: true })
    if (errors.length > 0) return
    try {
      await (destination === null ? create(values) : change(values, destination))
    } catch (error) {
      const fields = fieldsOf(error)
      for (const { path, message } of fields)
        form.setError(fieldName(path), { message }, { shouldFocus: true })
      const shown = fields.filter(({ path }) => fieldName(path) !== 'root')
      setProblem(
        shown.length > 0 && shown.length === fields.length
          ? 'Some fields need another look.'
          : sentenceOf(error),
      )
    }
  })
  return { problem, save, saved }
}

/** The form's field for a field of the contract's input. */
function fieldName(path: string): keyof DestinationForm | 'root' {
  if (path.startsWith('retry_policy.jitter')) return 'jitter'
  if (path.startsWith('retry_policy')) return 'delays'
  if (path.startsWith('rate_limit')) return 'requests'
  const [first, second] = path.split('.')
  const tls = ['ca', 'client_certificate', 'client_key'] as const
  if (first === 'tls') return tls.find((name) => name === second) ?? 'client_certificate'
  const known = [
    'name',
    'method',
    'url_template',
    'headers_template',
    'query_template',
    'body_template',
    'timeout_seconds',
    'concurrency',
    'secret',
  ] as const
  return known.find((name) => name === first) ?? 'root'
}

function EditorActions({
  destination,
  onSecret,
}: {
  readonly destination: DestinationView
  readonly onSecret: (secret: ShownSecret) => void
}) {
  const { call, history, toasts } = useServices()
  const [, go] = useLocation()
  const [dialog, setDialog] = useState<'rotate' | 'delete' | null>(null)
  const { id, status } = destination
  const resume = (): void => {
    call('destinations.resume', { id }).catch((error: unknown) =>
      toasts.getState().show({ text: sentenceOf(error), tone: 'bad' }),
    )
  }
  const sendTest = (): void =>
    void history.sendTest(id).then((delivery) => delivery !== null && go(`/deliveries/${delivery}`))
  const command = (label: string, run: () => void, key?: string): Command => ({
    id: `destination ${label}`,
    label,
    group: 'Destination',
    run,
    ...(key === undefined ? {} : { key }),
  })
  useCommands([
    command('Send test', sendTest, 't'),
    ...(status === 'paused' ? [command('Resume', resume, 'r')] : []),
    command('Rotate secret', () => setDialog('rotate')),
    command('Delete', () => setDialog('delete'), '#'),
  ])
  return (
    <>
      <Status of={status} />
      {status === 'paused' && <Button onClick={resume}>Resume</Button>}
      <Button hint="t" onClick={sendTest}>
        Send test
      </Button>
      <Button onClick={() => setDialog('rotate')}>Rotate secret</Button>
      <Button look="danger" hint="#" onClick={() => setDialog('delete')}>
        Delete
      </Button>
      {dialog === 'rotate' && (
        <RotateSecret destination={destination} onSecret={onSecret} onClose={() => setDialog(null)} />
      )}
      {dialog === 'delete' && (
        <DeleteDestinations
          destinations={[destination]}
          onClose={() => setDialog(null)}
          onDeleted={() => go('/destinations')}
        />
      )}
    </>
  )
}

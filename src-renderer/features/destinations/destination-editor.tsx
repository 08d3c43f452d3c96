import { useEffect, useRef, useState } from 'react'
import type { UseFormReturn } from 'react-hook-form'
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
import { placeError, sentenceOf, type Wrong } from '../../stores/problem.ts'
import { DraftNotice } from '../draft-notice.tsx'
import { DeleteDestinations, RotateSecret, type ShownSecret } from './destination-dialogs.tsx'
import { useDestinationDraft, type DestinationDraft } from './destination-draft.ts'
import { formOf, inputOf, type DestinationForm } from './destination-form.ts'
import { DestinationFields } from './destination-fields.tsx'
import { DestinationPreview } from './destination-preview.tsx'
import { ProductionChecks } from './production-checks.tsx'
import { SnippetDialog } from '../snippets/snippet-dialog.tsx'
import { previewTemplates } from './template-preview.ts'

export interface EditorProps {
  readonly destination: DestinationView | null
  readonly onSecret: (secret: ShownSecret) => void
}

/** The form, and beside it what it would send. */
export function DestinationEditor({ destination, onSecret }: EditorProps) {
  const { provider, workspace } = useWorkspace()
  const { query } = useFilter([])
  const key = `destination ${destination?.id ?? `in ${workspace?.id}`}`
  const draft = useDestinationDraft(key, formOf(destination, provider))
  const { form } = draft
  const { problem, save, saved, element } = useSave(draft, destination, onSecret)
  return (
    <div className="page editor-page">
      <ScreenHead title={destination === null ? 'New destination' : visible(destination.name)}>
        {destination !== null && <EditorActions destination={destination} onSecret={onSecret} />}
      </ScreenHead>
      <div className="editor-columns">
        <form
          ref={element}
          className="form"
          noValidate
          onSubmit={(event) => {
            event.preventDefault()
            void save()
          }}
        >
          <DraftNotice draft={draft} />
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
            {destination === null ? (
              <Link href={address('/destinations', query)} className="button" onClick={draft.done}>
                Cancel
              </Link>
            ) : (
              <Link href={address('/destinations', query)} className="button">
                Back
              </Link>
            )}
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
  { form, done, restart }: DestinationDraft,
  destination: DestinationView | null,
  onSecret: (secret: ShownSecret) => void,
) {
  const { call } = useServices()
  const { workspace } = useWorkspace()
  const [, go] = useLocation()
  const [problem, setProblem] = useState<string | null>(null)
  const [saved, setSaved] = useState(false)
  const element = useRef<HTMLFormElement>(null)
  useEffect(() => {
    // What the user does, not what the form tells of: that comes after resets too, and late.
    const touch = (event: Event): void => {
      const isButton = event.target instanceof Element && event.target.closest('button[type=button]') !== null
      if (event.type === 'input' || isButton) setSaved(false)
    }
    const watched = element.current
    for (const type of ['input', 'click']) watched?.addEventListener(type, touch)
    return () => {
      for (const type of ['input', 'click']) watched?.removeEventListener(type, touch)
    }
  }, [])
  const create = async (values: DestinationForm): Promise<void> => {
    if (workspace === null) return
    const input = { ...inputOf(values, null), workspace_id: workspace.id }
    parseInput(contract['destinations.create'].input, input)
    const made = await call('destinations.create', input)
    done()
    go('/destinations')
    if (made.secret !== null) onSecret({ destination: made, secret: made.secret })
  }
  const change = async (values: DestinationForm, { id }: DestinationView): Promise<void> => {
    const input = { ...inputOf(values, destination), id }
    parseInput(contract['destinations.change'].input, input)
    const made = await call('destinations.change', input)
    restart(formOf(made, null))
    setSaved(true)
  }
  const save = form.handleSubmit(async (values) => {
    setProblem(null)
    const { errors } = previewTemplates(values, {})
    if (errors.length > 0) {
      showErrors(form, Object.fromEntries(errors.map(({ field, message }) => [field, message])))
      return
    }
    try {
      await (destination === null ? create(values) : change(values, destination))
    } catch (error) {
      const { wrong, above } = placeError(error, Object.keys(fieldNames))
      showErrors(form, wrong)
      setProblem(above)
    }
  })
  return { problem, save, saved, element }
}

/** The form's fields by the fields of the contract's input. */
const fieldNames: Readonly<Record<string, keyof DestinationForm>> = {
  name: 'name',
  method: 'method',
  url_template: 'url_template',
  headers_template: 'headers_template',
  query_template: 'query_template',
  body_template: 'body_template',
  timeout_seconds: 'timeout_seconds',
  concurrency: 'concurrency',
  'retry_policy.jitter': 'jitter',
  retry_policy: 'delays',
  'rate_limit.per_seconds': 'per_seconds',
  rate_limit: 'requests',
  'tls.ca': 'ca',
  'tls.client_key': 'client_key',
  tls: 'client_certificate',
  secret: 'secret',
}

/** The first one is gone to, once the part that it stands in is unfolded. */
function showErrors(form: UseFormReturn<DestinationForm>, wrong: Wrong): void {
  const shown = Object.entries(fieldNames).flatMap(([path, name]) => {
    const message = wrong[path]
    return message === undefined ? [] : [[name, message] as const]
  })
  for (const [name, message] of shown) form.setError(name, { message })
  const [first] = shown
  if (first !== undefined) setTimeout(() => form.setFocus(first[0]))
}

function EditorActions({
  destination,
  onSecret,
}: {
  readonly destination: DestinationView
  readonly onSecret: (secret: ShownSecret) => void
}) {
  const { call, history, toasts } = useServices()
  const { provider } = useWorkspace()
  const [, go] = useLocation()
  const [dialog, setDialog] = useState<'rotate' | 'delete' | 'code' | null>(null)
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
    command('Receiver code', () => setDialog('code')),
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
      <Button onClick={() => setDialog('code')}>Receiver code</Button>
      <Button onClick={() => setDialog('rotate')}>Rotate secret</Button>
      <Button look="danger" hint="#" onClick={() => setDialog('delete')}>
        Delete
      </Button>
      {dialog === 'rotate' && (
        <RotateSecret destination={destination} onSecret={onSecret} onClose={() => setDialog(null)} />
      )}
      {dialog === 'code' && provider !== null && (
        <SnippetDialog provider={provider} onClose={() => setDialog(null)} />
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

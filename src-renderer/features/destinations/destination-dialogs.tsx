import { useLocation } from 'wouter'
import type { DestinationView } from '../../../src-shared/model/destination.ts'
import type { DestinationId } from '../../../src-shared/model/ids.ts'
import { useServices } from '../../app/services.ts'
import { Button } from '../../parts/button.tsx'
import { CopyButton } from '../../parts/copy.tsx'
import { Confirm, Dialog } from '../../parts/dialog.tsx'
import { SelectField, TextField } from '../../parts/field.tsx'
import { count, visible } from '../../parts/words.ts'
import { sentenceOf } from '../../stores/problem.ts'
import { FormDialog } from '../form-dialog.tsx'
import { useDraft } from '../use-draft.ts'

/** A signing secret at the one moment when it can be seen. */
export interface ShownSecret {
  readonly destination: { readonly id: DestinationId; readonly name: string }
  readonly secret: string
}

/** Shows the secret once, and offers what comes next: a test. */
export function SecretDialog({
  secret: { destination, secret },
  onClose,
}: {
  readonly secret: ShownSecret
  readonly onClose: () => void
}) {
  const { history } = useServices()
  const [, go] = useLocation()
  const sendTest = (): void => {
    onClose()
    void history.sendTest(destination.id).then((id) => id !== null && go(`/deliveries/${id}`))
  }
  return (
    <Dialog
      title={`Secret of ${visible(destination.name)}`}
      description="Your receiver checks signatures with it. It is shown now and never again; afterwards only its last four characters are."
      sticky
      onClose={onClose}
    >
      <div className="secret">
        <code data-testid="secret">{secret}</code>
        <CopyButton text={secret} label="Copy the secret" />
      </div>
      <footer className="dialog-foot">
        <Button onClick={sendTest}>Send a test delivery</Button>
        <Button look="primary" onClick={onClose}>
          I have it
        </Button>
      </footer>
    </Dialog>
  )
}

/** Asks, naming what goes with them. */
export function DeleteDestinations({
  destinations,
  onClose,
  onDeleted,
}: {
  readonly destinations: readonly DestinationView[]
  readonly onClose: () => void
  readonly onDeleted?: () => void
}) {
  const { call, configuration, bulk } = useServices()
  const ids = destinations.map(({ id }) => id)
  const one = destinations.length === 1 ? destinations[0] : undefined
  const subscriptions = configuration
    .getState()
    .subscriptions.filter((each) => ids.includes(each.destination_id)).length
  const waiting = destinations.reduce((sum, each) => sum + each.waiting_deliveries, 0)
  const remove = (id: string) => call('destinations.delete', { id })
  const confirmed = async (): Promise<string | null> => {
    if (one === undefined) {
      void bulk(ids, {
        of: ['destination', 'destinations'],
        doing: 'Deleting',
        done: 'deleted',
        each: remove,
      })
      return null
    }
    return remove(one.id).then(() => {
      onDeleted?.()
      return null
    }, sentenceOf)
  }
  const [it, they] = one === undefined ? ['them', 'Their'] : ['it', 'Its']
  return (
    <Confirm
      title={`Delete ${one === undefined ? count(ids.length, 'destination', 'destinations') : visible(one.name)}?`}
      action={one === undefined ? 'Delete the destinations' : 'Delete the destination'}
      onClose={onClose}
      onConfirm={confirmed}
    >
      <p>
        {waiting === 0
          ? `No delivery waits for ${it}.`
          : `${count(waiting, 'delivery waits', 'deliveries wait')} for ${it} and will end as failed.`}{' '}
        {subscriptions > 0 && `${count(subscriptions, 'subscription goes', 'subscriptions go')} with ${it}. `}
        {they} history stays.
      </p>
    </Confirm>
  )
}

const keepChoices: readonly (readonly [string, number])[] = [
  ['at once', 0],
  ['an hour longer', 3600],
  ['a day longer', 86_400],
  ['a week longer', 604_800],
]

export function RotateSecret({
  destination,
  onSecret,
  onClose,
}: {
  readonly destination: DestinationView
  readonly onSecret: (secret: ShownSecret) => void
  readonly onClose: () => void
}) {
  const { call } = useServices()
  const draft = useDraft(`secret of ${destination.id}`, { keep: 0, own: '' })
  const { keep, own } = draft.value
  const rotate = async (): Promise<void> => {
    const { secret } = await call('destinations.rotate-secret', {
      id: destination.id,
      keep_previous_seconds: keep,
      ...(own === '' ? {} : { secret: own }),
    })
    if (secret !== null) onSecret({ destination, secret })
  }
  return (
    <FormDialog
      title={`Rotate the secret of ${visible(destination.name)}`}
      description="From now on deliveries are signed with the new secret."
      action="Rotate"
      fields={['keep_previous_seconds', 'secret']}
      draft={draft}
      onSave={rotate}
      onClose={onClose}
    >
      {(wrong) => (
        <>
          <SelectField
            label="The old secret is valid"
            help="Endpoints that follow this destination take both meanwhile."
            value={keep}
            problem={wrong['keep_previous_seconds']}
            onChange={(event) => draft.set({ keep: Number(event.target.value) })}
          >
            {keepChoices.map(([label, seconds]) => (
              <option key={seconds} value={seconds}>
                {label}
              </option>
            ))}
          </SelectField>
          <TextField
            label="New secret"
            help="Leave it empty to have one made."
            value={own}
            problem={wrong['secret']}
            onChange={(event) => draft.set({ own: event.target.value })}
          />
        </>
      )}
    </FormDialog>
  )
}

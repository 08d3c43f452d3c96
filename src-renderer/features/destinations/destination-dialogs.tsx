import { useState } from 'react'
import { useLocation } from 'wouter'
import type { DestinationView } from '../../../src-shared/model/destination.ts'
import type { DestinationId } from '../../../src-shared/model/ids.ts'
import { useServices } from '../../app/services.ts'
import { Button } from '../../parts/button.tsx'
import { CopyButton } from '../../parts/copy.tsx'
import { Confirm, Dialog } from '../../parts/dialog.tsx'
import { SelectField, TextField } from '../../parts/field.tsx'
import { Notice } from '../../parts/notice.tsx'
import { count, visible } from '../../parts/words.ts'
import { sentenceOf } from '../../stores/problem.ts'

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

export function DeleteDestination({
  destination,
  onClose,
  onDeleted,
}: {
  readonly destination: DestinationView
  readonly onClose: () => void
  readonly onDeleted?: () => void
}) {
  const { call, configuration } = useServices()
  const subscriptions = configuration
    .getState()
    .subscriptions.filter((each) => each.destination_id === destination.id).length
  const waiting = destination.waiting_deliveries
  return (
    <Confirm
      title={`Delete ${visible(destination.name)}?`}
      action="Delete the destination"
      onClose={onClose}
      onConfirm={() =>
        call('destinations.delete', { id: destination.id }).then(() => {
          onDeleted?.()
          return null
        }, sentenceOf)
      }
    >
      <p>
        {waiting === 0
          ? 'No delivery waits for it.'
          : `${count(waiting, 'delivery waits', 'deliveries wait')} for it and will end as failed.`}{' '}
        {subscriptions > 0 && `${count(subscriptions, 'subscription goes', 'subscriptions go')} with it. `}
        Its history stays.
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
  const [keep, setKeep] = useState(0)
  const [own, setOwn] = useState('')
  const [problem, setProblem] = useState<string | null>(null)
  const rotate = async (): Promise<void> => {
    try {
      const { secret } = await call('destinations.rotate-secret', {
        id: destination.id,
        keep_previous_seconds: keep,
        ...(own === '' ? {} : { secret: own }),
      })
      onClose()
      if (secret !== null) onSecret({ destination, secret })
    } catch (error) {
      setProblem(sentenceOf(error))
    }
  }
  return (
    <Dialog
      title={`Rotate the secret of ${visible(destination.name)}`}
      description="From now on deliveries are signed with the new secret."
      onClose={onClose}
    >
      {problem !== null && <Notice tone="bad">{problem}</Notice>}
      <div className="form">
        <SelectField
          label="The old secret is valid"
          help="Endpoints that follow this destination take both meanwhile."
          value={keep}
          onChange={(event) => setKeep(Number(event.target.value))}
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
          onChange={(event) => setOwn(event.target.value)}
        />
      </div>
      <footer className="dialog-foot">
        <Button onClick={onClose}>Cancel</Button>
        <Button look="primary" onClick={() => void rotate()}>
          Rotate
        </Button>
      </footer>
    </Dialog>
  )
}

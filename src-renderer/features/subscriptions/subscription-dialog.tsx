import { useState } from 'react'
import type { Subscription } from '../../../src-shared/model/subscription.ts'
import { useServices, useWorkspace } from '../../app/services.ts'
import { CheckField, SelectField, TextField } from '../../parts/field.tsx'
import { FormDialog } from '../form-dialog.tsx'

/** Which events a destination gets. */
export function SubscriptionDialog({
  subscription,
  onClose,
}: {
  readonly subscription: Subscription | null
  readonly onClose: () => void
}) {
  const { call, configuration } = useServices()
  const { workspace } = useWorkspace()
  const destinations = configuration
    .getState()
    .destinations.filter((each) => each.workspace_id === workspace?.id)
  const [name, setName] = useState(subscription?.name ?? '')
  const [destination, setDestination] = useState<string>(
    subscription?.destination_id ?? destinations[0]?.id ?? '',
  )
  const [types, setTypes] = useState<readonly string[]>(subscription?.event_types ?? ['*'])
  const save = async (): Promise<void> => {
    const fields = { event_types: [...types], ...(name.trim() === '' ? {} : { name }) }
    await (subscription === null
      ? call('subscriptions.create', { ...fields, destination_id: destination })
      : call('subscriptions.change', { ...fields, id: subscription.id }))
  }
  return (
    <FormDialog
      title={subscription === null ? 'New subscription' : 'Edit the subscription'}
      onSave={save}
      onClose={onClose}
    >
      {(wrong) => (
        <>
          <SelectField
            label="Destination"
            value={destination}
            disabled={subscription !== null}
            onChange={(event) => setDestination(event.target.value)}
          >
            {destinations.map((each) => (
              <option key={each.id} value={each.id}>
                {each.name}
              </option>
            ))}
          </SelectField>
          <TextField
            label="Name"
            help="Leave it empty to have it named by its events."
            value={name}
            problem={wrong['name']}
            onChange={(event) => setName(event.target.value)}
          />
          <EventTypes types={types} onChange={setTypes} />
        </>
      )}
    </FormDialog>
  )
}

function EventTypes({
  types,
  onChange,
}: {
  readonly types: readonly string[]
  readonly onChange: (types: readonly string[]) => void
}) {
  const { provider } = useWorkspace()
  const offered = (provider?.events ?? []).filter(({ subscribable }) => subscribable)
  const all = types.includes('*')
  return (
    <fieldset className="choices">
      <legend>Events</legend>
      <CheckField
        label="All, also those that come later"
        checked={all}
        onChange={(event) => onChange(event.target.checked ? ['*'] : [])}
      />
      {!all &&
        offered.map(({ type, description }) => (
          <CheckField
            key={type}
            label={type}
            help={description}
            checked={types.includes(type)}
            onChange={(event) =>
              onChange(event.target.checked ? [...types, type] : types.filter((each) => each !== type))
            }
          />
        ))}
    </fieldset>
  )
}

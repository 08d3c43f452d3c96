import type { Subscription } from '../../../src-shared/model/subscription.ts'
import { useServices, useWorkspace } from '../../app/services.ts'
import { CheckField, SelectField, TextField } from '../../parts/field.tsx'
import { FormDialog } from '../form-dialog.tsx'
import { useDraft } from '../use-draft.ts'

interface Form {
  readonly name: string
  readonly destination: string
  readonly types: readonly string[]
}

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
  const draft = useDraft<Form>(`subscription ${subscription?.id ?? `in ${workspace?.id}`}`, {
    name: subscription?.name ?? '',
    destination: subscription?.destination_id ?? destinations[0]?.id ?? '',
    types: subscription?.event_types ?? ['*'],
  })
  const { name, destination, types } = draft.value
  const save = async (): Promise<void> => {
    const fields = { event_types: [...types], ...(name.trim() === '' ? {} : { name }) }
    await (subscription === null
      ? call('subscriptions.create', { ...fields, destination_id: destination })
      : call('subscriptions.change', { ...fields, id: subscription.id }))
  }
  return (
    <FormDialog
      title={subscription === null ? 'New subscription' : 'Edit the subscription'}
      fields={['name', 'destination_id', 'event_types']}
      draft={draft}
      onSave={save}
      onClose={onClose}
    >
      {(wrong) => (
        <>
          <SelectField
            label="Destination"
            value={destination}
            problem={wrong['destination_id']}
            disabled={subscription !== null}
            onChange={(event) => draft.set({ destination: event.target.value })}
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
            onChange={(event) => draft.set({ name: event.target.value })}
          />
          <EventTypes
            types={types}
            problem={wrong['event_types']}
            onChange={(chosen) => draft.set({ types: chosen })}
          />
        </>
      )}
    </FormDialog>
  )
}

function EventTypes({
  types,
  problem,
  onChange,
}: {
  readonly types: readonly string[]
  readonly problem: string | undefined
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
      {problem !== undefined && <div className="problem">{problem}</div>}
    </fieldset>
  )
}

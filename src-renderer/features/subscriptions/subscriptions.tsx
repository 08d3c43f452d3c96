import { Plus } from 'lucide-react'
import { useState } from 'react'
import { useStore } from 'zustand'
import { Link } from 'wouter'
import type { Subscription } from '../../../src-shared/model/subscription.ts'
import { useServices, useWorkspace } from '../../app/services.ts'
import { Button } from '../../parts/button.tsx'
import { Confirm, Dialog } from '../../parts/dialog.tsx'
import { CheckField, SelectField, TextField } from '../../parts/field.tsx'
import { ScreenHead } from '../../parts/filter-bar.tsx'
import { Menu } from '../../parts/menu.tsx'
import { Empty, Notice } from '../../parts/notice.tsx'
import { Status } from '../../parts/status.tsx'
import { count, visible } from '../../parts/words.ts'
import { sentenceOf } from '../../stores/problem.ts'

/** Which events go to which destination. */
export function Subscriptions() {
  const { configuration } = useServices()
  const { workspace } = useWorkspace()
  const all = useStore(configuration, (state) => state.subscriptions)
  const destinations = useStore(configuration, (state) => state.destinations)
  const [editing, setEditing] = useState<Subscription | 'new' | null>(null)
  const subscriptions = all.filter((each) => each.workspace_id === workspace?.id)
  const mine = destinations.filter((each) => each.workspace_id === workspace?.id)
  return (
    <div className="page">
      <ScreenHead title="Subscriptions">
        {mine.length > 0 && (
          <Button
            look="primary"
            icon={<Plus size={14} aria-hidden="true" />}
            onClick={() => setEditing('new')}
          >
            New subscription
          </Button>
        )}
      </ScreenHead>
      {mine.length === 0 ? (
        <Empty
          title="No destination to subscribe yet"
          action={
            <Link href="/destinations/new" className="button primary">
              New destination
            </Link>
          }
        >
          A subscription says which events go to a destination.
        </Empty>
      ) : subscriptions.length === 0 ? (
        <Empty title="No subscription yet">Without one, events are kept and nothing is sent.</Empty>
      ) : (
        <table className="table">
          <thead>
            <tr>
              <th>Name</th>
              <th>State</th>
              <th>Destination</th>
              <th>Events</th>
              <th>
                <span className="visually-hidden">Actions</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {subscriptions.map((subscription) => (
              <SubscriptionLine key={subscription.id} subscription={subscription} onEdit={setEditing} />
            ))}
          </tbody>
        </table>
      )}
      {editing !== null && (
        <SubscriptionDialog
          subscription={editing === 'new' ? null : editing}
          onClose={() => setEditing(null)}
        />
      )}
    </div>
  )
}

function SubscriptionLine({
  subscription,
  onEdit,
}: {
  readonly subscription: Subscription
  readonly onEdit: (subscription: Subscription) => void
}) {
  const { call, configuration, toasts } = useServices()
  const [deleting, setDeleting] = useState(false)
  const { id, name, enabled, event_types: types, destination_id: destinationId } = subscription
  const destination = useStore(configuration, (state) =>
    state.destinations.find((each) => each.id === destinationId),
  )
  const toggle = (): void => {
    call('subscriptions.change', { id, enabled: !enabled }).catch((error: unknown) =>
      toasts.getState().show({ text: sentenceOf(error), tone: 'bad' }),
    )
  }
  return (
    <tr>
      <td className="strong">{visible(name)}</td>
      <td>
        <Status of={enabled ? 'active' : 'disabled'} />
      </td>
      <td>
        <Link href={`/destinations/${destinationId}`}>{visible(destination?.name ?? 'deleted')}</Link>
      </td>
      <td title={types.join('\n')}>
        {types.includes('*')
          ? 'all events'
          : types.length <= 2
            ? types.join(', ')
            : count(types.length, 'event', 'events')}
      </td>
      <td className="row-menu">
        <Menu
          label={`Actions for ${visible(name)}`}
          items={[
            { label: 'Edit', run: () => onEdit(subscription) },
            { label: enabled ? 'Disable' : 'Enable', run: toggle },
            { label: 'Delete', danger: true, run: () => setDeleting(true) },
          ]}
        />
        {deleting && (
          <Confirm
            title={`Delete ${visible(name)}?`}
            action="Delete the subscription"
            onClose={() => setDeleting(false)}
            onConfirm={() => call('subscriptions.delete', { id }).then(() => null, sentenceOf)}
          >
            <p>Its events no longer make deliveries. What is under way goes on.</p>
          </Confirm>
        )}
      </td>
    </tr>
  )
}

function SubscriptionDialog({
  subscription,
  onClose,
}: {
  readonly subscription: Subscription | null
  readonly onClose: () => void
}) {
  const { call, configuration } = useServices()
  const { workspace, provider } = useWorkspace()
  const destinations = configuration
    .getState()
    .destinations.filter((each) => each.workspace_id === workspace?.id)
  const offered = (provider?.events ?? []).filter(({ subscribable }) => subscribable)
  const [name, setName] = useState(subscription?.name ?? '')
  const [destination, setDestination] = useState<string>(
    subscription?.destination_id ?? destinations[0]?.id ?? '',
  )
  const [types, setTypes] = useState<readonly string[]>(subscription?.event_types ?? ['*'])
  const [problem, setProblem] = useState<string | null>(null)
  const all = types.includes('*')
  const toggle = (type: string, on: boolean): void =>
    setTypes(on ? [...types, type] : types.filter((each) => each !== type))
  const save = async (): Promise<void> => {
    const fields = { event_types: [...types], ...(name.trim() === '' ? {} : { name }) }
    try {
      await (subscription === null
        ? call('subscriptions.create', { ...fields, destination_id: destination })
        : call('subscriptions.change', { ...fields, id: subscription.id }))
      onClose()
    } catch (error) {
      setProblem(sentenceOf(error))
    }
  }
  return (
    <Dialog title={subscription === null ? 'New subscription' : 'Edit the subscription'} onClose={onClose}>
      <form
        className="form"
        onSubmit={(event) => {
          event.preventDefault()
          void save()
        }}
      >
        {problem !== null && <Notice tone="bad">{problem}</Notice>}
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
          onChange={(event) => setName(event.target.value)}
        />
        <fieldset className="choices">
          <legend>Events</legend>
          <CheckField
            label="All, also those that come later"
            checked={all}
            onChange={(event) => setTypes(event.target.checked ? ['*'] : [])}
          />
          {!all &&
            offered.map(({ type, description }) => (
              <CheckField
                key={type}
                label={type}
                help={description}
                checked={types.includes(type)}
                onChange={(event) => toggle(type, event.target.checked)}
              />
            ))}
        </fieldset>
        <footer className="dialog-foot">
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" type="submit">
            Save
          </Button>
        </footer>
      </form>
    </Dialog>
  )
}

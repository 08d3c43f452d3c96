import { Plus } from 'lucide-react'
import { useState } from 'react'
import { Link, useLocation } from 'wouter'
import { useStore } from 'zustand'
import type { DestinationView } from '../../../src-shared/model/destination.ts'
import { useServices, useWorkspace } from '../../app/services.ts'
import { ScreenHead } from '../../parts/filter-bar.tsx'
import { Menu } from '../../parts/menu.tsx'
import { Empty } from '../../parts/notice.tsx'
import { Status } from '../../parts/status.tsx'
import { visible } from '../../parts/words.ts'
import { sentenceOf } from '../../stores/problem.ts'
import { DestinationEditor } from './destination-editor.tsx'
import { DeleteDestination, RotateSecret, SecretDialog, type ShownSecret } from './destination-dialogs.tsx'

/** Where deliveries go; the list, or the editor of one. */
export function Destinations({ id }: { readonly id: string | null }) {
  const { configuration } = useServices()
  const destinations = useStore(configuration, (state) => state.destinations)
  const [secret, setSecret] = useState<ShownSecret | null>(null)
  const destination = destinations.find((each) => each.id === id)
  return (
    <>
      {id === null ? (
        <DestinationList onSecret={setSecret} />
      ) : id === 'new' ? (
        <DestinationEditor key="new" destination={null} onSecret={setSecret} />
      ) : destination === undefined ? (
        <Empty
          title="There is no such destination"
          action={
            <Link href="/destinations" className="button">
              All destinations
            </Link>
          }
        >
          It was deleted; its deliveries stay in the history.
        </Empty>
      ) : (
        <DestinationEditor key={id} destination={destination} onSecret={setSecret} />
      )}
      {secret !== null && <SecretDialog secret={secret} onClose={() => setSecret(null)} />}
    </>
  )
}

function DestinationList({ onSecret }: { readonly onSecret: (secret: ShownSecret) => void }) {
  const { configuration } = useServices()
  const { workspace } = useWorkspace()
  const all = useStore(configuration, (state) => state.destinations)
  const destinations = all.filter((each) => each.workspace_id === workspace?.id)
  return (
    <div className="page">
      <ScreenHead title="Destinations">
        <Link href="/destinations/new" className="button primary">
          <Plus size={14} aria-hidden="true" />
          New destination
        </Link>
      </ScreenHead>
      {destinations.length === 0 ? (
        <Empty title="No destination yet">
          A destination is an address that this workspace sends to. Subscriptions say what it gets.
        </Empty>
      ) : (
        <table className="table">
          <thead>
            <tr>
              <th>Name</th>
              <th>State</th>
              <th>URL</th>
              <th>Secret</th>
              <th className="number">Waiting</th>
              <th>
                <span className="visually-hidden">Actions</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {destinations.map((destination) => (
              <DestinationLine key={destination.id} destination={destination} onSecret={onSecret} />
            ))}
          </tbody>
        </table>
      )}
    </div>
  )
}

function DestinationLine({
  destination,
  onSecret,
}: {
  readonly destination: DestinationView
  readonly onSecret: (secret: ShownSecret) => void
}) {
  const { call, history, toasts } = useServices()
  const [, go] = useLocation()
  const [dialog, setDialog] = useState<'delete' | 'rotate' | null>(null)
  const { id, name, status, paused, enabled } = destination
  const guarded = (work: Promise<unknown>): void => {
    work.catch((error: unknown) => toasts.getState().show({ text: sentenceOf(error), tone: 'bad' }))
  }
  const items = [
    { label: 'Edit', run: () => go(`/destinations/${id}`) },
    {
      label: 'Send test',
      run: () =>
        void history.sendTest(id).then((delivery) => delivery !== null && go(`/deliveries/${delivery}`)),
    },
    { label: 'Show deliveries', run: () => go(`/deliveries?destination=${id}`) },
    status === 'paused' ? { label: 'Resume', run: () => guarded(call('destinations.resume', { id })) } : null,
    enabled
      ? { label: 'Disable', run: () => guarded(call('destinations.change', { id, enabled: false })) }
      : { label: 'Enable', run: () => guarded(call('destinations.change', { id, enabled: true })) },
    { label: 'Rotate secret', run: () => setDialog('rotate') },
    { label: 'Delete', danger: true, run: () => setDialog('delete') },
  ]
  return (
    <tr>
      <td>
        <Link href={`/destinations/${id}`} className="strong">
          {visible(name)}
        </Link>
      </td>
      <td>
        <Status of={status} />
        {paused !== null && <div className="help">{visible(paused.reason)}</div>}
        {status === 'active' && destination.failures_in_row > 0 && (
          <div className="help">{destination.failures_in_row} failed in a row</div>
        )}
      </td>
      <td className="mono cell-url">
        <bdi title={visible(destination.url_template)}>
          {destination.method} {visible(destination.url_template)}
        </bdi>
      </td>
      <td className="mono">{destination.secret_last4 === null ? 'none' : `…${destination.secret_last4}`}</td>
      <td className="number">{destination.waiting_deliveries}</td>
      <td className="row-menu">
        <Menu label={`Actions for ${visible(name)}`} items={items} />
        {dialog === 'delete' && (
          <DeleteDestination destination={destination} onClose={() => setDialog(null)} />
        )}
        {dialog === 'rotate' && (
          <RotateSecret destination={destination} onSecret={onSecret} onClose={() => setDialog(null)} />
        )}
      </td>
    </tr>
  )
}

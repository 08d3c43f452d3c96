import { Plus } from 'lucide-react'
import { useMemo, useState } from 'react'
import { Link, useLocation } from 'wouter'
import { useStore } from 'zustand'
import type { DestinationView } from '../../../src-shared/model/destination.ts'
import type { Subscription } from '../../../src-shared/model/subscription.ts'
import { address, useFilter } from '../../app/location.ts'
import { useServices, useWorkspace } from '../../app/services.ts'
import { Button } from '../../parts/button.tsx'
import { Confirm } from '../../parts/dialog.tsx'
import { ScreenHead } from '../../parts/filter-bar.tsx'
import type { MenuItem } from '../../parts/menu.tsx'
import { Empty } from '../../parts/notice.tsx'
import { Status } from '../../parts/status.tsx'
import { Captured } from '../../parts/text.tsx'
import type { Column } from '../../parts/virtual-grid.tsx'
import { count, visible } from '../../parts/words.ts'
import { sentenceOf } from '../../stores/problem.ts'
import { TableList, useSearched } from '../table-list.tsx'
import { SubscriptionDialog } from './subscription-dialog.tsx'

const words = ['subscription', 'subscriptions'] as const

/** A subscription with its destination's name, by which it is found too. */
type SubscriptionRow = Subscription & { readonly destination_name: string }

const columns: readonly Column<SubscriptionRow>[] = [
  { id: 'name', label: 'Name', cell: (row) => <Captured className="strong">{row.name}</Captured> },
  { id: 'state', label: 'State', cell: (row) => <Status of={row.enabled ? 'active' : 'disabled'} /> },
  {
    id: 'destination',
    label: 'Destination',
    cell: (row) => (
      <Link href={`/destinations/${row.destination_id}`} onClick={(event) => event.stopPropagation()}>
        {visible(row.destination_name)}
      </Link>
    ),
  },
  {
    id: 'events',
    label: 'Events',
    cell: ({ event_types: types }) => (
      <span title={types.join('\n')}>{types.includes('*') ? 'all events' : types.join(', ')}</span>
    ),
  },
]

/** Which events go to which destination. */
export function Subscriptions({ id }: { readonly id: string | null }) {
  const { configuration } = useServices()
  const [, go] = useLocation()
  const { query } = useFilter([])
  const subscriptions = useStore(configuration, (state) => state.subscriptions)
  const { workspace } = useWorkspace()
  const destinations = useStore(configuration, (state) => state.destinations)
  const mine = destinations.filter((each) => each.workspace_id === workspace?.id)
  const editing = subscriptions.find((each) => each.id === id) ?? null
  const open = (to: string): void =>
    go(address(`/subscriptions/${to}`, to === 'new' ? query : { ...query, at: to }))
  return (
    <section className="list-pane" aria-label="Subscriptions">
      <ScreenHead title="Subscriptions">
        {mine.length > 0 && (
          <Button
            look="primary"
            icon={<Plus size={14} aria-hidden="true" />}
            hint="n"
            onClick={() => open('new')}
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
      ) : (
        <SubscriptionList destinations={mine} onOpen={open} />
      )}
      {mine.length > 0 && (editing !== null || id === 'new') && (
        <SubscriptionDialog
          key={id}
          subscription={editing}
          onClose={() => go(address('/subscriptions', query))}
        />
      )}
    </section>
  )
}

function SubscriptionList({
  destinations,
  onOpen,
}: {
  readonly destinations: readonly DestinationView[]
  readonly onOpen: (id: string) => void
}) {
  const { call, configuration, bulk } = useServices()
  const { workspace } = useWorkspace()
  const all = useStore(configuration, (state) => state.subscriptions)
  const rows = useMemo(() => {
    const names = new Map<string, string>(destinations.map(({ id, name }) => [id, name]))
    return all
      .filter((each) => each.workspace_id === workspace?.id)
      .map((each) => ({ ...each, destination_name: names.get(each.destination_id) ?? 'deleted' }))
  }, [all, destinations, workspace?.id])
  const found = useSearched(
    rows,
    (each) => `${each.name} ${each.destination_name} ${each.event_types.join(' ')}`,
  )
  const [deleting, setDeleting] = useState<readonly SubscriptionRow[]>([])
  const actions = useSubscriptionActions(onOpen, (row) => setDeleting([row]))
  const enable = (ids: readonly string[], enabled: boolean): void =>
    void bulk(ids, {
      of: words,
      doing: enabled ? 'Enabling' : 'Disabling',
      done: enabled ? 'enabled' : 'disabled',
      each: (id) => call('subscriptions.change', { id, enabled }),
    })
  return (
    <>
      <TableList<SubscriptionRow>
        layout="subscriptions"
        group="Subscriptions"
        of={words}
        columns={columns}
        rows={found}
        nameOf={({ name }) => visible(name)}
        onOpen={onOpen}
        actions={actions}
        search="Search subscriptions"
        empty={<Empty title="No subscription yet">Without one, events are kept and nothing is sent.</Empty>}
        create={{ label: 'New subscription', run: () => onOpen('new') }}
        bulk={[
          { label: 'Enable', run: (ids) => enable(ids, true) },
          { label: 'Disable', run: (ids) => enable(ids, false) },
          {
            label: 'Delete',
            danger: true,
            run: (ids) => setDeleting(rows.filter(({ id }) => ids.includes(id))),
          },
        ]}
      />
      {deleting.length > 0 && (
        <DeleteSubscriptions subscriptions={deleting} onClose={() => setDeleting([])} />
      )}
    </>
  )
}

function useSubscriptionActions(
  open: (id: string) => void,
  remove: (subscription: SubscriptionRow) => void,
): (subscription: SubscriptionRow) => readonly MenuItem[] {
  const { call, toasts } = useServices()
  return (subscription) => {
    const { id, enabled } = subscription
    const toggle = (): void => {
      call('subscriptions.change', { id, enabled: !enabled }).catch((error: unknown) =>
        toasts.getState().show({ text: sentenceOf(error), tone: 'bad' }),
      )
    }
    return [
      { label: 'Edit', key: 'e', run: () => open(id) },
      { label: enabled ? 'Disable' : 'Enable', key: 's', run: toggle },
      { label: 'Delete', key: '#', danger: true, run: () => remove(subscription) },
    ]
  }
}

function DeleteSubscriptions({
  subscriptions,
  onClose,
}: {
  readonly subscriptions: readonly SubscriptionRow[]
  readonly onClose: () => void
}) {
  const { call, bulk } = useServices()
  const one = subscriptions.length === 1 ? subscriptions[0] : undefined
  const remove = (id: string) => call('subscriptions.delete', { id })
  const confirmed = async (): Promise<string | null> => {
    if (one !== undefined) return remove(one.id).then(() => null, sentenceOf)
    void bulk(
      subscriptions.map(({ id }) => id),
      { of: words, doing: 'Deleting', done: 'deleted', each: remove },
    )
    return null
  }
  return (
    <Confirm
      title={`Delete ${one === undefined ? count(subscriptions.length, ...words) : visible(one.name)}?`}
      action={one === undefined ? 'Delete the subscriptions' : 'Delete the subscription'}
      onClose={onClose}
      onConfirm={confirmed}
    >
      <p>
        {one === undefined ? 'Their' : 'Its'} events no longer make deliveries. What is under way goes on.
      </p>
    </Confirm>
  )
}

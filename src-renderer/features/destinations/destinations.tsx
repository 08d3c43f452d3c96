import { Plus } from 'lucide-react'
import { useEffect, useMemo, useState } from 'react'
import { Link, useLocation } from 'wouter'
import { useStore } from 'zustand'
import type { DestinationView } from '../../../src-shared/model/destination.ts'
import { useCommands } from '../../app/keyboard.ts'
import { address, useFilter } from '../../app/location.ts'
import { useServices, useWorkspace } from '../../app/services.ts'
import { Key } from '../../parts/button.tsx'
import { ScreenHead } from '../../parts/filter-bar.tsx'
import type { MenuItem } from '../../parts/menu.tsx'
import { Empty } from '../../parts/notice.tsx'
import { saveFile } from '../../parts/save-file.ts'
import { Status } from '../../parts/status.tsx'
import { Captured } from '../../parts/text.tsx'
import type { Column } from '../../parts/virtual-grid.tsx'
import { number, visible } from '../../parts/words.ts'
import type { Command } from '../../stores/commands-store.ts'
import { sentenceOf } from '../../stores/problem.ts'
import { SnippetDialog } from '../snippets/snippet-dialog.tsx'
import { outcomesByDestination, Strip } from '../strip.tsx'
import { TableList, useSearched } from '../table-list.tsx'
import { DestinationEditor } from './destination-editor.tsx'
import { DeleteDestinations, RotateSecret, SecretDialog, type ShownSecret } from './destination-dialogs.tsx'

/** Where deliveries go; the list, or the editor of one. */
export function Destinations({ id }: { readonly id: string | null }) {
  const { configuration } = useServices()
  const destinations = useStore(configuration, (state) => state.destinations)
  const { query } = useFilter([])
  const { workspace } = useWorkspace()
  const [, go] = useLocation()
  const [secret, setSecret] = useState<ShownSecret | null>(null)
  const back: Command = {
    id: 'destinations back',
    label: 'Back to the list',
    group: 'Destinations',
    key: 'Escape',
    run: () => go(address('/destinations', query)),
  }
  useCommands(id === null ? [] : [back])
  const destination = destinations.find((each) => each.id === id)
  return (
    <>
      {id === null ? (
        <DestinationList onSecret={setSecret} />
      ) : id === 'new' ? (
        <DestinationEditor key={`in ${workspace?.id}`} destination={null} onSecret={setSecret} />
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

const words = ['destination', 'destinations'] as const

function DestinationList({ onSecret }: { readonly onSecret: (secret: ShownSecret) => void }) {
  const { call, configuration, bulk } = useServices()
  const { workspace, provider } = useWorkspace()
  const [, go] = useLocation()
  const { query } = useFilter([])
  const all = useStore(configuration, (state) => state.destinations)
  const mine = useMemo(() => all.filter((each) => each.workspace_id === workspace?.id), [all, workspace?.id])
  const rows = useSearched(mine, (each) => `${each.name} ${each.url_template} ${each.status}`)
  const [dialog, setDialog] = useState<RowDialog | null>(null)
  const actions = useDestinationActions(setDialog)
  const columns = useColumns()
  const close = (): void => setDialog(null)
  const enable = (ids: readonly string[], enabled: boolean): void =>
    void bulk(ids, {
      of: words,
      doing: enabled ? 'Enabling' : 'Disabling',
      done: enabled ? 'enabled' : 'disabled',
      each: (id) => call('destinations.change', { id, enabled }),
    })
  return (
    <section className="list-pane" aria-label="Destinations">
      <ScreenHead title="Destinations">
        <Link href="/destinations/new" className="button primary">
          <Plus size={14} aria-hidden="true" />
          New destination
          <Key>n</Key>
        </Link>
      </ScreenHead>
      <TableList<DestinationView>
        layout="destinations"
        group="Destinations"
        of={words}
        columns={columns}
        rows={rows}
        nameOf={({ name }) => visible(name)}
        onOpen={(id) => go(address(`/destinations/${id}`, { ...query, at: id }))}
        actions={actions}
        search="Search destinations"
        empty={
          <Empty title="No destination yet">
            A destination is an address that this workspace sends to. Subscriptions say what it gets.
          </Empty>
        }
        create={{ label: 'New destination', run: () => go('/destinations/new') }}
        bulk={[
          { label: 'Enable', run: (ids) => enable(ids, true) },
          { label: 'Disable', run: (ids) => enable(ids, false) },
          {
            label: 'Delete',
            danger: true,
            run: (ids) => setDialog({ kind: 'delete', of: mine.filter(({ id }) => ids.includes(id)) }),
          },
        ]}
      />
      {dialog?.kind === 'delete' && <DeleteDestinations destinations={dialog.of} onClose={close} />}
      {dialog?.kind === 'rotate' && (
        <RotateSecret destination={dialog.of} onSecret={onSecret} onClose={close} />
      )}
      {dialog?.kind === 'code' && provider !== null && <SnippetDialog provider={provider} onClose={close} />}
    </section>
  )
}

type RowDialog =
  | { readonly kind: 'delete'; readonly of: readonly DestinationView[] }
  | { readonly kind: 'rotate'; readonly of: DestinationView }
  | { readonly kind: 'code' }

function useDestinationActions(
  show: (dialog: RowDialog) => void,
): (destination: DestinationView) => readonly (MenuItem | null)[] {
  const { call, history, toasts } = useServices()
  const [, go] = useLocation()
  const { query } = useFilter([])
  const guarded = (work: Promise<unknown>): void => {
    work.catch((error: unknown) => toasts.getState().show({ text: sentenceOf(error), tone: 'bad' }))
  }
  return (destination) => {
    const { id, status, enabled } = destination
    const sendTest = (): void =>
      void history.sendTest(id).then((delivery) => delivery !== null && go(`/deliveries/${delivery}`))
    return [
      { label: 'Edit', key: 'e', run: () => go(address(`/destinations/${id}`, { ...query, at: id })) },
      { label: 'Send test', key: 't', run: sendTest },
      { label: 'Show deliveries', key: 'd', run: () => go(address('/deliveries', { destination: id })) },
      status === 'paused'
        ? { label: 'Resume', key: 'r', run: () => guarded(call('destinations.resume', { id })) }
        : null,
      {
        label: enabled ? 'Disable' : 'Enable',
        key: 's',
        run: () => guarded(call('destinations.change', { id, enabled: !enabled })),
      },
      {
        label: 'Export',
        run: () =>
          guarded(
            call('configuration.export-encrypted', { format: 'yaml', destination: id }).then((content) =>
              saveFile(content, 'hookbench.destination.yaml'),
            ),
          ),
      },
      { label: 'Receiver code', run: () => show({ kind: 'code' }) },
      { label: 'Rotate secret', run: () => show({ kind: 'rotate', of: destination }) },
      { label: 'Delete', key: '#', danger: true, run: () => show({ kind: 'delete', of: [destination] }) },
    ]
  }
}

function useColumns(): readonly Column<DestinationView>[] {
  const { recentDeliveries } = useServices()
  const { live, show } = useStore(recentDeliveries)
  useEffect(() => show(noFilter), [show])
  const outcomes = useMemo(() => outcomesByDestination(live.rows), [live.rows])
  return useMemo(
    () => [
      { id: 'name', label: 'Name', cell: (row) => <Captured className="strong">{row.name}</Captured> },
      { id: 'state', label: 'State', cell: (row) => <State of={row} /> },
      {
        id: 'url',
        label: 'URL',
        cell: ({ method, url_template: url }) => (
          <bdi className="mono" title={visible(url)}>
            <span className="method">{method}</span> {visible(url)}
          </bdi>
        ),
      },
      {
        id: 'secret',
        label: 'Secret',
        cell: ({ secret_last4: last4 }) =>
          last4 === null ? <span className="quiet">none</span> : <span className="mono">…{last4}</span>,
      },
      { id: 'waiting', label: 'Waiting', cell: (row) => number(row.waiting_deliveries) },
      { id: 'lately', label: 'Lately', cell: (row) => <Strip outcomes={outcomes.get(row.id) ?? []} /> },
    ],
    [outcomes],
  )
}

const noFilter = {}

function State({ of }: { readonly of: DestinationView }) {
  const { status, paused, failures_in_row: failures } = of
  const more =
    paused !== null ? visible(paused.reason) : failures > 0 ? `${number(failures)} failed in a row` : null
  return (
    <span title={more ?? undefined}>
      <Status of={status} />
      {more !== null && <span className="quiet"> {more}</span>}
    </span>
  )
}

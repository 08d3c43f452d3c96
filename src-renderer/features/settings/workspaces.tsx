import { Plus } from 'lucide-react'
import { useMemo, useState } from 'react'
import { useStore } from 'zustand'
import type { Workspace } from '../../../src-shared/model/workspace.ts'
import { useFilter } from '../../app/location.ts'
import { useServices } from '../../app/services.ts'
import { Button } from '../../parts/button.tsx'
import { Confirm } from '../../parts/dialog.tsx'
import { SelectField, TextField } from '../../parts/field.tsx'
import { Captured } from '../../parts/text.tsx'
import type { Column } from '../../parts/virtual-grid.tsx'
import { count, number, visible } from '../../parts/words.ts'
import { sentenceOf } from '../../stores/problem.ts'
import { FormDialog } from '../form-dialog.tsx'
import { TableList } from '../table-list.tsx'
import { useDraft } from '../use-draft.ts'

type WorkspaceRow = Workspace & { readonly provider_name: string; readonly destinations: number }

const columns: readonly Column<WorkspaceRow>[] = [
  { id: 'name', label: 'Name', cell: (row) => <Captured className="strong">{row.name}</Captured> },
  { id: 'provider', label: 'Provider', cell: (row) => row.provider_name },
  { id: 'destinations', label: 'Destinations', cell: (row) => number(row.destinations) },
]

const filterNames = ['workspace'] as const

/** The workspaces; each belongs to one provider. */
export function Workspaces() {
  const rows = useWorkspaceRows()
  const { filter, change } = useFilter(filterNames)
  const open = (id: string | undefined): void => change({ workspace: id })
  const editing = rows.find(({ id }) => id === filter['workspace']) ?? null
  const [deleting, setDeleting] = useState<Workspace | null>(null)
  return (
    <section className="card workspaces-card" aria-label="Workspaces">
      <header className="card-head">
        <h2>Workspaces</h2>
        <Button look="quiet" icon={<Plus size={14} aria-hidden="true" />} onClick={() => open('new')}>
          New workspace
        </Button>
      </header>
      <TableList<WorkspaceRow>
        layout="workspaces"
        group="Workspaces"
        of={['workspace', 'workspaces']}
        columns={columns}
        rows={rows}
        nameOf={({ name }) => visible(name)}
        onOpen={open}
        create={{ label: 'New workspace', run: () => open('new') }}
        actions={(workspace) => [
          { label: 'Rename', key: 'e', run: () => open(workspace.id) },
          { label: 'Delete', key: '#', danger: true, run: () => setDeleting(workspace) },
        ]}
        empty={null}
      />
      {(editing !== null || filter['workspace'] === 'new') && (
        <WorkspaceDialog key={filter['workspace']} workspace={editing} onClose={() => open(undefined)} />
      )}
      {deleting !== null && <DeleteWorkspace workspace={deleting} onClose={() => setDeleting(null)} />}
    </section>
  )
}

function useWorkspaceRows(): readonly WorkspaceRow[] {
  const { configuration } = useServices()
  const { workspaces, providers, destinations } = useStore(configuration)
  return useMemo(() => {
    const names = new Map(providers.map(({ id, name }) => [id, name]))
    const counts = new Map<string, number>()
    for (const { workspace_id: id } of destinations) counts.set(id, (counts.get(id) ?? 0) + 1)
    return workspaces.map((each) => ({
      ...each,
      provider_name: names.get(each.provider) ?? each.provider,
      destinations: counts.get(each.id) ?? 0,
    }))
  }, [workspaces, providers, destinations])
}

function DeleteWorkspace({
  workspace,
  onClose,
}: {
  readonly workspace: Workspace
  readonly onClose: () => void
}) {
  const { call, configuration } = useServices()
  const { destinations, subscriptions } = useStore(configuration)
  const of = (list: readonly { readonly workspace_id: string }[]): number =>
    list.filter((each) => each.workspace_id === workspace.id).length
  return (
    <Confirm
      title={`Delete ${visible(workspace.name)}?`}
      action="Delete the workspace"
      onClose={onClose}
      onConfirm={() => call('workspaces.delete', { id: workspace.id }).then(() => null, sentenceOf)}
    >
      <p>
        With it go {count(of(destinations), 'destination', 'destinations')},{' '}
        {count(of(subscriptions), 'subscription', 'subscriptions')} and its contacts. Its history stays.
      </p>
    </Confirm>
  )
}

function WorkspaceDialog({
  workspace,
  onClose,
}: {
  readonly workspace: Workspace | null
  readonly onClose: () => void
}) {
  const { call, configuration, preferences } = useServices()
  const senders = configuration.getState().providers.filter(({ sends }) => sends)
  const draft = useDraft(`workspace ${workspace?.id ?? ''}`, {
    name: workspace?.name ?? '',
    provider: senders[0]?.id ?? '',
  })
  const { name, provider } = draft.value
  const save = async (): Promise<void> => {
    if (workspace === null) {
      const made = await call('workspaces.create', { name, provider })
      preferences.getState().setWorkspace(made.id)
    } else await call('workspaces.change', { id: workspace.id, name })
  }
  return (
    <FormDialog
      title={workspace === null ? 'New workspace' : 'Rename the workspace'}
      fields={['name', 'provider']}
      draft={draft}
      onSave={save}
      onClose={onClose}
    >
      {(wrong) => (
        <>
          <TextField
            label="Name"
            value={name}
            problem={wrong['name']}
            onChange={(event) => draft.set({ name: event.target.value })}
          />
          {workspace === null && (
            <SelectField
              label="Provider"
              value={provider}
              problem={wrong['provider']}
              onChange={(event) => draft.set({ provider: event.target.value })}
            >
              {senders.map((each) => (
                <option key={each.id} value={each.id}>
                  {each.name}
                </option>
              ))}
            </SelectField>
          )}
        </>
      )}
    </FormDialog>
  )
}

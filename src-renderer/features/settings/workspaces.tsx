import { Plus } from 'lucide-react'
import { useState } from 'react'
import { useStore } from 'zustand'
import type { Workspace } from '../../../src-shared/model/workspace.ts'
import { useServices } from '../../app/services.ts'
import { Button } from '../../parts/button.tsx'
import { Confirm, Dialog } from '../../parts/dialog.tsx'
import { SelectField, TextField } from '../../parts/field.tsx'
import { Menu } from '../../parts/menu.tsx'
import { Notice } from '../../parts/notice.tsx'
import { count, visible } from '../../parts/words.ts'
import { sentenceOf } from '../../stores/problem.ts'

/** The workspaces; each belongs to one provider. */
export function Workspaces() {
  const { configuration } = useServices()
  const workspaces = useStore(configuration, (state) => state.workspaces)
  const [editing, setEditing] = useState<Workspace | 'new' | null>(null)
  return (
    <section className="card" aria-label="Workspaces">
      <header className="card-head">
        <h2>Workspaces</h2>
        <Button look="quiet" icon={<Plus size={14} aria-hidden="true" />} onClick={() => setEditing('new')}>
          New workspace
        </Button>
      </header>
      <ul className="workspace-list">
        {workspaces.map((workspace) => (
          <WorkspaceLine key={workspace.id} workspace={workspace} onRename={setEditing} />
        ))}
      </ul>
      {editing !== null && (
        <WorkspaceDialog workspace={editing === 'new' ? null : editing} onClose={() => setEditing(null)} />
      )}
    </section>
  )
}

function WorkspaceLine({
  workspace,
  onRename,
}: {
  readonly workspace: Workspace
  readonly onRename: (workspace: Workspace) => void
}) {
  const { call, configuration } = useServices()
  const [deleting, setDeleting] = useState(false)
  const { destinations, subscriptions, providers } = useStore(configuration)
  const of = (list: readonly { readonly workspace_id: string }[]): number =>
    list.filter((each) => each.workspace_id === workspace.id).length
  return (
    <li>
      <span className="strong">{visible(workspace.name)}</span>
      <span className="quiet">
        {providers.find(({ id }) => id === workspace.provider)?.name ?? workspace.provider}
      </span>
      <Menu
        label={`Actions for ${visible(workspace.name)}`}
        items={[
          { label: 'Rename', run: () => onRename(workspace) },
          { label: 'Delete', danger: true, run: () => setDeleting(true) },
        ]}
      />
      {deleting && (
        <Confirm
          title={`Delete ${visible(workspace.name)}?`}
          action="Delete the workspace"
          onClose={() => setDeleting(false)}
          onConfirm={() => call('workspaces.delete', { id: workspace.id }).then(() => null, sentenceOf)}
        >
          <p>
            With it go {count(of(destinations), 'destination', 'destinations')},{' '}
            {count(of(subscriptions), 'subscription', 'subscriptions')} and its contacts. Its history stays.
          </p>
        </Confirm>
      )}
    </li>
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
  const [name, setName] = useState(workspace?.name ?? '')
  const [provider, setProvider] = useState(senders[0]?.id ?? '')
  const [problem, setProblem] = useState<string | null>(null)
  const save = async (): Promise<void> => {
    try {
      if (workspace === null) {
        const made = await call('workspaces.create', { name, provider })
        preferences.getState().setWorkspace(made.id)
      } else await call('workspaces.change', { id: workspace.id, name })
      onClose()
    } catch (error) {
      setProblem(sentenceOf(error))
    }
  }
  return (
    <Dialog title={workspace === null ? 'New workspace' : 'Rename the workspace'} onClose={onClose}>
      <form
        className="form"
        onSubmit={(event) => {
          event.preventDefault()
          void save()
        }}
      >
        {problem !== null && <Notice tone="bad">{problem}</Notice>}
        <TextField label="Name" value={name} onChange={(event) => setName(event.target.value)} />
        {workspace === null && (
          <SelectField
            label="Provider"
            value={provider}
            onChange={(event) => setProvider(event.target.value)}
          >
            {senders.map((each) => (
              <option key={each.id} value={each.id}>
                {each.name}
              </option>
            ))}
          </SelectField>
        )}
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

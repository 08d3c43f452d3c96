import { Plus } from 'lucide-react'
import { useState } from 'react'
import { useStore } from 'zustand'
import type { OwnScheme } from '../../../src-shared/model/own-scheme.ts'
import { useServices } from '../../app/services.ts'
import { Button } from '../../parts/button.tsx'
import { Confirm } from '../../parts/dialog.tsx'
import { Menu } from '../../parts/menu.tsx'
import { visible } from '../../parts/words.ts'
import { sentenceOf } from '../../stores/problem.ts'
import { SchemeDialog } from './scheme-dialog.tsx'

/** Signature schemes of the user's own, for endpoints to verify by. */
export function Schemes() {
  const { configuration } = useServices()
  const schemes = useStore(configuration, (state) => state.schemes)
  const [editing, setEditing] = useState<OwnScheme | 'new' | null>(null)
  return (
    <section className="card" aria-label="Signature schemes">
      <header className="card-head">
        <h2>Signature schemes</h2>
        <Button look="quiet" icon={<Plus size={14} aria-hidden="true" />} onClick={() => setEditing('new')}>
          New scheme
        </Button>
      </header>
      {schemes.length === 0 ? (
        <p className="help pad">
          For senders that no provider here signs like. An endpoint verifies by a scheme when it is chosen
          there.
        </p>
      ) : (
        <ul className="workspace-list" aria-label="Own schemes">
          {schemes.map((scheme) => (
            <SchemeLine key={scheme.id} scheme={scheme} onEdit={setEditing} />
          ))}
        </ul>
      )}
      {editing !== null && (
        <SchemeDialog scheme={editing === 'new' ? null : editing} onClose={() => setEditing(null)} />
      )}
    </section>
  )
}

function SchemeLine({
  scheme,
  onEdit,
}: {
  readonly scheme: OwnScheme
  readonly onEdit: (scheme: OwnScheme) => void
}) {
  const { call } = useServices()
  const [deleting, setDeleting] = useState(false)
  const { kind, algorithm, header, secret_path: path } = scheme.scheme
  const how = kind === 'hmac' ? `HMAC-${algorithm.toUpperCase()}` : 'shared secret'
  return (
    <li>
      <span className="strong">{visible(scheme.name)}</span>
      <span className="quiet">
        {how} in {visible(header ?? path ?? '')}
      </span>
      <Menu
        label={`Actions for ${visible(scheme.name)}`}
        items={[
          { label: 'Edit', run: () => onEdit(scheme) },
          { label: 'Delete', danger: true, run: () => setDeleting(true) },
        ]}
      />
      {deleting && (
        <Confirm
          title={`Delete ${visible(scheme.name)}?`}
          action="Delete the scheme"
          onClose={() => setDeleting(false)}
          onConfirm={() => call('schemes.delete', { id: scheme.id }).then(() => null, sentenceOf)}
        >
          <p>No endpoint can verify by it from then on. Verdicts that were given stay.</p>
        </Confirm>
      )}
    </li>
  )
}

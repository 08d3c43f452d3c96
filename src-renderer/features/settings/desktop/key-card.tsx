import { useState, type ReactNode } from 'react'
import type { KeyProtection } from '../../../../src-shared/desktop/desktop-contract.ts'
import { Button } from '../../../parts/button.tsx'
import { Confirm } from '../../../parts/dialog.tsx'
import { Notice } from '../../../parts/notice.tsx'
import { visible } from '../../../parts/words.ts'
import type { DesktopStore } from '../../../stores/desktop-store.ts'
import { sentenceOf } from '../../../stores/problem.ts'

/** How the key of the folder's secrets is kept: said plainly where that is no encryption. */
export function KeyCard({
  desktop,
  protection,
}: {
  readonly desktop: DesktopStore
  readonly protection: KeyProtection
}) {
  return (
    <section className="card" aria-label="Key of the secrets">
      <header className="card-head">
        <h2>Key of the secrets</h2>
      </header>
      <div className="pad form">{explained(protection, desktop)}</div>
    </section>
  )
}

function explained(protection: KeyProtection, desktop: DesktopStore): ReactNode {
  switch (protection.kind) {
    case 'keyring':
      return (
        <p>
          Secrets are encrypted on disk, and their key is kept by {keyringName(protection.backend)}. Commands
          reach them through this app while it runs, or with <code className="mono">HOOKBENCH_KEY</code>.
        </p>
      )
    case 'key_file':
      return (
        <Notice tone="warn">
          <strong>The key is not encrypted</strong>, because {visible(protection.reason)}. It stands in the
          file <code className="mono">key</code> of the data folder, which only your user may read: whoever
          can read that folder can read its secrets. Once the system has a keyring (GNOME Keyring, KWallet),
          the next start gives the key to it.
        </Notice>
      )
    case 'environment':
      return (
        <p>
          The key comes from <code className="mono">HOOKBENCH_KEY</code> and is not kept here. Without it the
          secrets can't be read.
        </p>
      )
    case 'locked':
      return <Locked reason={protection.reason} desktop={desktop} />
  }
}

function Locked({ reason, desktop }: { readonly reason: string; readonly desktop: DesktopStore }) {
  const [asking, setAsking] = useState(false)
  return (
    <>
      <Notice tone="bad">
        <strong>The secrets can't be read</strong>: {visible(reason)}. They are kept, nothing is erased. Until
        the key is back, what needs a secret is not sent and no signature is checked. Unlock the keyring or
        bring it back and start Hookbench again, or start it with <code className="mono">HOOKBENCH_KEY</code>.
      </Notice>
      <div className="form-foot">
        <Button look="danger" onClick={() => setAsking(true)}>
          Start with a new key …
        </Button>
      </div>
      {asking && (
        <Confirm
          title="Start with a new key?"
          action="Start with a new key"
          onClose={() => setAsking(false)}
          onConfirm={() =>
            desktop
              .getState()
              .startWithNewKey()
              .then(() => null, sentenceOf)
          }
        >
          <p>
            The secrets that are kept now stay unreadable: those of destinations and endpoints, and the keys
            of client certificates. Each has to be set anew. Everything else stays as it is.
          </p>
          <p>
            The old key is put aside in the data folder, as <code className="mono">key.….aside</code>: put
            back by hand, it opens them again. Hookbench starts again at once.
          </p>
        </Confirm>
      )}
    </>
  )
}

function keyringName(backend: string): string {
  if (backend === 'keychain') return 'the macOS keychain'
  if (backend === 'dpapi') return 'Windows (DPAPI), for your user'
  if (backend.startsWith('kwallet')) return `the system's keyring (KWallet)`
  if (backend === 'gnome_libsecret') return `the system's keyring (libsecret)`
  return `the system's keyring (${visible(backend)})`
}

import type { Settings } from '../../../src-shared/model/settings.ts'
import { CopyText } from '../../parts/copy.tsx'
import { Loading, Notice } from '../../parts/notice.tsx'
import { bytes, number } from '../../parts/words.ts'
import { useStorageUse } from '../use-storage-use.ts'

const refreshEveryMs = 5000

/** What of the limits is used. */
export function StorageUse({ settings }: { readonly settings: Settings | null }) {
  const { use, problem } = useStorageUse(refreshEveryMs)
  return (
    <section className="card" aria-label="Storage">
      <header className="card-head">
        <h2>Storage</h2>
      </header>
      {problem !== null && <Notice tone="bad">{problem}</Notice>}
      {use === null || settings === null ? (
        <Loading lines={4} />
      ) : (
        <div className="pad gauges">
          <Gauge label="Deliveries" used={use.deliveries} most={settings.max_deliveries} write={number} />
          <Gauge label="Captures" used={use.captures} most={settings.max_captures} write={number} />
          <Gauge
            label="Database"
            used={use.database_bytes}
            most={settings.max_database_bytes}
            write={bytes}
          />
          <Gauge
            label="Large bodies"
            used={use.bodies_bytes}
            most={settings.max_bodies_bytes}
            write={bytes}
          />
          <p className="help">
            Journal {bytes(use.journal_bytes)} · in <CopyText text={use.folder} label="Copy the folder" />
          </p>
        </div>
      )}
    </section>
  )
}

function Gauge({
  label,
  used,
  most,
  write,
}: {
  readonly label: string
  readonly used: number
  readonly most: number
  readonly write: (value: number) => string
}) {
  return (
    <div className="gauge">
      <span>{label}</span>
      <meter aria-label={label} min={0} max={most} high={most * 0.9} value={Math.min(used, most)} />
      <span className="quiet">
        {write(used)} of {write(most)}
      </span>
    </div>
  )
}

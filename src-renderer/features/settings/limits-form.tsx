import { useState } from 'react'
import type { PortableSettings } from '../../../src-shared/model/settings.ts'
import { useServices } from '../../app/services.ts'
import { Button } from '../../parts/button.tsx'
import { TextField } from '../../parts/field.tsx'
import { Notice } from '../../parts/notice.tsx'
import { nothingWrong, placeError } from '../../stores/problem.ts'
import { DraftNotice } from '../draft-notice.tsx'
import { useDraft } from '../use-draft.ts'

const mebi = 1024 * 1024

interface Limit {
  readonly name: keyof PortableSettings
  readonly label: string
  readonly unit: number
  readonly help?: string
}

const limits: readonly Limit[] = [
  { name: 'max_age_days', label: 'Days that history is kept', unit: 1, help: 'Pinned captures stay.' },
  { name: 'max_deliveries', label: 'Deliveries at most', unit: 1 },
  { name: 'max_captures', label: 'Captures at most', unit: 1 },
  { name: 'max_database_bytes', label: 'Database in MiB', unit: mebi },
  { name: 'max_bodies_bytes', label: 'Large bodies in MiB', unit: mebi },
  { name: 'concurrency', label: 'Requests under way at once', unit: 1 },
  { name: 'capture_body_limit_bytes', label: 'Largest captured body in MiB', unit: mebi },
  { name: 'notify_after_failures', label: 'Failures in a row to report', unit: 1 },
]

/** The limits of the data folder; oldest go first. */
export function LimitsForm({ settings }: { readonly settings: PortableSettings }) {
  const { call, toasts } = useServices()
  /** What was typed, by name; everything else is as it is set, also when that changes meanwhile. */
  const draft = useDraft<Readonly<Record<string, string>>>('limits', {})
  const { value: typed } = draft
  const [{ wrong, above }, setProblem] = useState(nothingWrong)
  const isSet = ({ name, unit }: Limit): string => String(round(settings[name] / unit))
  const changed = limits.filter((limit) => (typed[limit.name] ?? isSet(limit)) !== isSet(limit))
  const save = async (): Promise<void> => {
    try {
      await call(
        'settings.change',
        Object.fromEntries(
          changed.map(({ name, unit }) => [
            name,
            unit === 1 ? Number(typed[name]) : Math.round(Number(typed[name]) * unit),
          ]),
        ),
      )
      draft.discard()
      setProblem(nothingWrong)
      toasts.getState().show({ text: 'Limits saved' })
    } catch (error) {
      setProblem(
        placeError(
          error,
          limits.map(({ name }) => name),
        ),
      )
    }
  }
  return (
    <section className="card" aria-label="Limits">
      <header className="card-head">
        <h2>Limits</h2>
      </header>
      <form
        className="pad form limits"
        noValidate
        onSubmit={(event) => {
          event.preventDefault()
          void save()
        }}
      >
        <DraftNotice draft={draft} />
        {above !== null && <Notice tone="bad">{above}</Notice>}
        {limits.map((limit) => (
          <TextField
            key={limit.name}
            label={limit.label}
            help={limit.help}
            type="number"
            step="any"
            value={typed[limit.name] ?? isSet(limit)}
            problem={wrong[limit.name]}
            onChange={(event) => draft.set({ [limit.name]: event.target.value })}
          />
        ))}
        <div className="form-foot">
          <Button look="primary" type="submit" disabled={changed.length === 0}>
            Save the limits
          </Button>
        </div>
      </form>
    </section>
  )
}

function round(value: number): number {
  return Math.round(value * 100) / 100
}

import { useState } from 'react'
import type { PortableSettings } from '../../../src-shared/model/settings.ts'
import { useServices } from '../../app/services.ts'
import { Button } from '../../parts/button.tsx'
import { TextField } from '../../parts/field.tsx'
import { Notice } from '../../parts/notice.tsx'
import { fieldsOf, sentenceOf } from '../../stores/problem.ts'

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
  const [typed, setTyped] = useState<Readonly<Record<string, string>>>({})
  const [wrong, setWrong] = useState<Readonly<Record<string, string>>>({})
  const [problem, setProblem] = useState<string | null>(null)
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
      setTyped({})
      setWrong({})
      setProblem(null)
      toasts.getState().show({ text: 'Limits saved' })
    } catch (error) {
      const fields = fieldsOf(error)
      setWrong(Object.fromEntries(fields.map(({ path, message }) => [path, message])))
      setProblem(fields.length === 0 ? sentenceOf(error) : null)
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
        {problem !== null && <Notice tone="bad">{problem}</Notice>}
        {limits.map((limit) => (
          <TextField
            key={limit.name}
            label={limit.label}
            help={limit.help}
            type="number"
            step="any"
            value={typed[limit.name] ?? isSet(limit)}
            problem={wrong[limit.name]}
            onChange={(event) => setTyped({ ...typed, [limit.name]: event.target.value })}
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

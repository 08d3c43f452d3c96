import { Plus, X } from 'lucide-react'
import { Button, IconButton } from './button.tsx'

export type Pair = readonly [name: string, value: string]

/** Names with values, such as headers, in their order. */
export function PairsField({
  label,
  one,
  pairs,
  problems = {},
  onChange,
}: {
  readonly label: string
  /** What one of them is. */
  readonly one: string
  readonly pairs: readonly Pair[]
  /** By the pair's place. */
  readonly problems?: Readonly<Record<number, string>>
  readonly onChange: (pairs: readonly Pair[]) => void
}) {
  const set = (at: number, pair: Pair): void =>
    onChange(pairs.map((each, index) => (index === at ? pair : each)))
  return (
    <fieldset className="pairs">
      <legend>{label}</legend>
      {pairs.map(([name, value], index) => (
        <div className={`pair ${problems[index] === undefined ? '' : 'invalid'}`} key={index}>
          <input
            className="input mono"
            aria-label={`Name of ${one} ${index + 1}`}
            aria-invalid={problems[index] !== undefined}
            placeholder="Name"
            value={name}
            onChange={(event) => set(index, [event.target.value, value])}
          />
          <input
            className="input mono"
            aria-label={`Value of ${one} ${index + 1}`}
            placeholder="Value"
            value={value}
            onChange={(event) => set(index, [name, event.target.value])}
          />
          <IconButton
            label={`Remove ${one} ${index + 1}`}
            onClick={() => onChange(pairs.filter((_pair, at) => at !== index))}
          >
            <X size={14} aria-hidden="true" />
          </IconButton>
          {problems[index] !== undefined && <div className="problem pair-problem">{problems[index]}</div>}
        </div>
      ))}
      <Button
        look="quiet"
        icon={<Plus size={14} aria-hidden="true" />}
        onClick={() => onChange([...pairs, ['', '']])}
      >
        Add a {one}
      </Button>
    </fieldset>
  )
}

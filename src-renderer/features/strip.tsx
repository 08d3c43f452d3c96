import { count } from '../parts/words.ts'
import type { DeliveryRow } from '../stores/deliveries-store.ts'

const most = 50

/** The last outcomes of each destination that has some, oldest first; the destination of the latest comes first. */
export function outcomesByDestination(
  newestFirst: readonly DeliveryRow[],
): ReadonlyMap<string, readonly DeliveryRow[]> {
  const found = new Map<string, DeliveryRow[]>()
  for (const row of newestFirst) {
    if (row.destination_id === null) continue
    const outcomes = found.get(row.destination_id)
    if (outcomes === undefined) found.set(row.destination_id, [row])
    else if (outcomes.length < most) outcomes.unshift(row)
  }
  return found
}

/** Outcomes as a strip, newest on the right. */
export function Strip({ outcomes }: { readonly outcomes: readonly DeliveryRow[] }) {
  if (outcomes.length === 0) return <span className="quiet">–</span>
  const failed = outcomes.filter(({ status }) => status === 'failed').length
  const succeeded = outcomes.filter(({ status }) => status === 'succeeded').length
  const words = `${count(succeeded, 'succeeded', 'succeeded')}, ${failed} failed of the last ${outcomes.length}`
  return (
    <span className="strip" role="img" aria-label={words} title={words}>
      {outcomes.map((row) => (
        <span key={row.id} className={`strip-part ${row.status}`} />
      ))}
    </span>
  )
}

import { Link } from 'wouter'
import { useStore } from 'zustand'
import { useServices } from '../../app/services.ts'
import { count, visible } from '../../parts/words.ts'
import type { DeliveryRow } from '../../stores/deliveries-store.ts'

const most = 50

/** The last outcomes of each destination, newest on the right. */
export function Strips({ deliveries }: { readonly deliveries: readonly DeliveryRow[] }) {
  const { configuration } = useServices()
  const destinations = useStore(configuration, (state) => state.destinations)
  const strips = destinations
    .map((destination) => ({
      destination,
      outcomes: deliveries
        .filter((row) => row.destination_id === destination.id)
        .slice(0, most)
        .reverse(),
    }))
    .filter(({ outcomes }) => outcomes.length > 0)
  if (strips.length === 0) return null
  return (
    <section className="card" aria-label="Destinations lately">
      <header className="card-head">
        <h2>Destinations lately</h2>
      </header>
      <ul className="strips">
        {strips.map(({ destination, outcomes }) => (
          <li key={destination.id}>
            <Link href={`/destinations/${destination.id}`}>{visible(destination.name)}</Link>
            <Strip outcomes={outcomes} />
          </li>
        ))}
      </ul>
    </section>
  )
}

export function Strip({ outcomes }: { readonly outcomes: readonly DeliveryRow[] }) {
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

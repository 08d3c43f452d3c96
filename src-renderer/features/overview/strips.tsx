import { ArrowRight } from 'lucide-react'
import { useMemo } from 'react'
import { Link } from 'wouter'
import { useStore } from 'zustand'
import { useServices } from '../../app/services.ts'
import { Captured } from '../../parts/text.tsx'
import type { DeliveryRow } from '../../stores/deliveries-store.ts'
import { outcomesByDestination, Strip } from '../strip.tsx'

const most = 8

/** The last outcomes of the destinations that something went to last. */
export function Strips({ deliveries }: { readonly deliveries: readonly DeliveryRow[] }) {
  const { configuration } = useServices()
  const destinations = useStore(configuration, (state) => state.destinations)
  const outcomes = useMemo(() => outcomesByDestination(deliveries), [deliveries])
  // In the order of their names: rows that change places with every delivery can't be read.
  const latest = new Set([...outcomes.keys()].slice(0, most))
  const strips = destinations
    .filter(({ id }) => latest.has(id))
    .toSorted((a, b) => a.name.localeCompare(b.name))
  if (strips.length === 0) return null
  return (
    <section className="card" aria-label="Destinations lately">
      <header className="card-head">
        <h2>Destinations lately</h2>
        <Link href="/destinations" aria-label="All destinations">
          All <ArrowRight size={12} aria-hidden="true" />
        </Link>
      </header>
      <ul className="strips">
        {strips.map(({ id, name }) => (
          <li key={id}>
            <Link href={`/destinations/${id}`}>
              <Captured>{name}</Captured>
            </Link>
            <Strip outcomes={outcomes.get(id) ?? []} />
          </li>
        ))}
      </ul>
    </section>
  )
}

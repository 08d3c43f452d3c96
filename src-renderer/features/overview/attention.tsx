import type { ReactNode } from 'react'
import { Link } from 'wouter'
import { useStore } from 'zustand'
import type { DestinationView } from '../../../src-shared/model/destination.ts'
import type { Settings } from '../../../src-shared/model/settings.ts'
import { address } from '../../app/location.ts'
import { useServices } from '../../app/services.ts'
import { Button } from '../../parts/button.tsx'
import { Notice } from '../../parts/notice.tsx'
import { bytes, count, number, visible } from '../../parts/words.ts'
import type { CaptureRow } from '../../stores/captures-store.ts'
import { sentenceOf } from '../../stores/problem.ts'
import { useStorageUse } from '../use-storage-use.ts'

/** More of one kind than this are counted, not listed. */
const mostListed = 4
const storageEveryMs = 30_000

/** What should be looked at, each with the next step beside it. Nothing when all is well. */
export function Attention({ captures }: { readonly captures: readonly CaptureRow[] }) {
  const { configuration, connection } = useServices()
  const { destinations, settings } = useStore(configuration)
  const health = useStore(connection, (state) => state.health)
  const full = useNearlyFull(settings)
  const rejected = captures.filter((capture) => capture.verdict.status === 'rejected').length
  const paused = destinations.filter(({ status }) => status === 'paused')
  const failing = destinations.filter(
    ({ status, failures_in_row: failures }) =>
      status === 'active' && failures >= (settings?.notify_after_failures ?? 3),
  )
  const items: ReactNode[] = [
    ...listed(paused, 'paused', (destination) => <Paused key={destination.id} destination={destination} />),
    ...listed(failing, 'active', (destination) => <Failing key={destination.id} destination={destination} />),
  ]
  if (rejected > 0)
    items.push(
      <Notice
        key="rejected"
        tone="warn"
        action={
          <Link className="button" href={address('/captures', { verdict: 'rejected' })}>
            Show them
          </Link>
        }
      >
        {count(rejected, 'of the latest captures was rejected', 'of the latest captures were rejected')}: the
        signature did not match.
      </Notice>,
    )
  if (full.length > 0)
    items.push(
      <Notice key="full" tone="warn" action={settingsLink('Change the limits')}>
        Storage is nearly full: {full.join(', ')}. The oldest history makes room for what is new.
      </Notice>,
    )
  if (health?.receiver.listening === false)
    items.push(
      <Notice key="receiver" tone="warn" action={settingsLink('Show addresses')}>
        {health.receiver.problem}
      </Notice>,
    )
  if (health?.storage.writable === false)
    items.push(
      <Notice key="storage" tone="bad" action={settingsLink('Show storage')}>
        {health.storage.problem}
      </Notice>,
    )
  if (items.length === 0) return null
  return (
    <section className="attention" aria-label="Needs attention">
      {items}
    </section>
  )
}

function settingsLink(label: string): ReactNode {
  return (
    <Link className="button" href="/settings">
      {label}
    </Link>
  )
}

/** The first few, and how many more there are. */
function listed(
  of: readonly DestinationView[],
  status: DestinationView['status'],
  show: (destination: DestinationView) => ReactNode,
): readonly ReactNode[] {
  const more = of.length - mostListed
  if (more <= 0) return of.map(show)
  const words = status === 'paused' ? ['is paused', 'are paused'] : ['fails', 'fail']
  return [
    ...of.slice(0, mostListed).map(show),
    <Notice
      key={`more ${status}`}
      tone="warn"
      action={
        <Link className="button" href={address('/destinations', { q: status })}>
          Show them
        </Link>
      }
    >
      {count(more, `more destination ${words[0]}`, `more destinations ${words[1]}`)}.
    </Notice>,
  ]
}

const nearlyFull = 0.9

/** The limits that are nearly reached, in words. */
function useNearlyFull(settings: Settings | null): readonly string[] {
  const { use } = useStorageUse(storageEveryMs)
  if (use === null || settings === null) return []
  const parts: readonly (readonly [
    name: string,
    used: number,
    most: number,
    write: (value: number) => string,
  ])[] = [
    ['deliveries', use.deliveries, settings.max_deliveries, number],
    ['captures', use.captures, settings.max_captures, number],
    ['database', use.database_bytes, settings.max_database_bytes, bytes],
    ['large bodies', use.bodies_bytes, settings.max_bodies_bytes, bytes],
  ]
  return parts
    .filter(([, used, most]) => used >= most * nearlyFull)
    .map(([name, used, most, write]) => `${name} ${write(used)} of ${write(most)}`)
}

function Failing({ destination }: { readonly destination: DestinationView }) {
  const { id, name, failures_in_row: failures } = destination
  return (
    <Notice
      tone="warn"
      action={
        <Link
          className="button"
          href={address('/deliveries', { destination: id, status: 'failed,retrying' })}
        >
          Show them
        </Link>
      }
    >
      <Link href={`/destinations/${id}`}>{visible(name)}</Link> failed {count(failures, 'time', 'times')} in a
      row.
    </Notice>
  )
}

function Paused({ destination }: { readonly destination: DestinationView }) {
  const { call, toasts } = useServices()
  const resume = (): void => {
    call('destinations.resume', { id: destination.id }).catch((error: unknown) =>
      toasts.getState().show({ text: sentenceOf(error), tone: 'bad' }),
    )
  }
  return (
    <Notice tone="warn" action={<Button onClick={resume}>Resume</Button>}>
      <Link href={`/destinations/${destination.id}`}>{visible(destination.name)}</Link> is paused:{' '}
      {visible(destination.paused?.reason ?? '')}{' '}
      {count(destination.waiting_deliveries, 'delivery waits', 'deliveries wait')}.
    </Notice>
  )
}

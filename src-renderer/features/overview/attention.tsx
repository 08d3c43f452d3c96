import type { ReactNode } from 'react'
import { Link } from 'wouter'
import { useStore } from 'zustand'
import type { DestinationView } from '../../../src-shared/model/destination.ts'
import { address } from '../../app/location.ts'
import { useServices } from '../../app/services.ts'
import { Button } from '../../parts/button.tsx'
import { Notice } from '../../parts/notice.tsx'
import { count, visible } from '../../parts/words.ts'
import type { CaptureRow } from '../../stores/captures-store.ts'
import { sentenceOf } from '../../stores/problem.ts'

/** What should be looked at, each with the next step beside it. Nothing when all is well. */
export function Attention({ captures }: { readonly captures: readonly CaptureRow[] }) {
  const { configuration, connection } = useServices()
  const destinations = useStore(configuration, (state) => state.destinations)
  const settings = useStore(configuration, (state) => state.settings)
  const health = useStore(connection, (state) => state.health)
  const rejected = captures.filter((capture) => capture.verdict.status === 'rejected').length
  const failing = destinations.filter(
    ({ status, failures_in_row: failures }) =>
      status === 'active' && failures >= (settings?.notify_after_failures ?? 3),
  )
  const items: ReactNode[] = [
    ...destinations
      .filter(({ status }) => status === 'paused')
      .map((destination) => <Paused key={destination.id} destination={destination} />),
    ...failing.map((destination) => (
      <Notice
        key={destination.id}
        tone="warn"
        action={
          <Link
            className="button"
            href={address('/deliveries', { destination: destination.id, status: 'failed,retrying' })}
          >
            Show them
          </Link>
        }
      >
        <strong>{visible(destination.name)}</strong> failed{' '}
        {count(destination.failures_in_row, 'time', 'times')} in a row.
      </Notice>
    )),
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
  if (health?.receiver.listening === false)
    items.push(
      <Notice key="receiver" tone="warn">
        {health.receiver.problem}
      </Notice>,
    )
  if (health?.storage.writable === false)
    items.push(
      <Notice key="storage" tone="bad">
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

import { ArrowRight, Zap } from 'lucide-react'
import { Link } from 'wouter'
import { Button } from '../../parts/button.tsx'
import { HttpStatus, Status } from '../../parts/status.tsx'
import { Captured } from '../../parts/text.tsx'
import { visible } from '../../parts/words.ts'
import type { CaptureRow } from '../../stores/captures-store.ts'
import type { DeliveryRow } from '../../stores/deliveries-store.ts'

/** The first start: one button, and then both ends of what it did side by side. */
export function FirstEvent({
  delivery,
  captures,
  busy,
  onSend,
}: {
  readonly delivery: DeliveryRow | null
  readonly captures: readonly CaptureRow[]
  readonly busy: boolean
  readonly onSend: () => void
}) {
  const capture = captures.find((each) => each.delivery_id === delivery?.provider_delivery_id)
  return (
    <section className="first" aria-label="First event">
      <div className="first-words">
        <h2>{delivery === null ? 'Ready to try' : 'That was your first event'}</h2>
        <p>
          The sample workspace sends signed contact events to Hookbench&apos;s own receiver. One click shows
          both ends: the delivery as the provider makes it, and the capture with its signature checked.
        </p>
        {delivery === null ? (
          <Button
            look="primary"
            className="large"
            icon={<Zap size={16} aria-hidden="true" />}
            disabled={busy}
            onClick={onSend}
          >
            Send your first event
          </Button>
        ) : (
          <p>
            Next: point a <Link href="/destinations/new">destination</Link> at your own receiver, or{' '}
            <Link href="/contacts">change a contact</Link>.
          </p>
        )}
      </div>
      <div className="first-ends">
        <Sent delivery={delivery} />
        <ArrowRight size={20} aria-hidden="true" className="first-arrow" />
        <Received capture={capture} />
      </div>
    </section>
  )
}

function Sent({ delivery }: { readonly delivery: DeliveryRow | null }) {
  return (
    <div className="first-end" role="group" aria-label="The delivery">
      <h3>Sent</h3>
      {delivery === null ? (
        <p className="quiet">The delivery will stand here.</p>
      ) : (
        <Link href={`/deliveries/${delivery.id}`} className="first-card">
          <Status of={delivery.status} />
          <Captured className="strong">{delivery.event_type}</Captured>
          <span className="quiet">
            to <Captured>{delivery.destination_name}</Captured>, answer{' '}
            <HttpStatus of={delivery.response_status} />
          </span>
        </Link>
      )}
    </div>
  )
}

function Received({ capture }: { readonly capture: CaptureRow | undefined }) {
  return (
    <div className="first-end" role="group" aria-label="The capture">
      <h3>Received</h3>
      {capture === undefined ? (
        <p className="quiet">Its capture will stand here.</p>
      ) : (
        <Link href={`/captures/${capture.id}`} className="first-card">
          <Status of={capture.verdict.status} />
          <span>
            <span className="method">{visible(capture.method)}</span> <Captured>{capture.target}</Captured>
          </span>
          <span className="quiet">{visible(capture.verdict.message)}</span>
        </Link>
      )}
    </div>
  )
}

import { ArrowRight, Zap } from 'lucide-react'
import { useEffect, useState, type ReactNode } from 'react'
import { Link } from 'wouter'
import { useStore } from 'zustand'
import { useCommands } from '../../app/keyboard.ts'
import { useServices, useWorkspace } from '../../app/services.ts'
import { Button } from '../../parts/button.tsx'
import { ScreenHead } from '../../parts/filter-bar.tsx'
import { Empty, Notice } from '../../parts/notice.tsx'
import { HttpStatus, Status } from '../../parts/status.tsx'
import { Captured, Time } from '../../parts/text.tsx'
import type { CaptureRow } from '../../stores/captures-store.ts'
import type { DeliveryRow } from '../../stores/deliveries-store.ts'
import { sentenceOf } from '../../stores/problem.ts'
import { Attention } from './attention.tsx'
import { FirstEvent } from './first-event.tsx'
import { Strips } from './strips.tsx'
import { Traffic } from './traffic.tsx'

const noFilter = {}
const shown = 12

/** How things are, what needs attention, and the latest of both directions side by side. */
export function Overview() {
  const { recentDeliveries, recentCaptures } = useServices()
  const deliveries = useStore(recentDeliveries)
  const captures = useStore(recentCaptures)
  const { busy, problem, send } = useSampleEvent()
  useCommands([{ id: 'sample event', label: 'Send a sample event', group: 'Create', run: () => void send() }])
  useEffect(() => {
    deliveries.show(noFilter)
    captures.show(noFilter)
  }, [deliveries, captures])
  const ready = deliveries.status === 'ready' && captures.status === 'ready'
  const first = ready && deliveries.live.rows.length <= 1
  return (
    <div className="page overview">
      <ScreenHead title="Overview">
        {!first && (
          <Button
            look="primary"
            icon={<Zap size={14} aria-hidden="true" />}
            disabled={busy}
            onClick={() => void send()}
          >
            Send a sample event
          </Button>
        )}
      </ScreenHead>
      {problem !== null && <Notice tone="bad">{problem}</Notice>}
      {first && (
        <FirstEvent
          delivery={deliveries.live.rows[0] ?? null}
          captures={captures.live.rows}
          busy={busy}
          onSend={() => void send()}
        />
      )}
      <Attention captures={captures.live.rows} />
      {ready && !first && <Traffic />}
      <Strips deliveries={deliveries.live.rows} />
      <div className="side-by-side">
        <Latest title="Deliveries" href="/deliveries" empty="Nothing was sent yet.">
          {deliveries.live.rows.slice(0, shown).map((row) => (
            <DeliveryLine key={row.id} row={row} />
          ))}
        </Latest>
        <Latest title="Captures" href="/captures" empty="Nothing was captured yet.">
          {captures.live.rows.slice(0, shown).map((row) => (
            <CaptureLine key={row.id} row={row} />
          ))}
        </Latest>
      </div>
    </div>
  )
}

/** Raises an event that the workspace's subscriptions take. */
function useSampleEvent() {
  const { call, configuration } = useServices()
  const { workspace, provider } = useWorkspace()
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<string | null>(null)
  const send = async (): Promise<void> => {
    const offered = (provider?.events ?? []).filter(({ subscribable }) => subscribable)
    const subscribed = configuration
      .getState()
      .subscriptions.filter((each) => each.workspace_id === workspace?.id && each.enabled)
      .flatMap((each) => each.event_types)
    const liked = offered.filter(({ type }) => subscribed.includes(type))
    const type = (liked.find((each) => each.type === 'contact.updated') ?? liked[0] ?? offered[0])?.type
    if (workspace === null || type === undefined) {
      setProblem('There is no workspace to send from. Make one under Settings.')
      return
    }
    setBusy(true)
    try {
      const { deliveries } = await call('events.raise', { workspace_id: workspace.id, type })
      setProblem(
        deliveries.length === 0
          ? `No subscription of ${workspace.name} takes ${type}, so nothing was sent. Add one under Subscriptions.`
          : null,
      )
    } catch (error) {
      setProblem(sentenceOf(error))
    }
    setBusy(false)
  }
  return { busy, problem, send }
}

function Latest({
  title,
  href,
  empty,
  children,
}: {
  readonly title: string
  readonly href: string
  readonly empty: string
  readonly children: readonly ReactNode[]
}) {
  return (
    <section className="card" aria-label={title}>
      <header className="card-head">
        <h2>{title}</h2>
        <Link href={href} aria-label={`All ${title.toLowerCase()}`}>
          All <ArrowRight size={12} aria-hidden="true" />
        </Link>
      </header>
      {children.length === 0 ? <Empty title={empty} /> : <ul className="latest">{children}</ul>}
    </section>
  )
}

function DeliveryLine({ row }: { readonly row: DeliveryRow }) {
  return (
    <li>
      <Link href={`/deliveries/${row.id}`} className="latest-line delivery-line">
        <Status of={row.status} />
        <Captured>{row.event_type}</Captured>
        <span className="quiet" elementtiming="delivery">
          <Captured>{row.destination_name}</Captured>
        </span>
        <HttpStatus of={row.response_status} />
        <Time at={row.created_at} />
      </Link>
    </li>
  )
}

function CaptureLine({ row }: { readonly row: CaptureRow }) {
  return (
    <li>
      <Link href={`/captures/${row.id}`} className="latest-line capture-line">
        <Status of={row.verdict.status} />
        <span elementtiming="capture">
          <span className="method">
            <Captured>{row.method === '' ? 'not HTTP' : row.method}</Captured>
          </span>{' '}
          <Captured>{row.target}</Captured>
        </span>
        <span className="quiet">{row.event_type !== null && <Captured>{row.event_type}</Captured>}</span>
        <Time at={row.received_at} />
      </Link>
    </li>
  )
}

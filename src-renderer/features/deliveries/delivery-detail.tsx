import { Pencil, RotateCw, Send, Trash2, X } from 'lucide-react'
import { useEffect, useMemo, type ReactNode } from 'react'
import { Link, useLocation } from 'wouter'
import { useStore } from 'zustand'
import type { AttemptView, DeliveryView } from '../../../src-shared/model/delivery.ts'
import { headerValue } from '../../../src-shared/model/header.ts'
import { useCommands } from '../../app/keyboard.ts'
import { address, useFilter } from '../../app/location.ts'
import { useServices } from '../../app/services.ts'
import { BodyView } from '../../parts/body-view.tsx'
import { fromBase64, type BodySource } from '../../parts/body-source.ts'
import { Button, IconButton } from '../../parts/button.tsx'
import { CopyText } from '../../parts/copy.tsx'
import { HeadersTable } from '../../parts/headers-table.tsx'
import { Empty, Loading, Notice } from '../../parts/notice.tsx'
import { Status } from '../../parts/status.tsx'
import { Tabs } from '../../parts/tabs.tsx'
import { Captured, Countdown, ExactTime } from '../../parts/text.tsx'
import { count, visible } from '../../parts/words.ts'
import { modeWords, ReplaysOf } from '../replays/replays-of.tsx'
import { ExportMenu, ReplayButton } from '../replays/send-again.tsx'
import { Attempts } from './attempts.tsx'

const noNames: readonly string[] = []

/** One delivery in full. */
export function DeliveryDetail({ id }: { readonly id: string }) {
  const { delivery } = useServices()
  const { value, problem, gone, open } = useStore(delivery)
  useEffect(() => open(id), [open, id])
  useEffect(() => () => delivery.getState().open(null), [delivery])
  if (gone)
    return (
      <Empty title="There is no such delivery" action={<Link href="/deliveries">Back to the list</Link>}>
        It was deleted, left the history by age, or the address is not right.
      </Empty>
    )
  if (problem !== null) return <Notice tone="bad">{problem}</Notice>
  if (value === null || value.id !== id) return <Loading />
  return <Detail delivery={value} />
}

function Detail({ delivery }: { readonly delivery: DeliveryView }) {
  const [, go] = useLocation()
  const { query, change } = useFilter(noNames)
  const last = delivery.attempts.at(-1)
  const close = (): void => {
    const { tab: _tab, attempt: _attempt, ...rest } = query
    go(address('/deliveries', rest))
  }
  return (
    <article className="detail" aria-label="Delivery">
      <header className="detail-head">
        <div className="detail-title">
          <Status of={delivery.status} />
          <h2>
            <Captured>{delivery.event_type}</Captured>
          </h2>
          <IconButton label="Close (Esc)" onClick={close}>
            <X size={16} aria-hidden="true" />
          </IconButton>
        </div>
        <p className="summary">
          <WhatHappened delivery={delivery} last={last} />
        </p>
        <Actions delivery={delivery} onGone={close} />
      </header>
      <Hint of={delivery} />
      <Tabs
        label="Delivery"
        value={query['tab']}
        onChange={(tab) => change({ tab })}
        tabs={[
          {
            id: 'attempts',
            label: `Attempts (${delivery.attempts.length})`,
            content: <Attempts delivery={delivery} />,
          },
          { id: 'request', label: 'Request', content: <Request delivery={delivery} /> },
          { id: 'response', label: 'Answer', content: <Response attempt={last} /> },
          {
            id: 'replays',
            label: 'Replays',
            content: (
              <ReplaysOf
                key={delivery.id}
                of="deliveries"
                id={delivery.id}
                {...(delivery.status === 'failed' ? {} : { hint: 'r' })}
              />
            ),
          },
          { id: 'about', label: 'About', content: <About delivery={delivery} /> },
        ]}
      />
    </article>
  )
}

/** Advice for an answer that was a refusal. Other failures say themselves what to do. */
function Hint({ of: { hint, error, status } }: { readonly of: DeliveryView }) {
  if (hint === null || status === 'succeeded' || error?.code.startsWith('http_') !== true) return null
  return <Notice tone="warn">{hint}</Notice>
}

function WhatHappened({
  delivery,
  last,
}: {
  readonly delivery: DeliveryView
  readonly last: AttemptView | undefined
}) {
  const { connection } = useServices()
  const paused = useStore(connection, ({ health }) => health?.dispatcher.paused ?? false)
  const tries = count(delivery.attempt_count, 'attempt', 'attempts')
  const to = <Captured className="strong">{delivery.destination_name}</Captured>
  switch (delivery.status) {
    case 'succeeded':
      return (
        <>
          {to} answered {delivery.response_status} after {tries}.
        </>
      )
    case 'failed':
      return (
        <>
          Delivery to {to} failed after {tries}: {visible(delivery.error?.message ?? 'no reason was kept')}
        </>
      )
    case 'retrying':
      return (
        <>
          {last?.response_status === null || last === undefined ? (
            <>
              {to}: {withoutStop(visible(delivery.error?.message ?? 'the attempt failed'))}
            </>
          ) : (
            <>
              {to} answered {last.response_status}
            </>
          )}
          ; attempt {delivery.attempt_count + 1} follows{' '}
          {delivery.next_attempt_at === null ? 'soon' : <Countdown to={delivery.next_attempt_at} />}
          {paused && ', once sending is no longer paused'}.
        </>
      )
    case 'processing':
      return <>Being sent to {to}.</>
    case 'pending':
      return (
        <>
          Waits to be sent to {to}
          {paused && ': sending is paused'}.
        </>
      )
  }
}

/** A sentence that goes on. */
function withoutStop(sentence: string): string {
  return sentence.replace(/\.$/, '')
}

function Actions({ delivery, onGone }: { readonly delivery: DeliveryView; readonly onGone: () => void }) {
  const { history } = useServices()
  const { id, status } = delivery
  const retry = (): void => void history.retry(id)
  const sendNow = (): void => void history.sendNow(id)
  const cancel = (): void => void history.cancel(id)
  const remove = (): void => void history.remove('deliveries', [id]).then(onGone)
  const waits = status === 'pending' || status === 'retrying'
  const [, go] = useLocation()
  const edit = (): void =>
    go(address('/events/new', { type: delivery.event_type, from: delivery.event_id ?? '' }))
  useCommands([
    ...(delivery.event_id === null
      ? []
      : [{ id: 'delivery edit', label: 'Edit and send again', group: 'Delivery', key: 'e', run: edit }]),
    ...(status === 'failed'
      ? [{ id: 'delivery retry', label: 'Retry this delivery', group: 'Delivery', key: 'r', run: retry }]
      : []),
    ...(status === 'retrying'
      ? [{ id: 'delivery send', label: 'Send this delivery now', group: 'Delivery', key: 's', run: sendNow }]
      : []),
    ...(waits
      ? [{ id: 'delivery cancel', label: 'Cancel this delivery', group: 'Delivery', run: cancel }]
      : []),
  ])
  return (
    <div className="actions">
      {status === 'failed' && (
        <Button look="primary" icon={<RotateCw size={14} aria-hidden="true" />} hint="r" onClick={retry}>
          Retry
        </Button>
      )}
      {status === 'retrying' && (
        <Button look="primary" icon={<Send size={14} aria-hidden="true" />} hint="s" onClick={sendNow}>
          Send now
        </Button>
      )}
      {waits && <Button onClick={cancel}>Cancel</Button>}
      <ReplayButton of="deliveries" ids={[id]} {...(status === 'failed' ? {} : { hint: 'r' })} />
      {delivery.event_id !== null && (
        <Button icon={<Pencil size={14} aria-hidden="true" />} hint="e" onClick={edit}>
          Edit
        </Button>
      )}
      {status !== 'processing' && (
        <Button icon={<Trash2 size={14} aria-hidden="true" />} hint="#" onClick={remove}>
          Delete
        </Button>
      )}
      <ExportMenu of="deliveries" id={id} />
    </div>
  )
}

function Request({ delivery }: { readonly delivery: DeliveryView }) {
  const { call } = useServices()
  const { id, request } = delivery
  const source = useMemo<BodySource>(
    () => ({
      key: `${id} ${request.body_bytes}`,
      totalBytes: request.body_bytes,
      first: fromBase64(request.body_base64),
      read: async (from, to) =>
        (await call('deliveries.body', { id, range: `bytes=${from}-${to - 1}` })).bytes,
    }),
    [call, id, request],
  )
  return (
    <>
      <p className="request-line">
        <strong>{visible(request.method)}</strong> <CopyText text={request.url} label="Copy the URL" />
      </p>
      <HeadersTable headers={request.headers} label="Request headers" />
      <BodyView source={source} mediaType={headerValue(request.headers, 'content-type')} />
    </>
  )
}

function Response({ attempt }: { readonly attempt: AttemptView | undefined }) {
  const source = useMemo<BodySource | null>(() => {
    if (attempt === undefined) return null
    const first = fromBase64(attempt.response_excerpt_base64)
    const nothing = new Uint8Array()
    return {
      key: `${attempt.number} ${first.length}`,
      totalBytes: first.length,
      first,
      read: () => Promise.resolve(nothing),
    }
  }, [attempt])
  if (attempt === undefined || source === null) return <p className="quiet pad">Nothing was sent yet.</p>
  if (attempt.response_status === null)
    return (
      <Notice tone="bad">
        There was no answer: {visible(attempt.error?.message ?? 'the attempt was interrupted')}
      </Notice>
    )
  return (
    <>
      <p className="request-line">
        <strong>{attempt.response_status}</strong> to attempt {attempt.number}
      </p>
      <HeadersTable headers={attempt.response_headers} label="Response headers" />
      {attempt.response_truncated && <Notice>Only the first 64 KiB of the answer are kept.</Notice>}
      <BodyView source={source} mediaType={headerValue(attempt.response_headers, 'content-type')} />
    </>
  )
}

function About({ delivery }: { readonly delivery: DeliveryView }) {
  const { source } = delivery
  return (
    <dl className="facts">
      <Fact name="Delivery">
        <CopyText text={delivery.id} />
      </Fact>
      <Fact name="Provider's delivery id">
        <CopyText text={delivery.provider_delivery_id} />{' '}
        <Link href={address('/captures', { delivery_id: delivery.provider_delivery_id })}>its captures</Link>
      </Fact>
      <Fact name="Event">
        {delivery.event_id === null ? (
          'none: a replay'
        ) : (
          <>
            <CopyText text={delivery.event_id} />{' '}
            <Link href={address(`/events/${delivery.event_id}`)}>open</Link>
          </>
        )}
      </Fact>
      <Fact name="Destination">
        {delivery.destination_id === null ? (
          <Captured>{delivery.destination_name}</Captured>
        ) : (
          <Link href={`/destinations/${delivery.destination_id}`}>{visible(delivery.destination_name)}</Link>
        )}
      </Fact>
      <Fact name="Origin">
        {delivery.origin}
        {delivery.replay_mode !== null && `, ${modeWords(delivery.replay_mode)}`}
      </Fact>
      {source !== null && (
        <Fact name="Source">
          {'capture_id' in source ? (
            <Link href={`/captures/${source.capture_id}`}>a capture</Link>
          ) : (
            <Link href={`/deliveries/${source.delivery_id}`}>a delivery</Link>
          )}
        </Fact>
      )}
      <Fact name="Made">
        <ExactTime at={delivery.created_at} />
      </Fact>
      <Fact name="Last change">
        <ExactTime at={delivery.updated_at} />
      </Fact>
    </dl>
  )
}

export function Fact({ name, children }: { readonly name: string; readonly children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  )
}

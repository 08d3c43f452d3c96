import { Pin, Trash2, X } from 'lucide-react'
import { useEffect, useMemo } from 'react'
import { Link, useLocation } from 'wouter'
import { useStore } from 'zustand'
import type { CaptureView } from '../../../src-shared/model/capture.ts'
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
import { Captured, ExactTime } from '../../parts/text.tsx'
import { bytes, count, visible } from '../../parts/words.ts'
import { Fact } from '../deliveries/delivery-detail.tsx'
import { ReplaysOf } from '../replays/replays-of.tsx'
import { ExportMenu, ReplayButton } from '../replays/send-again.tsx'
import { Answer } from './answer.tsx'
import { Diagnosis } from './diagnosis.tsx'
import { Marks } from './marks.tsx'

const noNames: readonly string[] = []

/** One capture in full. */
export function CaptureDetail({ id }: { readonly id: string }) {
  const { capture } = useServices()
  const { value, problem, gone, open } = useStore(capture)
  useEffect(() => open(id), [open, id])
  useEffect(() => () => capture.getState().open(null), [capture])
  if (gone)
    return (
      <Empty title="There is no such capture" action={<Link href="/captures">Back to the list</Link>}>
        It was deleted, left the history by age, or the address is not right.
      </Empty>
    )
  if (problem !== null) return <Notice tone="bad">{problem}</Notice>
  if (value === null || value.id !== id) return <Loading />
  return <Detail capture={value} />
}

function Detail({ capture }: { readonly capture: CaptureView }) {
  const [, go] = useLocation()
  const { query, change } = useFilter(noNames)
  const close = (): void => {
    const { tab: _tab, ...rest } = query
    go(address('/captures', rest))
  }
  return (
    <article className="detail" aria-label="Capture">
      <header className="detail-head">
        <div className="detail-title">
          <Status of={capture.verdict.status} />
          <h2>
            <Captured>{capture.method === '' ? 'Not HTTP' : capture.method}</Captured>{' '}
            <Captured className="mono">{capture.target}</Captured>
          </h2>
          <IconButton label="Close (Esc)" onClick={close}>
            <X size={16} aria-hidden="true" />
          </IconButton>
        </div>
        <Actions capture={capture} onGone={close} />
      </header>
      <Verdict capture={capture} />
      <Tabs
        label="Capture"
        value={query['tab']}
        onChange={(tab) => change({ tab })}
        tabs={[
          capture.malformed === null
            ? { id: 'body', label: 'Body', content: <Body capture={capture} /> }
            : { id: 'wire', label: 'Wire', content: <Wire capture={capture} /> },
          {
            id: 'headers',
            label: `Headers (${capture.headers.length})`,
            content: <Headers capture={capture} />,
          },
          { id: 'answer', label: 'Answer', content: <Answer capture={capture} /> },
          {
            id: 'replays',
            label: 'Replays',
            content: <ReplaysOf key={capture.id} of="captures" id={capture.id} hint="r" />,
          },
          { id: 'notes', label: 'Notes', content: <Marks key={capture.id} capture={capture} /> },
          { id: 'about', label: 'About', content: <About capture={capture} /> },
        ]}
      />
    </article>
  )
}

function Actions({ capture, onGone }: { readonly capture: CaptureView; readonly onGone: () => void }) {
  const { history } = useServices()
  const { id, pinned } = capture
  const pin = (): void => void history.mark(id, { pinned: !pinned })
  useCommands([
    {
      id: 'capture pin',
      label: pinned ? 'Unpin this capture' : 'Pin this capture',
      group: 'Capture',
      key: 'p',
      run: pin,
    },
  ])
  return (
    <div className="actions">
      <ReplayButton of="captures" ids={[id]} hint="r" />
      <Button icon={<Pin size={14} aria-hidden="true" />} hint="p" aria-pressed={pinned} onClick={pin}>
        {pinned ? 'Unpin' : 'Pin'}
      </Button>
      <Button
        icon={<Trash2 size={14} aria-hidden="true" />}
        hint="#"
        onClick={() => void history.remove('captures', [id]).then(onGone)}
      >
        Delete
      </Button>
      <ExportMenu of="captures" id={id} />
    </div>
  )
}

function Verdict({ capture }: { readonly capture: CaptureView }) {
  const { verdict, same_delivery: same } = capture
  return (
    <div className={`verdict ${verdict.status}`} role="group" aria-label="Verdict">
      <Diagnosis capture={capture} />
      {capture.malformed !== null && <Notice tone="warn">{visible(capture.malformed.reason)}</Notice>}
      {capture.aborted && <Notice tone="warn">The sender went away before the end of the request.</Notice>}
      {capture.truncated && (
        <Notice tone="warn">
          {bytes(capture.kept_bytes)} of {bytes(capture.body_bytes)} are kept; the rest{' '}
          {capture.aborted ? 'never came' : 'is beyond the limit'}.
        </Notice>
      )}
      {same.length > 0 && (
        <Notice>
          The same delivery came {count(same.length, 'more time', 'more times')}:{' '}
          <Link href={address('/captures', { delivery_id: capture.delivery_id ?? '' })}>
            show them together
          </Link>
        </Notice>
      )}
    </div>
  )
}

/** What is kept of the body; of a malformed request, of everything that came. */
function useKept({ id, body_base64: base64, kept_bytes: kept }: CaptureView): BodySource {
  const { call } = useServices()
  return useMemo<BodySource>(
    () => ({
      key: `${id} ${kept}`,
      totalBytes: kept,
      first: fromBase64(base64),
      read: async (from, to) => (await call('captures.body', { id, range: `bytes=${from}-${to - 1}` })).bytes,
    }),
    [call, id, base64, kept],
  )
}

function Body({ capture }: { readonly capture: CaptureView }) {
  const source = useKept(capture)
  const mediaType = headerValue(capture.headers, 'content-type')
  return <BodyView key={capture.id} source={source} mediaType={mediaType} />
}

/** The bytes of a request that is no valid HTTP: nothing of it is taken for head or body. */
function Wire({ capture }: { readonly capture: CaptureView }) {
  const source = useKept(capture)
  return (
    <>
      <p className="quiet pad">Every byte as it came, from the request line on.</p>
      <BodyView key={capture.id} source={source} mediaType={undefined} wire />
    </>
  )
}

function Headers({ capture }: { readonly capture: CaptureView }) {
  return (
    <>
      <p className="request-line mono">
        <bdi>
          {visible(capture.method)} {visible(capture.target)}
          {capture.http_version === '' ? '' : ` HTTP/${capture.http_version}`}
        </bdi>
      </p>
      <HeadersTable headers={capture.headers} label="Headers" />
      {capture.trailers.length > 0 && (
        <>
          <h3>Trailers</h3>
          <HeadersTable headers={capture.trailers} label="Trailers" />
        </>
      )}
    </>
  )
}

function About({ capture }: { readonly capture: CaptureView }) {
  const { configuration } = useServices()
  const endpoint = useStore(configuration, ({ endpoints }) =>
    endpoints.find(({ id }) => id === capture.endpoint_id),
  )
  return (
    <dl className="facts">
      <Fact name="Capture">
        <CopyText text={capture.id} />
      </Fact>
      <Fact name="Endpoint">
        {endpoint === undefined ? (
          'deleted'
        ) : (
          <Link href={`/endpoints/${endpoint.id}`}>{visible(endpoint.name)}</Link>
        )}
      </Fact>
      <Fact name="Received">
        <ExactTime at={capture.received_at} />
      </Fact>
      <Fact name="From">{visible(capture.remote_address)}</Fact>
      <Fact name="Event">{capture.event_type === null ? 'unknown' : visible(capture.event_type)}</Fact>
      <Fact name="Delivery id">
        {capture.delivery_id === null ? 'none' : <CopyText text={capture.delivery_id} />}
      </Fact>
      {capture.duplicate_of !== null && (
        <Fact name="Came first as">
          <Link href={`/captures/${capture.duplicate_of}`}>another capture</Link>
        </Fact>
      )}
      <Fact name="Answered">{capture.answered.status}</Fact>
    </dl>
  )
}

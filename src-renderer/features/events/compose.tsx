import { Send } from 'lucide-react'
import { useCallback, useEffect, useRef, useState } from 'react'
import { Link, useLocation } from 'wouter'
import type { JsonObject } from '../../../src-shared/model/json.ts'
import type { OperationOutput } from '../../../src-shared/api/contract.ts'
import { useCommands } from '../../app/keyboard.ts'
import { address, useFilter } from '../../app/location.ts'
import { useServices, useWorkspace } from '../../app/services.ts'
import { fromBase64 } from '../../parts/body-source.ts'
import { Button } from '../../parts/button.tsx'
import { SelectField } from '../../parts/field.tsx'
import { ScreenHead } from '../../parts/filter-bar.tsx'
import { HeadersTable } from '../../parts/headers-table.tsx'
import { indentJson, parseObject } from '../../parts/json-text.ts'
import { Editor } from '../../parts/lazy-editor.tsx'
import { LineView } from '../../parts/line-view.tsx'
import { Empty, Notice } from '../../parts/notice.tsx'
import { Captured } from '../../parts/text.tsx'
import { count, visible } from '../../parts/words.ts'
import { latestDraft } from '../../stores/drafts-store.ts'
import { sentenceOf } from '../../stores/problem.ts'
import { DraftNotice } from '../draft-notice.tsx'
import { useSample } from '../use-sample.ts'

const filterNames = ['type', 'from'] as const
const typingMs = 300

/** An event made by hand: its type, a realistic sample to change, and what it would send. */
export function Compose() {
  const { provider } = useWorkspace()
  const { filter, change } = useFilter(filterNames)
  const begun = useBegun()
  const type = filter['type'] ?? begun?.type ?? provider?.events[0]?.type ?? null
  const from = filter['from'] ?? (filter['type'] === undefined ? begun?.from : undefined)
  const { text, setText, draft } = usePayload(type, from)
  const data = parseObject(text)
  const preview = usePreview(type, data)
  const { payload: sample } = useSample(provider?.id ?? null, type)
  const { send, busy, problem } = useSend(type, data, draft.done)
  if (provider === null) return <Empty title="No workspace yet">Make one under Settings.</Empty>
  return (
    <div className="page editor-page">
      <ScreenHead title="New event">
        <Link href="/events" className="button">
          Past events
        </Link>
      </ScreenHead>
      <div className="editor-columns">
        <div className="form">
          <DraftNotice draft={draft} />
          {problem !== null && <Notice tone="bad">{problem}</Notice>}
          <SelectField
            label={`Event of ${provider.name}`}
            help={provider.events.find((event) => event.type === type)?.description}
            value={type ?? ''}
            onChange={(event) => change({ type: event.target.value, from: undefined })}
          >
            {provider.events.map((event) => (
              <option key={event.type}>{event.type}</option>
            ))}
          </SelectField>
          <div className="field">
            <span className="label">Payload</span>
            <div className="compose-editor">
              <Editor label="Payload" language="json" value={text} onChange={setText} sample={sample} />
            </div>
            <div className={data === null ? 'problem' : 'help'}>
              {data === null
                ? 'This is no JSON object yet.'
                : 'A realistic sample with fresh ids and times; change what you like. Ctrl Space offers its fields.'}
            </div>
          </div>
          <footer className="form-foot">
            <Button
              look="primary"
              icon={<Send size={14} aria-hidden="true" />}
              disabled={busy || data === null}
              onClick={() => void send()}
            >
              Send
            </Button>
          </footer>
        </div>
        <aside className="editor-preview" aria-label="Preview">
          <Preview preview={preview} />
        </aside>
      </div>
    </div>
  )
}

/** Sends the event, and goes to what it made. */
function useSend(type: string | null, data: JsonObject | null, onSent: () => void) {
  const { call, toasts } = useServices()
  const { workspace } = useWorkspace()
  const [, go] = useLocation()
  const [problem, setProblem] = useState<string | null>(null)
  const [busy, setBusy] = useState(false)
  const send = async (): Promise<void> => {
    if (type === null || data === null || workspace === null) return
    setBusy(true)
    setProblem(null)
    try {
      const { deliveries, event } = await call('events.raise', { workspace_id: workspace.id, type, data })
      onSent()
      const [first] = deliveries
      toasts.getState().show({ text: `Sent to ${count(deliveries.length, 'destination', 'destinations')}` })
      go(
        first !== undefined && deliveries.length === 1
          ? `/deliveries/${first.id}`
          : address('/deliveries', { event: event.id }),
      )
    } catch (error) {
      setProblem(sentenceOf(error))
    }
    setBusy(false)
  }
  useCommands([{ id: 'send event', label: 'Send this event', group: 'Events', run: () => void send() }])
  return { send, busy, problem }
}

type Previewed = OperationOutput<'events.preview'>

/** A payload that was changed and not sent. */
interface ComposeDraft {
  readonly type: string
  readonly from: string | undefined
  readonly text: string
}

/** What was being composed in this workspace when it was left. */
function useBegun(): ComposeDraft | undefined {
  const { drafts } = useServices()
  const { workspace } = useWorkspace()
  const [begun] = useState(() => latestDraft(drafts.getState(), `compose ${workspace?.id} `)?.value)
  return begun as ComposeDraft | undefined
}

/** The payload to change: as it was left, of an earlier event, or a sample. */
function usePayload(type: string | null, from: string | undefined) {
  const { call, drafts } = useServices()
  const { workspace } = useWorkspace()
  const workspaceId = workspace?.id
  const key = `compose ${workspaceId} ${type} ${from ?? ''}`
  const [shown, setShown] = useState({ text: '{}', restoredAt: null as number | null })
  /** What there is to change, by what it was read for; another sample has other ids and times. */
  const original = useRef('')
  const read = useCallback(
    async (isWanted: () => boolean) => {
      if (type === null || workspaceId === undefined) return
      const payload = await (
        from === undefined
          ? call('events.preview', { workspace_id: workspaceId, type }).then(({ event }) => event.payload)
          : call('events.get', { id: from }).then((event) => event.payload)
      ).catch(() => ({}))
      if (!isWanted()) return
      original.current = JSON.stringify(payload, null, 2)
      drafts.getState().discard(key)
      setShown({ text: original.current, restoredAt: null })
    },
    [call, drafts, workspaceId, type, from, key],
  )
  useEffect(() => {
    const kept = drafts.getState().drafts.get(key)
    original.current = kept?.base ?? ''
    if (kept !== undefined) {
      // oxlint-disable-next-line react/set-state-in-effect -- another payload is shown
      setShown({ text: (kept.value as ComposeDraft).text, restoredAt: kept.at })
      return
    }
    let wanted = true
    void read(() => wanted)
    return () => {
      wanted = false
    }
  }, [drafts, key, read])
  const done = (): void => drafts.getState().discard(key)
  const setText = (text: string): void => {
    setShown((before) => ({ ...before, text }))
    if (type === null || text === original.current) done()
    else {
      const value: ComposeDraft = { type, from, text }
      drafts.getState().keep(key, { value, base: original.current, warns: true })
    }
  }
  const discard = (): void => {
    void read(() => true)
  }
  return {
    text: shown.text,
    setText,
    draft: { restoredAt: shown.restoredAt, changedElsewhere: false, discard, done },
  }
}

function usePreview(type: string | null, data: JsonObject | null) {
  const { call } = useServices()
  const { workspace } = useWorkspace()
  const [preview, setPreview] = useState<Previewed | string | null>(null)
  const text = data === null ? null : JSON.stringify(data)
  const workspaceId = workspace?.id
  useEffect(() => {
    if (type === null || text === null || workspaceId === undefined) return
    let wanted = true
    const timer = setTimeout(() => {
      call('events.preview', { workspace_id: workspaceId, type, data: JSON.parse(text) as JsonObject }).then(
        (found) => wanted && setPreview(found),
        (error: unknown) => wanted && setPreview(sentenceOf(error)),
      )
    }, typingMs)
    return () => {
      wanted = false
      clearTimeout(timer)
    }
  }, [call, workspaceId, type, text])
  return preview
}

function Preview({ preview }: { readonly preview: Previewed | string | null }) {
  if (preview === null) return null
  if (typeof preview === 'string') return <Notice tone="bad">{preview}</Notice>
  const { deliveries } = preview
  return (
    <>
      <h2>
        {deliveries.length === 0
          ? 'No subscription takes this event'
          : `Goes to ${count(deliveries.length, 'destination', 'destinations')}`}
      </h2>
      {deliveries.length === 0 && (
        <p className="quiet">
          It would be kept as an event without deliveries. <Link href="/subscriptions">Subscribe</Link> a
          destination to it first.
        </p>
      )}
      {deliveries.map((delivery) => (
        <section className="card" key={`${delivery.subscription_id} ${delivery.destination_id}`}>
          <header className="card-head">
            <h3>
              <Captured>{delivery.destination_name}</Captured>
            </h3>
          </header>
          {delivery.error !== null && <Notice tone="bad">{visible(delivery.error.message)}</Notice>}
          {delivery.request !== null && (
            <PreviewedRequest request={delivery.request} of={delivery.destination_name} />
          )}
        </section>
      ))}
    </>
  )
}

function PreviewedRequest({
  request,
  of,
}: {
  readonly of: string
  readonly request: NonNullable<Previewed['deliveries'][number]['request']>
}) {
  const text = new TextDecoder().decode(fromBase64(request.body_base64))
  const pretty = indentJson(text)
  return (
    <>
      <p className="request-line mono">
        <strong>{request.method}</strong> <bdi>{visible(request.url)}</bdi>
      </p>
      <HeadersTable headers={request.headers} label={`Headers for ${of}`} />
      <p className="help pad">The provider&apos;s own headers and the signature are added when it is sent.</p>
      {text !== '' && (
        <div className="preview-body">
          <LineView text={pretty ?? text} json={pretty !== null} label={`Body for ${of}`} mostLines={24} />
        </div>
      )}
    </>
  )
}

import { useEffect, useState, type FormEvent } from 'react'
import { useStore } from 'zustand'
import type { Settings } from '../../../src-shared/model/settings.ts'
import { useServices } from '../../app/services.ts'
import { Button } from '../../parts/button.tsx'
import { CopyText } from '../../parts/copy.tsx'
import { TextField } from '../../parts/field.tsx'
import { Notice } from '../../parts/notice.tsx'
import { visible } from '../../parts/words.ts'
import { nothingWrong, placeError } from '../../stores/problem.ts'
import { DraftNotice } from '../draft-notice.tsx'
import { useDraft } from '../use-draft.ts'

/** Where receiver and API are, and on which ports they listen. */
export function Addresses({ settings }: { readonly settings: Settings }) {
  const { connection } = useServices()
  const health = useStore(connection, (state) => state.health)
  const apiUrl = useApiUrl()
  if (health === null) return null
  const { receiver } = health
  return (
    <section className="card" aria-label="Addresses">
      <header className="card-head">
        <h2>Addresses</h2>
      </header>
      <dl className="facts">
        <div>
          <dt>Receiver</dt>
          <dd>
            {receiver.url === null ? (
              <Notice tone="warn">
                It does not listen{receiver.problem === null ? '.' : `: ${visible(receiver.problem)}`}
              </Notice>
            ) : (
              <CopyText text={receiver.url} label="Copy the receiver's address" />
            )}
          </dd>
        </div>
        <div>
          <dt>API</dt>
          <dd>{apiUrl !== null && <CopyText text={apiUrl} label="Copy the API's address" />}</dd>
        </div>
        <div>
          <dt>Version</dt>
          <dd>{visible(health.version)}</dd>
        </div>
      </dl>
      <PortsForm settings={settings} listening={portOf(receiver.url)} apiPort={portOf(apiUrl)} />
    </section>
  )
}

/** Where the API is: where the page is from, unless the desktop app shows it. */
function useApiUrl(): string | null {
  const { desktopState } = useServices()
  const [url, setUrl] = useState(desktopState === null ? `${location.origin}/api/v1` : null)
  useEffect(() => {
    if (desktopState === null) return undefined
    const take = (): void => setUrl(desktopState.getState().state?.api_url ?? null)
    take()
    return desktopState.subscribe(take)
  }, [desktopState])
  return url
}

const textOf = (port: number | null): string => (port === null ? '' : String(port))
/** Empty text is null; what is no number is refused by the operation. */
const portFrom = (text: string): number | null => (text.trim() === '' ? null : Number(text))

function portOf(url: string | null): string {
  return url === null ? '' : new URL(url).port
}

function PortsForm({
  settings,
  listening,
  apiPort: apiPortNow,
}: {
  readonly settings: Settings
  readonly listening: string
  readonly apiPort: string
}) {
  const { call, connection, toasts } = useServices()
  const { capture_port: capturePort, api_port: apiPort } = settings
  const draft = useDraft<{ readonly capture?: string; readonly api?: string }>('ports', {})
  const { value: typed, set: setTyped } = draft
  const [{ wrong, above }, setProblem] = useState(nothingWrong)
  const shown = { capture: listening === '' ? textOf(capturePort) : listening, api: textOf(apiPort) }
  const capture = typed.capture ?? shown.capture
  const api = typed.api ?? shown.api
  const moves = capture !== shown.capture || listening === ''
  const sets = api !== shown.api
  const save = async (event: FormEvent): Promise<void> => {
    event.preventDefault()
    setProblem(nothingWrong)
    try {
      await call('settings.change', {
        ...(moves ? { capture_port: portFrom(capture) } : {}),
        ...(sets ? { api_port: portFrom(api) } : {}),
      })
      await connection.getState().refreshHealth()
      draft.discard()
      toasts.getState().show({ text: moves ? 'The receiver listens there now' : 'The port is saved' })
    } catch (error) {
      setProblem(placeError(error, ['capture_port', 'api_port']))
    }
  }
  return (
    <form className="pad form" noValidate onSubmit={(event) => void save(event)}>
      <DraftNotice draft={draft} />
      {above !== null && <Notice tone="bad">{above}</Notice>}
      <div className="field-pair">
        <TextField
          label="Receiver's port"
          type="number"
          min={0}
          max={65535}
          help="It moves there at once. 0: any free one. Empty: the usual one."
          value={capture}
          problem={wrong['capture_port']}
          onChange={(event) => setTyped({ capture: event.target.value })}
        />
        <TextField
          label="Port of API and web UI"
          type="number"
          min={0}
          max={65535}
          placeholder="the usual one"
          help={`Counts from the next start on; now it is ${apiPortNow}. --port goes before it.`}
          value={api}
          problem={wrong['api_port']}
          onChange={(event) => setTyped({ api: event.target.value })}
        />
      </div>
      <div className="form-foot">
        <Button look="primary" type="submit" disabled={!moves && !sets}>
          {listening === '' && !sets ? 'Listen there' : 'Save the ports'}
        </Button>
      </div>
    </form>
  )
}

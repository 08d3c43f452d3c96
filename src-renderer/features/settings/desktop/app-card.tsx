import { useState } from 'react'
import type { DesktopPreferences, DesktopState } from '../../../../src-shared/desktop/desktop-contract.ts'
import { Button } from '../../../parts/button.tsx'
import { CopyText } from '../../../parts/copy.tsx'
import { CheckField, SelectField } from '../../../parts/field.tsx'
import { Notice } from '../../../parts/notice.tsx'
import type { DesktopStore } from '../../../stores/desktop-store.ts'
import { sentenceOf } from '../../../stores/problem.ts'

const onClose: Readonly<Record<DesktopPreferences['on_close'], string>> = {
  ask: 'asks what to do',
  keep_running: 'keeps Hookbench running in the tray',
  quit: 'quits Hookbench',
}

/** How the app starts, ends and makes itself heard, and where its files are. Each change counts at once. */
export function AppCard({
  desktop,
  state,
}: {
  readonly desktop: DesktopStore
  readonly state: DesktopState
}) {
  const [problem, setProblem] = useState<string | null>(null)
  const { preferences, can_open_at_login: canOpenAtLogin } = state
  const run = (work: Promise<void>): void => {
    work.then(
      () => setProblem(null),
      (error: unknown) => setProblem(sentenceOf(error)),
    )
  }
  const change = (changed: Partial<DesktopPreferences>): void => run(desktop.getState().change(changed))
  return (
    <section className="card" aria-label="Desktop app">
      <header className="card-head">
        <h2>Desktop app</h2>
        <Button onClick={() => run(desktop.getState().openInBrowser())}>Open in the browser</Button>
      </header>
      <div className="pad form">
        {problem !== null && <Notice tone="bad">{problem}</Notice>}
        <SelectField
          label="Closing the window"
          help="In the tray its receiver and its retries go on."
          value={preferences.on_close}
          onChange={(event) => change({ on_close: event.target.value as DesktopPreferences['on_close'] })}
        >
          {Object.entries(onClose).map(([value, label]) => (
            <option key={value} value={value}>
              {label}
            </option>
          ))}
        </SelectField>
        <CheckField
          label="Open at login"
          help={
            canOpenAtLogin
              ? 'It starts in the tray, without its window.'
              : 'Not here: only the installed app can be opened at login.'
          }
          disabled={!canOpenAtLogin}
          checked={canOpenAtLogin && preferences.open_at_login}
          onChange={(event) => change({ open_at_login: event.target.checked })}
        />
        <CheckField
          label="Notifications"
          help="When a destination keeps failing or is paused, and when a signature is rejected."
          checked={preferences.notifications}
          onChange={(event) => change({ notifications: event.target.checked })}
        />
      </div>
      <dl className="facts">
        <div>
          <dt>Data folder</dt>
          <dd className="fact-line">
            <CopyText text={state.data_folder} label="Copy the data folder's path" />
            <Button
              aria-label="Show the data folder"
              onClick={() => run(desktop.getState().reveal('data_folder'))}
            >
              Show
            </Button>
          </dd>
        </div>
        <div>
          <dt>Log</dt>
          <dd className="fact-line">
            <CopyText text={state.log_file} label="Copy the log's path" />
            <Button aria-label="Show the log" onClick={() => run(desktop.getState().reveal('log_file'))}>
              Show
            </Button>
          </dd>
        </div>
      </dl>
    </section>
  )
}

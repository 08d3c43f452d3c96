import { useStore } from 'zustand'
import { useServices } from '../../app/services.ts'
import { CopyText } from '../../parts/copy.tsx'
import { SelectField } from '../../parts/field.tsx'
import { ScreenHead } from '../../parts/filter-bar.tsx'
import { Notice } from '../../parts/notice.tsx'
import { visible } from '../../parts/words.ts'
import { themes, type Theme } from '../../stores/preferences-store.ts'
import { LimitsForm } from './limits-form.tsx'
import { StorageUse } from './storage-use.tsx'
import { Transfer } from './transfer.tsx'
import { Workspaces } from './workspaces.tsx'

const themeNames: Readonly<Record<Theme, string>> = { system: 'as the system', light: 'light', dark: 'dark' }

/** Workspaces, limits, what is used, addresses, looks. */
export function Settings() {
  const { configuration, preferences } = useServices()
  const settings = useStore(configuration, (state) => state.settings)
  const { theme, setTheme } = useStore(preferences)
  return (
    <div className="page settings">
      <ScreenHead title="Settings" />
      <div className="settings-columns">
        <div>
          <Workspaces />
          <section className="card" aria-label="Looks">
            <header className="card-head">
              <h2>Looks</h2>
            </header>
            <div className="pad form">
              <SelectField
                label="Theme"
                value={theme}
                onChange={(event) => setTheme(event.target.value as Theme)}
              >
                {themes.map((each) => (
                  <option key={each} value={each}>
                    {themeNames[each]}
                  </option>
                ))}
              </SelectField>
            </div>
          </section>
          <Transfer />
          <Addresses />
        </div>
        <div>
          {settings !== null && <LimitsForm key={JSON.stringify(settings)} settings={settings} />}
          <StorageUse settings={settings} />
        </div>
      </div>
    </div>
  )
}

function Addresses() {
  const { connection } = useServices()
  const health = useStore(connection, (state) => state.health)
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
              <Notice tone="warn">{receiver.problem}</Notice>
            ) : (
              <CopyText text={receiver.url} />
            )}
          </dd>
        </div>
        <div>
          <dt>API</dt>
          <dd>
            <CopyText text={`${location.origin}/api/v1`} />
          </dd>
        </div>
        <div>
          <dt>Version</dt>
          <dd>{visible(health.version)}</dd>
        </div>
      </dl>
      <p className="help pad">
        Ports are chosen at the start: <code>hookbench serve --port 4747 --capture-port 4848</code>
      </p>
    </section>
  )
}

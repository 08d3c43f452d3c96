import { useStore } from 'zustand'
import { useServices } from '../../app/services.ts'
import { SelectField } from '../../parts/field.tsx'
import { ScreenHead } from '../../parts/filter-bar.tsx'
import { themes, type Theme } from '../../stores/preferences-store.ts'
import { LimitsForm } from './limits-form.tsx'
import { Schemes } from '../schemes/schemes.tsx'
import { Addresses } from './addresses.tsx'
import { DesktopSettings } from './desktop/desktop-settings.tsx'
import { StorageUse } from './storage-use.tsx'
import { Transfer } from './transfer.tsx'
import { Workspaces } from './workspaces.tsx'

const themeNames: Readonly<Record<Theme, string>> = { system: 'as the system', light: 'light', dark: 'dark' }

/** Workspaces, limits, what is used, addresses, looks. */
export function Settings() {
  const { configuration, desktopState, preferences } = useServices()
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
          {desktopState !== null && <DesktopSettings desktop={desktopState} />}
          <Schemes />
          <Transfer />
        </div>
        <div>
          {settings !== null && <Addresses settings={settings} />}
          {settings !== null && <LimitsForm settings={settings} />}
          <StorageUse settings={settings} />
        </div>
      </div>
    </div>
  )
}

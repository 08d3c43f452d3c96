import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { dataFolder } from '../data-folder.ts'
import type { PortChoice } from '../host.ts'

/** Starts in the tray, without a window. */
export const hiddenSwitch = '--hidden'

/** The app's own part of a data folder: window, preferences, the browser's profile. */
export function appFolderOf(folder: string): string {
  return join(folder, 'desktop')
}

/** What the app is started with. */
export interface DesktopArguments {
  readonly folder: string
  readonly port: PortChoice
  readonly capturePort: PortChoice
  readonly hidden: boolean
}

/** Electron's and Chromium's own switches stand among ours. */
export function readArguments(argv: readonly string[], environment: NodeJS.ProcessEnv): DesktopArguments {
  const { values } = parseArgs({
    args: argv.slice(1),
    strict: false,
    options: {
      'data-dir': { type: 'string' },
      port: { type: 'string' },
      'capture-port': { type: 'string' },
      hidden: { type: 'boolean' },
    },
  })
  const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined)
  const portOf = (value: unknown, usual: number): PortChoice => {
    const given = text(value) ?? ''
    return /^\d{1,5}$/.test(given) && Number(given) <= 65_535 ? Number(given) : { unlessSet: usual }
  }
  return {
    folder: dataFolder(text(values['data-dir']), environment),
    port: portOf(values.port, 4747),
    capturePort: portOf(values['capture-port'], 4848),
    hidden: argv.includes(hiddenSwitch),
  }
}

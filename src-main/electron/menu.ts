import type { MenuItemConstructorOptions } from 'electron'
import { desktopGroup, type MenuAction } from '../../src-shared/desktop/desktop-contract.ts'

export interface MenuOptions {
  /** What the page offers just now: the same as in its palette. */
  readonly actions: readonly MenuAction[]
  readonly platform: NodeJS.Platform
  readonly developerTools: boolean
  readonly run: (actionId: string) => void
  readonly importFile: () => void
  readonly exportFile: () => void
  readonly openInBrowser: () => void
  readonly reveal: (what: 'data_folder' | 'log_file') => void
}

/** The palette's groups that have a menu of their own; the rest goes under Action. */
const placesGroup = 'Go'
const viewGroup = 'View'
const updatesAction = 'updates'

/**
 * The native menu. The page's keys are single letters, which a menu must not take away from its text fields: they are
 * shown and the page itself listens to them.
 */
export function menuTemplate(options: MenuOptions): MenuItemConstructorOptions[] {
  const { platform, run } = options
  const isMac = platform === 'darwin'
  const of = (group: string): MenuItemConstructorOptions[] =>
    options.actions.filter((action) => action.group === group).map((action) => item(action, run))
  const others = [...new Set(options.actions.map(({ group }) => group))].filter(
    (group) => group !== placesGroup && group !== viewGroup && group !== desktopGroup,
  )
  const actionItems = others.flatMap((group, index): MenuItemConstructorOptions[] =>
    index === 0 ? of(group) : [separator, ...of(group)],
  )
  const viewItems = options.actions.some(({ group }) => group === viewGroup)
    ? [...of(viewGroup), separator]
    : []
  return [
    ...(isMac ? [{ role: 'appMenu' } as const] : []),
    {
      label: '&File',
      submenu: [
        { label: 'Import a Configuration …', accelerator: 'CmdOrCtrl+O', click: options.importFile },
        { label: 'Export the Configuration …', accelerator: 'CmdOrCtrl+Shift+S', click: options.exportFile },
        separator,
        { label: 'Open in the Browser', click: options.openInBrowser },
        separator,
        isMac ? { role: 'close' } : { role: 'quit' },
      ],
    },
    { role: 'editMenu' },
    { label: '&Go', submenu: orNothing(of(placesGroup)) },
    { label: '&Action', submenu: orNothing(actionItems) },
    {
      label: '&View',
      submenu: [
        ...viewItems,
        { role: 'resetZoom' },
        { role: 'zoomIn' },
        { role: 'zoomOut' },
        { role: 'togglefullscreen' },
        ...(options.developerTools ? [separator, { role: 'toggleDevTools' } as const] : []),
      ],
    },
    { role: 'windowMenu' },
    {
      role: 'help',
      submenu: [
        ...of(desktopGroup).filter(({ id }) => id === updatesAction),
        { label: 'Show the Data Folder', click: () => options.reveal('data_folder') },
        { label: 'Show the Log', click: () => options.reveal('log_file') },
        // macOS has it in the app's own menu.
        ...(isMac ? [] : [separator, { role: 'about' } as const]),
      ],
    },
  ]
}

const separator: MenuItemConstructorOptions = { type: 'separator' }

function item({ id, label, key }: MenuAction, run: (id: string) => void): MenuItemConstructorOptions {
  return {
    id,
    // An ampersand would underline the letter behind it.
    label: label.replaceAll('&', '&&'),
    ...(accelerator(key) === null ? {} : { accelerator: accelerator(key) ?? '', registerAccelerator: false }),
    click: () => run(id),
  }
}

const named: ReadonlyMap<string, string> = new Map([
  ['Escape', 'Esc'],
  [' ', 'Space'],
  ['+', 'Plus'],
  ...['Enter', 'Delete', 'Backspace', 'Home', 'End', 'PageUp', 'PageDown'].map((key): [string, string] => [
    key,
    key,
  ]),
  ...['Up', 'Down', 'Left', 'Right'].map((way): [string, string] => [`Arrow${way}`, way]),
])

/** A key of the page as Electron writes it, or null for one that it can't show. */
export function accelerator(key: string | undefined): string | null {
  if (key === undefined) return null
  const name = named.get(key)
  if (name !== undefined) return name
  if (/^[A-Z]$/.test(key)) return `Shift+${key}`
  return /^[!-~]$/.test(key) ? key.toUpperCase() : null
}

function orNothing(items: MenuItemConstructorOptions[]): MenuItemConstructorOptions[] {
  return items.length > 0 ? items : [{ label: 'Nothing just now', enabled: false }]
}

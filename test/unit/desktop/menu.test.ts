import type { MenuItemConstructorOptions } from 'electron'
import { describe, expect, it } from 'vitest'
import { accelerator, menuTemplate, type MenuOptions } from '../../../src-main/electron/menu.ts'
import type { MenuAction } from '../../../src-shared/desktop/desktop-contract.ts'

const actions: readonly MenuAction[] = [
  { id: 'go /', label: 'Go to Overview', group: 'Go', key: '1' },
  { id: 'theme dark', label: 'Dark theme', group: 'View' },
  { id: 'compose', label: 'Send an event', group: 'Create', key: 'n' },
  { id: 'retry', label: 'Retry R&D', group: 'Delivery', key: 'r' },
  { id: 'delete', label: 'Delete', group: 'Delivery', key: 'ä' },
]

function menu(changes: Partial<MenuOptions> = {}) {
  const done: string[] = []
  const template = menuTemplate({
    actions,
    platform: 'linux',
    developerTools: false,
    run: (id) => done.push(id),
    importFile: () => done.push('import'),
    exportFile: () => done.push('export'),
    openInBrowser: () => done.push('browser'),
    reveal: (what) => done.push(what),
    ...changes,
  })
  const under = (label: string): MenuItemConstructorOptions[] => {
    const found = template.find((item) => item.label === label || item.role === label)
    return (found?.submenu ?? []) as MenuItemConstructorOptions[]
  }
  const click = (item: MenuItemConstructorOptions | undefined): void =>
    item?.click?.(undefined as never, undefined, undefined as never)
  return { template, under, click, done }
}

const roles = (items: readonly MenuItemConstructorOptions[]): unknown[] =>
  items.flatMap(({ role }) => (role === undefined ? [] : [role]))

describe('the native menu', () => {
  it('has the actions of the palette in their menus, each does what it says', () => {
    const { under, click, done } = menu()
    expect(under('&Go').map(({ label }) => label)).toEqual(['Go to Overview'])
    expect(under('&Action').map(({ label, type }) => label ?? type)).toEqual([
      'Send an event',
      'separator',
      // Windows and GTK underline the letter behind a single ampersand.
      'Retry R&&D',
      'Delete',
    ])
    expect(under('&View')[0]?.label).toBe('Dark theme')
    for (const item of [...under('&Go'), ...under('&Action')]) click(item)
    expect(done).toEqual(['go /', 'compose', 'retry', 'delete'])
  })

  it('shows the page’s keys and leaves them to the page, or typing an n would send an event', () => {
    const { under } = menu()
    const [compose, , retry, remove] = under('&Action')
    expect(compose).toMatchObject({ accelerator: 'N', registerAccelerator: false })
    expect(retry).toMatchObject({ accelerator: 'R', registerAccelerator: false })
    expect(remove).not.toHaveProperty('accelerator')
    expect(under('&View')[0]).not.toHaveProperty('accelerator')
  })

  it.each([
    ['r', 'R'],
    ['G', 'Shift+G'],
    ['7', '7'],
    ['?', '?'],
    ['/', '/'],
    ['Escape', 'Esc'],
    ['Enter', 'Enter'],
    [' ', 'Space'],
    ['#', '#'],
    ['+', 'Plus'],
    ['Delete', 'Delete'],
    ['ArrowUp', 'Up'],
    ['ä', null],
    ['constructor', null],
    [undefined, null],
  ])('writes the key %s as %s', (key, written) => {
    expect(accelerator(key)).toBe(written)
  })

  it('imports, exports, opens the browser, shows folder and log', () => {
    const { under, click, done } = menu()
    for (const item of [...under('&File'), ...under('help')]) click(item)
    expect(done).toEqual(['import', 'export', 'browser', 'data_folder', 'log_file'])
    const keys = under('&File').flatMap(({ accelerator: key }) => key ?? [])
    expect(keys).toEqual(['CmdOrCtrl+O', 'CmdOrCtrl+Shift+S'])
  })

  it('follows the platform: quitting, the app’s own menu, developer tools', () => {
    const linux = menu()
    expect(roles(linux.template)).toEqual(['editMenu', 'windowMenu', 'help'])
    expect(roles(linux.under('&File'))).toEqual(['quit'])
    expect(roles(linux.under('&View'))).not.toContain('toggleDevTools')
    const mac = menu({ platform: 'darwin', developerTools: true })
    expect(roles(mac.template)).toEqual(['appMenu', 'editMenu', 'windowMenu', 'help'])
    expect(roles(mac.under('&File'))).toEqual(['close'])
    expect(roles(mac.under('&View'))).toContain('toggleDevTools')
    // A reload would lose what was typed, on any platform.
    for (const { under } of [linux, mac]) expect(roles(under('&View'))).not.toContain('reload')
  })

  it('says that there is nothing, before the page has offered something', () => {
    const { under } = menu({ actions: [] })
    expect(under('&Go')).toEqual([{ label: 'Nothing just now', enabled: false }])
    expect(under('&Action')).toEqual([{ label: 'Nothing just now', enabled: false }])
    expect(under('&View')[0]?.type).not.toBe('separator')
  })
})

import { describe, expect, it } from 'vitest'
import { menuActionsOf, readDropped, takeRequest } from '../../../src-renderer/app/desktop-exchange.ts'
import { createCommandsStore, type Command } from '../../../src-renderer/stores/commands-store.ts'
import { parseInput } from '../../../src-shared/api/local-transport.ts'
import { desktopContract, type DesktopRequest } from '../../../src-shared/desktop/desktop-contract.ts'

function offering(...offers: readonly (readonly Command[])[]) {
  const commands = createCommandsStore()
  offers.forEach((offer, index) => commands.getState().offer(String(index), offer))
  return commands
}
const command = (changes: Partial<Command>): Command => ({
  id: 'x',
  label: 'X',
  group: 'Go',
  run: () => undefined,
  ...changes,
})

describe('what the page tells the menu', () => {
  it('is what its palette has, a key only where pressing it does this', () => {
    const commands = offering(
      [command({ id: 'retry', label: 'Retry', group: 'Delivery', key: 'r' }), command({ id: 'go /' })],
      [command({ id: 'replay', label: 'Replay', group: 'Capture', key: 'r' })],
    )
    expect(menuActionsOf(commands.getState().offers)).toEqual([
      { id: 'retry', label: 'Retry', group: 'Delivery' },
      { id: 'go /', label: 'X', group: 'Go' },
      { id: 'replay', label: 'Replay', group: 'Capture', key: 'r' },
    ])
  })

  it('is never refused, however long names are and however much is offered', () => {
    const many = Array.from({ length: 300 }, (_, n) =>
      command({ id: `id ${n}`, label: `Delete ${'a'.repeat(n * 5)}` }),
    )
    const actions = menuActionsOf(offering([command({ id: 'i'.repeat(300) }), ...many]).getState().offers)
    expect(actions).toHaveLength(200)
    expect(actions.at(-1)?.label).toMatch(/^Delete a{192}…$/)
    expect(parseInput(desktopContract['desktop.actions'].input, { actions })).toEqual({ actions })
  })
})

describe('what the desktop asks the page for', () => {
  it('is done: an action that is offered now, a place, an import', () => {
    const done: string[] = []
    const commands = offering([command({ id: 'compose', run: () => done.push('compose') })])
    const take = (request: DesktopRequest) =>
      takeRequest(request, {
        offers: () => commands.getState().offers,
        go: (path) => done.push(`go ${path}`),
        showImport: (text) => done.push(`import ${text}`),
      })
    take({ kind: 'action', id: 'compose' })
    take({ kind: 'action', id: 'of a screen that is gone' })
    take({ kind: 'go', path: '/captures/1' })
    take({ kind: 'import', name: 'a.yaml', text: 'version: 1' })
    expect(done).toEqual(['compose', 'go /captures/1', 'import version: 1'])
  })
})

describe('a file that is dropped on the window', () => {
  const problemOf = async (file: Parameters<typeof readDropped>[0]) => {
    const read = await readDropped(file)
    return 'problem' in read ? read.problem : null
  }

  it('is read when it is a configuration', async () => {
    for (const name of ['bench.yaml', 'BENCH.YML', 'a.b.json'])
      expect(await readDropped(new File(['version: 1'], name))).toEqual({ text: 'version: 1' })
  })

  it('is refused with the reason otherwise', async () => {
    expect(await problemOf(new File(['x'], 'photo.png'))).toContain('Only a configuration file')
    expect(await problemOf(new File(['x'], 'yaml'))).toContain('Only a configuration file')
    expect(await problemOf(new File([new Uint8Array(4 * 1024 * 1024 + 1)], 'a.yaml'))).toContain('4 MiB')
    expect(await problemOf(new File([new Uint8Array([0xff, 0xfe, 0x00])], 'a.yaml'))).toContain('UTF-8')
    const folder = {
      name: 'folder.yaml',
      size: 4096,
      arrayBuffer: () => Promise.reject(new DOMException('gone', 'NotFoundError')),
    }
    expect(await problemOf(folder)).toContain('could not be read')
  })
})

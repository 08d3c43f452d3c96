import { join } from 'node:path'
import { Menu, nativeImage, Tray } from 'electron'
import type { Health } from '../../src-shared/api/contract.ts'
import { projectFolder } from '../environment.ts'

export interface TrayActions {
  readonly show: () => void
  readonly setPaused: (paused: boolean) => void
  readonly quit: () => void
}

/** Hookbench in the system's tray: its state, a pause for the sending, and the way back to the window. */
export class AppTray {
  readonly #tray: Tray
  readonly #actions: TrayActions
  #shown = ''

  constructor(actions: TrayActions) {
    this.#actions = actions
    const name = process.platform === 'darwin' ? 'trayTemplate.png' : '32x32.png'
    this.#tray = new Tray(nativeImage.createFromPath(join(projectFolder, 'resources', 'icons', name)))
    this.#tray.on('click', () => actions.show())
    this.update(null)
  }

  /** @param health null while the engine isn't there yet */
  update(health: Health | null): void {
    const lines = stateLines(health)
    const paused = health?.dispatcher.paused ?? false
    // Menus flicker when they are set anew.
    const shown = JSON.stringify([lines, paused])
    if (shown === this.#shown) return
    this.#shown = shown
    this.#tray.setToolTip(['Hookbench', ...lines].join('\n'))
    this.#tray.setContextMenu(
      Menu.buildFromTemplate([
        ...lines.map((label) => ({ label, enabled: false })),
        { type: 'separator' },
        { label: 'Open Hookbench', click: () => this.#actions.show() },
        {
          label: paused ? 'Resume Sending' : 'Pause Sending',
          enabled: health !== null,
          click: () => this.#actions.setPaused(!paused),
        },
        { type: 'separator' },
        { label: 'Quit', click: () => this.#actions.quit() },
      ]),
    )
  }

  close(): void {
    this.#tray.destroy()
  }
}

/** What there is to know, in a line each. */
export function stateLines(health: Health | null): string[] {
  if (health === null) return ['Starting …']
  const { waiting, in_flight: underWay, paused } = health.dispatcher
  const queue = waiting + underWay === 0 ? 'nothing waits' : `${waiting} waiting, ${underWay} under way`
  return [
    `${paused ? 'Sending is paused' : 'Sending'}: ${queue}`,
    health.receiver.url === null ? 'Receiver: not listening' : `Receiver: ${health.receiver.url}`,
    ...(health.storage.problem === null ? [] : [`Nothing can be saved: ${health.storage.problem}`]),
  ]
}

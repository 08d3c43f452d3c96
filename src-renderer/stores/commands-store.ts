import { createStore, type StoreApi } from 'zustand/vanilla'

/** Something that can be done here and now: by its key, in the palette, and listed under `?`. */
export interface Command {
  readonly id: string
  readonly label: string
  readonly group: string
  /** One key, as `KeyboardEvent.key` names it; absent: palette only. */
  readonly key?: string
  readonly run: () => void
}

export interface CommandsState {
  /** By who offers them; later ones win where keys are the same. */
  readonly offers: ReadonlyMap<string, readonly Command[]>
  readonly palette: boolean
  readonly shortcuts: boolean
  readonly offer: (by: string, commands: readonly Command[]) => void
  readonly withdraw: (by: string) => void
  readonly showPalette: (open: boolean) => void
  readonly showShortcuts: (open: boolean) => void
}
export type Commands = StoreApi<CommandsState>

export function createCommandsStore(): Commands {
  return createStore<CommandsState>((set, get) => ({
    offers: new Map(),
    palette: false,
    shortcuts: false,
    offer: (by, commands) => {
      const offers = new Map(get().offers)
      offers.delete(by)
      set({ offers: offers.set(by, commands) })
    },
    withdraw: (by) => {
      const offers = new Map(get().offers)
      offers.delete(by)
      set({ offers })
    },
    showPalette: (palette) => set({ palette }),
    showShortcuts: (shortcuts) => set({ shortcuts }),
  }))
}

/** All that can be done now; of several with one key only the latest offer has it. */
export function commandsOf(offers: CommandsState['offers']): readonly Command[] {
  const byId = new Map<string, Command>()
  for (const commands of offers.values()) for (const command of commands) byId.set(command.id, command)
  return [...byId.values()].map((command) => {
    const { key, ...rest } = command
    return key === undefined || commandFor(offers, key)?.id === command.id ? command : rest
  })
}

export function commandFor(offers: CommandsState['offers'], key: string): Command | undefined {
  return [...offers.values()].flat().findLast((command) => command.key === key)
}

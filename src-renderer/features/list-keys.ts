import { useCommands } from '../app/keyboard.ts'
import type { Command } from '../stores/commands-store.ts'

export interface ListKeys {
  /** Names the grid, as its `layout` does. */
  readonly list: string
  readonly group: string
  readonly step: (by: number) => void
  /** What Enter and Escape do. */
  readonly enter: { readonly label: string; readonly run: () => void }
  readonly escape: { readonly label: string; readonly run: () => void }
  /** Absent: rows can't be selected. */
  readonly selection?: { readonly toggle: () => void; readonly all: () => void } | undefined
  /** What can be done with the row that one is at. */
  readonly actions: readonly Command[]
}

/** The keys that every list has: j k Enter Esc x a / and those of its rows' actions. */
export function useListKeys({ list, group, step, enter, escape, selection, actions }: ListKeys): void {
  const command = (name: string, label: string, key: string, run: () => void): Command => ({
    id: `${list} ${name}`,
    label,
    group,
    key,
    run,
  })
  useCommands([
    command('next', 'Next', 'j', () => step(1)),
    command('previous', 'Previous', 'k', () => step(-1)),
    command('open', enter.label, 'Enter', enter.run),
    command('close', escape.label, 'Escape', () => {
      escape.run()
      focusGrid(list)
    }),
    ...(selection === undefined
      ? []
      : [
          command('select', 'Select or unselect', 'x', selection.toggle),
          command('select all', 'Select all that were read', 'a', selection.all),
        ]),
    command('filter', 'Search', '/', focusFilter),
    ...actions,
  ])
}

export function focusGrid(list: string): void {
  document.querySelector<HTMLElement>(`.grid.${list}`)?.focus()
}

/** The search field, or the first filter where there is none. */
function focusFilter(): void {
  const field =
    document.querySelector<HTMLElement>('main [role=searchbox]') ??
    document.querySelector<HTMLElement>('main [role=search] select')
  field?.focus()
}

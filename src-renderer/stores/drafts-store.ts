import { createStore, type StoreApi } from 'zustand/vanilla'

/** What was typed into a form and not saved. */
export interface Draft {
  readonly value: unknown
  /** What the form began with, as {@link textOf} writes it. */
  readonly base: string
  /** When it was typed, in epoch milliseconds. */
  readonly at: number
  /** It is asked for before the page is closed. */
  readonly warns: boolean
}

/**
 * Drafts by what they edit, for as long as the page is open. In memory alone: forms hold secrets, which belong into no
 * storage of a browser.
 */
export interface DraftsState {
  readonly drafts: ReadonlyMap<string, Draft>
  readonly keep: (key: string, draft: Omit<Draft, 'at'>) => void
  readonly discard: (key: string) => void
}
export type Drafts = StoreApi<DraftsState>

export function createDraftsStore(now: () => number = Date.now): Drafts {
  return createStore<DraftsState>((set, get) => ({
    drafts: new Map(),
    keep: (key, draft) => {
      const drafts = new Map(get().drafts)
      // The latest one stands last.
      drafts.delete(key)
      set({ drafts: drafts.set(key, { ...draft, at: now() }) })
    },
    discard: (key) => {
      if (!get().drafts.has(key)) return
      const drafts = new Map(get().drafts)
      drafts.delete(key)
      set({ drafts })
    },
  }))
}

/** Whether closing the page would lose something that took a while to write. */
export function warnsBeforeLeaving({ drafts }: DraftsState): boolean {
  return [...drafts.values()].some(({ warns }) => warns)
}

/** The draft that was typed last among those whose keys begin so. */
export function latestDraft({ drafts }: DraftsState, keyPrefix: string): Draft | undefined {
  return [...drafts].findLast(([key]) => key.startsWith(keyPrefix))?.[1]
}

/** A form's values as text, to be compared: the order of the fields does not count. */
export function textOf(values: object): string {
  return JSON.stringify(Object.entries(values).sort(([a], [b]) => (a < b ? -1 : 1)))
}

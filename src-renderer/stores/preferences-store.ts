import { createStore, type StoreApi } from 'zustand/vanilla'
import { snippetLanguages, type SnippetLanguageId } from '../../src-shared/model/snippet-languages.ts'

export const themes = ['system', 'light', 'dark'] as const
export type Theme = (typeof themes)[number]

/** What this browser remembers; nothing of it concerns the engine. */
export interface PreferencesState {
  readonly theme: Theme
  /** The chosen workspace; null: the first one. */
  readonly workspaceId: string | null
  /** Of receiver code. */
  readonly language: SnippetLanguageId
  readonly setTheme: (theme: Theme) => void
  readonly setWorkspace: (id: string) => void
  readonly setLanguage: (language: SnippetLanguageId) => void
}
export type Preferences = StoreApi<PreferencesState>

const themeKey = 'hookbench.theme'
const workspaceKey = 'hookbench.workspace'
const languageKey = 'hookbench.language'

export function createPreferencesStore(storage: Pick<Storage, 'getItem' | 'setItem'>): Preferences {
  return createStore<PreferencesState>((set) => ({
    theme: themes.find((theme) => theme === storage.getItem(themeKey)) ?? 'system',
    workspaceId: storage.getItem(workspaceKey),
    language: snippetLanguages.find((language) => language === storage.getItem(languageKey)) ?? 'node',
    setTheme: (theme) => {
      storage.setItem(themeKey, theme)
      set({ theme })
    },
    setWorkspace: (workspaceId) => {
      storage.setItem(workspaceKey, workspaceId)
      set({ workspaceId })
    },
    setLanguage: (language) => {
      storage.setItem(languageKey, language)
      set({ language })
    },
  }))
}

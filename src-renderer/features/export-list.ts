import type { listFormats } from '../../src-shared/api/contract/transfer.ts'
import { useServices } from '../app/services.ts'
import type { MenuItem } from '../parts/menu.tsx'
import { saveFile } from '../parts/save-file.ts'
import type { HistoryKind } from '../stores/history-actions.ts'
import type { Filter } from '../stores/list-store.ts'
import { sentenceOf } from '../stores/problem.ts'

type Format = (typeof listFormats)[number]

const names: Readonly<Record<Format, string>> = { jsonl: 'JSON lines', csv: 'CSV', har: 'HAR' }

// The contract's own list would bring its schemas into the page.
const formats: readonly Format[] = ['jsonl', 'csv', 'har']

/** Menu items that save what a filter matches as one file. Secrets and signatures are masked in it. */
export function useListExports(of: HistoryKind, what: string): (filter: Filter) => readonly MenuItem[] {
  const { call, toasts } = useServices()
  const { show, dismiss } = toasts.getState()
  const save = async (format: Format, filter: Filter): Promise<void> => {
    const cancelled = new AbortController()
    const cancel = { label: 'Cancel', run: () => cancelled.abort() }
    const toast = show({ text: `Exporting ${what} as ${names[format]} …`, progress: 0, action: cancel })
    cancelled.signal.addEventListener('abort', () => dismiss(toast))
    try {
      const content =
        of === 'captures'
          ? await call('captures.export-list', { ...filter, format }, cancelled.signal)
          : await call('deliveries.export-list', { ...filter, format }, cancelled.signal)
      if (cancelled.signal.aborted) return
      saveFile(content, `${of}.${format}`)
      show({ text: `Saved as ${names[format]}; signatures and secrets are masked` })
    } catch (error) {
      if (!cancelled.signal.aborted) show({ text: sentenceOf(error), tone: 'bad' })
    }
    dismiss(toast)
  }
  return (filter) =>
    formats.map((format) => ({
      label: `Export ${what} as ${names[format]}`,
      run: () => void save(format, filter),
    }))
}

import { lazy, Suspense, useEffect, useState } from 'react'
import { useLocation } from 'wouter'
import { useStore } from 'zustand'
import { menuActionsOf, readDropped, takeMessage } from './desktop-exchange.ts'
import { useServices } from './services.ts'

const ImportDialog = lazy(() =>
  import('../features/settings/import-dialog.tsx').then((module) => ({ default: module.ImportDialog })),
)

/** What comes to the page from outside it: the desktop's menu and notifications, and a dropped configuration file. */
export function DesktopEvents() {
  const [text, setText] = useState<string | null>(null)
  useMenu(setText)
  useDrop(setText)
  if (text === null) return null
  return (
    <Suspense>
      <ImportDialog text={text} onClose={() => setText(null)} />
    </Suspense>
  )
}

function useDrop(showImport: (text: string) => void): void {
  const { toasts } = useServices()
  useEffect(() => {
    // Text that is dragged into a field is the browser's own business.
    const hasFiles = (event: DragEvent): boolean => event.dataTransfer?.types.includes('Files') ?? false
    const over = (event: DragEvent): void => {
      if (hasFiles(event)) event.preventDefault()
    }
    const drop = (event: DragEvent): void => {
      if (!hasFiles(event)) return
      event.preventDefault()
      const [file] = event.dataTransfer?.files ?? []
      if (file === undefined) return
      void readDropped(file).then((read) => {
        if ('text' in read) showImport(read.text)
        else toasts.getState().show({ tone: 'bad', text: read.problem })
      })
    }
    addEventListener('dragover', over)
    addEventListener('drop', drop)
    return () => {
      removeEventListener('dragover', over)
      removeEventListener('drop', drop)
    }
  }, [toasts, showImport])
}

/** Tells the menu what can be done, and does what was chosen there. */
function useMenu(showImport: (text: string) => void): void {
  const { desktop, commands } = useServices()
  const offers = useStore(commands, (state) => state.offers)
  const [, go] = useLocation()
  useEffect(() => {
    if (desktop === null) return
    // Screens come and go in several steps.
    const timer = setTimeout(
      () => void desktop.call('desktop.actions', { actions: menuActionsOf(offers) }).catch(() => undefined),
      100,
    )
    return () => clearTimeout(timer)
  }, [desktop, offers])
  useEffect(
    () =>
      desktop?.subscribe((message) =>
        takeMessage(message, { offers: () => commands.getState().offers, go, showImport }),
      ),
    [desktop, commands, go, showImport],
  )
}

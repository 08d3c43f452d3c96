import { lazy, Suspense, useEffect, useState } from 'react'
import { useLocation } from 'wouter'
import { useStore } from 'zustand'
import type { DesktopMessage, MenuAction } from '../../src-shared/desktop/desktop-contract.ts'
import { commandsOf } from '../stores/commands-store.ts'
import { useServices } from './services.ts'

const ImportDialog = lazy(() =>
  import('../features/settings/import-dialog.tsx').then((module) => ({ default: module.ImportDialog })),
)

/** Much more than a configuration is, far less than what would freeze the page. */
const mostBytes = 4 * 1024 * 1024

/** What comes to the page from outside it: the desktop's menu and notifications, and a dropped configuration file. */
export function DesktopEvents() {
  const { toasts } = useServices()
  const [text, setText] = useState<string | null>(null)
  useMenu(setText)
  useEffect(() => {
    const over = (event: DragEvent): void => event.preventDefault()
    const drop = (event: DragEvent): void => {
      event.preventDefault()
      const [file] = event.dataTransfer?.files ?? []
      if (file === undefined) return
      if (/\.(ya?ml|json)$/i.test(file.name) && file.size <= mostBytes) void file.text().then(setText)
      else
        toasts
          .getState()
          .show({ tone: 'bad', text: 'Only a configuration file (.yaml, .json) can be dropped here.' })
    }
    addEventListener('dragover', over)
    addEventListener('drop', drop)
    return () => {
      removeEventListener('dragover', over)
      removeEventListener('drop', drop)
    }
  }, [toasts])
  if (text === null) return null
  return (
    <Suspense>
      <ImportDialog text={text} onClose={() => setText(null)} />
    </Suspense>
  )
}

/** Tells the menu what can be done, and does what was chosen there. */
function useMenu(showImport: (text: string) => void): void {
  const { desktop, commands } = useServices()
  const offers = useStore(commands, (state) => state.offers)
  const [, go] = useLocation()
  useEffect(() => {
    if (desktop === null) return
    const actions: MenuAction[] = commandsOf(offers).map(({ id, label, group, key }) => ({
      id,
      label,
      group,
      ...(key === undefined ? {} : { key }),
    }))
    // Screens come and go in several steps.
    const timer = setTimeout(
      () => void desktop.call('desktop.actions', { actions }).catch(() => undefined),
      100,
    )
    return () => clearTimeout(timer)
  }, [desktop, offers])
  useEffect(() => {
    const take = (message: DesktopMessage): void => {
      if (message.kind === 'go') go(message.path)
      else if (message.kind === 'import') showImport(message.text)
      else if (message.kind === 'action')
        commandsOf(commands.getState().offers)
          .find(({ id }) => id === message.id)
          ?.run()
    }
    return desktop?.subscribe(take)
  }, [desktop, commands, go, showImport])
}

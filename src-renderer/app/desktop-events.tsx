import { lazy, Suspense, useEffect, useState } from 'react'
import { useLocation } from 'wouter'
import { useStore } from 'zustand'
import { desktopGroup } from '../../src-shared/desktop/desktop-contract.ts'
import type { Command } from '../stores/commands-store.ts'
import type { DesktopStoreState } from '../stores/desktop-store.ts'
import { sentenceOf } from '../stores/problem.ts'
import { menuActionsOf, readDropped, takeRequest } from './desktop-exchange.ts'
import { useCommands } from './keyboard.ts'
import { useServices } from './services.ts'

const ImportDialog = lazy(() =>
  import('../features/settings/import-dialog.tsx').then((module) => ({ default: module.ImportDialog })),
)

/** What comes to the page from outside it: the desktop's menu and notifications, and a dropped configuration file. */
export function DesktopEvents() {
  const [text, setText] = useState<string | null>(null)
  useMenu(setText)
  useDesktopCommands()
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

/** What the app's own menus have too, for the palette. */
function useDesktopCommands(): void {
  const { desktopState, toasts } = useServices()
  const [, go] = useLocation()
  const run = (work: (state: DesktopStoreState) => Promise<void>): void => {
    if (desktopState === null) return
    work(desktopState.getState()).catch((error: unknown) =>
      toasts.getState().show({ tone: 'bad', text: sentenceOf(error) }),
    )
  }
  const commands: readonly Command[] = [
    { id: 'browser', label: 'Open in the browser', run: () => run((state) => state.openInBrowser()) },
    {
      id: 'data folder',
      label: 'Show the data folder',
      run: () => run((state) => state.reveal('data_folder')),
    },
    { id: 'log', label: 'Show the log', run: () => run((state) => state.reveal('log_file')) },
    {
      id: 'updates',
      label: 'Check for updates',
      run: () => {
        // Its outcome stands there.
        go('/settings')
        run((state) => state.update('check'))
      },
    },
  ].map((command) => ({ ...command, group: desktopGroup }))
  useCommands(desktopState === null ? [] : commands)
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
      desktop?.subscribe((request) =>
        takeRequest(request, { offers: () => commands.getState().offers, go, showImport }),
      ),
    [desktop, commands, go, showImport],
  )
}

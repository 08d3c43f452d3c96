import { useEffect, useId, useRef } from 'react'
import { commandFor, type Command, type Commands } from '../stores/commands-store.ts'
import { useServices } from './services.ts'

const typing = 'input:not([type=checkbox]), textarea, select, [contenteditable=true]'
/** Enter presses these. */
const pressed = 'a[href], button, summary, input[type=checkbox]'

/** Runs the command of a pressed key, unless something is being typed or a dialog is open. */
export function useKeys(commands: Commands): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      const { offers, showPalette } = commands.getState()
      if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'k') {
        event.preventDefault()
        // A command would take away what is shown once.
        if (document.querySelector('[data-sticky]') === null) showPalette(true)
        return
      }
      if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return
      // An editor lives in a shadow root: its own element comes first in the path.
      const target = event.composedPath()[0]
      if (target instanceof Element && target.closest(typing) !== null) return
      if (event.key === 'Enter' && target instanceof Element && target.closest(pressed) !== null) return
      if (document.querySelector('[role=dialog], [role=menu]') !== null) return
      const command = commandFor(offers, event.key)
      if (command === undefined) return
      event.preventDefault()
      command.run()
    }
    addEventListener('keydown', onKey)
    return () => removeEventListener('keydown', onKey)
  }, [commands])
}

/** Offers what can be done here, as long as the component is shown. */
export function useCommands(commands: readonly Command[]): void {
  const { commands: store } = useServices()
  const by = useId()
  const latest = useRef(commands)
  useEffect(() => {
    latest.current = commands
  })
  // What they do may change with every rendering; that they are offered changes with their names only.
  const names = commands.map(({ id, label, key }) => `${id} ${label} ${key ?? ''}`).join('\n')
  useEffect(() => {
    const current = latest.current.map((command) => ({
      ...command,
      run: () => latest.current.find(({ id }) => id === command.id)?.run(),
    }))
    store.getState().offer(by, current)
    return () => store.getState().withdraw(by)
    // oxlint-disable-next-line react/exhaustive-effect-dependencies -- the names stand for the commands
  }, [store, by, names])
}

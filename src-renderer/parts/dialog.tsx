import * as Radix from '@radix-ui/react-dialog'
import { X } from 'lucide-react'
import { useEffect, useState, type ReactNode } from 'react'
import { Button, IconButton } from './button.tsx'
import { Notice } from './notice.tsx'

/**
 * A modal dialog. The backdrop is a plain element: Radix's own overlay injects a style sheet, which the page's CSP
 * forbids.
 */
export function Dialog({
  title,
  description,
  onClose,
  wide = false,
  bare = false,
  sticky = false,
  children,
}: {
  readonly title: string
  readonly description?: ReactNode
  readonly onClose: () => void
  readonly wide?: boolean
  /** Without visible title and close button, for the palette. */
  readonly bare?: boolean
  /** For what is shown once: only its buttons close it, no stray click or key. */
  readonly sticky?: boolean
  readonly children: ReactNode
}) {
  const [before] = useState(focused)
  // As soon as Radix has let go of it: a key that is pressed meanwhile would be taken for a command.
  useEffect(() => () => queueMicrotask(() => giveBack(before)), [before])
  return (
    <Radix.Root open onOpenChange={(open) => !open && onClose()}>
      <Radix.Portal>
        <div className="backdrop" />
        <Radix.Content
          className={`dialog ${wide ? 'wide' : ''} ${bare ? 'bare' : ''}`}
          onOpenAutoFocus={focusFirst}
          // Given back already: Radix would do it after the next key.
          onCloseAutoFocus={(event) => event.preventDefault()}
          // A message on top would take the key for itself.
          onKeyDown={(event) => event.key === 'Escape' && !event.defaultPrevented && !sticky && onClose()}
          {...(sticky ? { 'data-sticky': '', onEscapeKeyDown: stay, onInteractOutside: stay } : {})}
          {...(description === undefined ? { 'aria-describedby': undefined } : {})}
        >
          <header className={bare ? 'visually-hidden' : 'dialog-head'}>
            <Radix.Title>{title}</Radix.Title>
            {!bare && (
              <Radix.Close asChild>
                <IconButton label="Close">
                  <X size={16} aria-hidden="true" />
                </IconButton>
              </Radix.Close>
            )}
          </header>
          {description !== undefined && (
            <Radix.Description asChild>
              <div className="dialog-description">{description}</div>
            </Radix.Description>
          )}
          {children}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  )
}

function stay(event: Event): void {
  event.preventDefault()
}

/** What has the focus; of a menu, which goes when one of its actions opens a dialog, the button that opened it. */
function focused(): Element | null {
  let element = document.activeElement
  for (let inner = element; inner !== null; inner = inner.shadowRoot?.activeElement ?? null) element = inner
  const trigger = element?.closest('[role=menu]')?.getAttribute('aria-labelledby') ?? null
  return trigger === null ? element : document.getElementById(trigger)
}

/** Typing goes on where it was, unless something else has taken the focus meanwhile. */
function giveBack(element: Element | null): void {
  const isFree = document.activeElement === null || document.activeElement === document.body
  if (isFree && element instanceof HTMLElement && element.isConnected) element.focus({ preventScroll: true })
}

/**
 * Typing can begin at once; where there is nothing to type, the dialog itself is focused and no button pressed by
 * mistake. An `autoFocus` of a field would come before Radix watches the focus, which a menu that closes then takes back.
 */
function focusFirst(event: Event): void {
  const dialog = event.target
  if (!(dialog instanceof HTMLElement)) return
  event.preventDefault()
  const field = dialog.querySelector<HTMLElement>('input:not([type=checkbox]), select:enabled, textarea')
  ;(field ?? dialog).focus()
}

/** Asks before configuration is deleted, and says what goes with it. */
export function Confirm({
  title,
  children,
  action,
  onConfirm,
  onClose,
}: {
  readonly title: string
  readonly children: ReactNode
  readonly action: string
  /** @returns what went wrong, or null */
  readonly onConfirm: () => Promise<string | null>
  readonly onClose: () => void
}) {
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<string | null>(null)
  const confirm = async (): Promise<void> => {
    setBusy(true)
    const found = await onConfirm()
    setBusy(false)
    setProblem(found)
    if (found === null) onClose()
  }
  return (
    <Dialog title={title} description={children} onClose={onClose}>
      {problem !== null && <Notice tone="bad">{problem}</Notice>}
      <footer className="dialog-foot">
        <Button onClick={onClose}>Cancel</Button>
        <Button look="danger" disabled={busy} onClick={() => void confirm()}>
          {action}
        </Button>
      </footer>
    </Dialog>
  )
}

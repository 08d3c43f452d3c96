import * as Radix from '@radix-ui/react-toast'
import { X } from 'lucide-react'
import { useStore } from 'zustand'
import type { Toasts } from '../stores/toasts-store.ts'
import { IconButton } from './button.tsx'

const shortMs = 5000
/** As long as one may need to see what was removed. */
const undoMs = 12_000

/** Messages at the lower edge; F8 goes to them. */
export function Toaster({ toasts }: { readonly toasts: Toasts }) {
  const { toasts: shown, dismiss } = useStore(toasts)
  return (
    <Radix.Provider swipeDirection="right" label="Message">
      {shown.map((toast) => (
        <Radix.Root
          key={toast.id}
          className={`toast ${toast.tone}`}
          duration={toast.progress === null ? (toast.action === null ? shortMs : undoMs) : Infinity}
          onOpenChange={(open) => !open && dismiss(toast.id)}
        >
          <Radix.Description className="toast-text">{toast.text}</Radix.Description>
          {toast.progress !== null && <progress value={toast.progress} max={1} aria-label={toast.text} />}
          {toast.action !== null && (
            <Radix.Action className="button" altText={toast.action.label} onClick={toast.action.run}>
              {toast.action.label}
            </Radix.Action>
          )}
          <Radix.Close asChild>
            <IconButton label="Dismiss">
              <X size={14} aria-hidden="true" />
            </IconButton>
          </Radix.Close>
        </Radix.Root>
      ))}
      <Radix.Viewport className="toasts" label="Messages ({hotkey})" />
    </Radix.Provider>
  )
}

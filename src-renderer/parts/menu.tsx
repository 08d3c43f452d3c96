import * as Radix from '@radix-ui/react-dropdown-menu'
import { EllipsisVertical } from 'lucide-react'
import type { ReactNode } from 'react'
import { IconButton, Key } from './button.tsx'

export interface MenuItem {
  readonly label: string
  readonly run: () => void
  readonly key?: string
  readonly danger?: boolean
  readonly disabled?: boolean
}

/** A button that opens a list of actions. Not modal: that would inject a style sheet, which the CSP forbids. */
export function Menu({
  label,
  items,
  trigger,
}: {
  readonly label: string
  readonly items: readonly (MenuItem | null)[]
  readonly trigger?: ReactNode
}) {
  const shown = items.filter((item): item is MenuItem => item !== null)
  return (
    <Radix.Root modal={false}>
      <Radix.Trigger asChild>
        {trigger ?? (
          <IconButton label={label}>
            <EllipsisVertical size={16} aria-hidden="true" />
          </IconButton>
        )}
      </Radix.Trigger>
      {/* Within a landmark, as everything that is read must be. */}
      <Radix.Portal container={document.getElementById('main')}>
        <Radix.Content className="menu" align="end" sideOffset={4} aria-label={label}>
          {shown.map((item) => (
            <Radix.Item
              key={item.label}
              className={`menu-item ${item.danger === true ? 'danger' : ''}`}
              disabled={item.disabled ?? false}
              onSelect={item.run}
            >
              <span>{item.label}</span>
              {item.key !== undefined && <Key>{item.key}</Key>}
            </Radix.Item>
          ))}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  )
}

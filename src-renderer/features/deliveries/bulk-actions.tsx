import { RotateCw, Send, X } from 'lucide-react'
import { useCommands } from '../../app/keyboard.ts'
import { useServices } from '../../app/services.ts'
import { Button } from '../../parts/button.tsx'
import type { BulkMove } from '../../stores/history-actions.ts'

const moves: readonly (readonly [BulkMove, label: string, key: string, icon: typeof Send])[] = [
  ['retry', 'Retry', 'R', RotateCw],
  ['send-now', 'Send now', 'S', Send],
  ['cancel', 'Cancel', 'C', X],
]

/** What can be done with the selected deliveries, beside replaying and deleting them. Their keys are capitals: the small ones are for the open one. */
export function BulkActions({ ids }: { readonly ids: readonly string[] }) {
  const { history } = useServices()
  useCommands(
    moves.map(([move, label, key]) => ({
      id: `selection ${move}`,
      label: `${label}: the selected`,
      group: 'Selection',
      key,
      run: () => void history.moveSelected(move, ids),
    })),
  )
  return (
    <>
      {moves.map(([move, label, key, Icon]) => (
        <Button
          key={move}
          icon={<Icon size={14} aria-hidden="true" />}
          hint={key}
          onClick={() => void history.moveSelected(move, ids)}
        >
          {label}
        </Button>
      ))}
    </>
  )
}

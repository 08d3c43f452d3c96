import { useCommands } from '../app/keyboard.ts'
import { Menu, type MenuItem } from '../parts/menu.tsx'

/** A menu whose actions are in the palette too, and have their keys. */
export function ActionMenu({
  label,
  group,
  items,
}: {
  readonly label: string
  readonly group: string
  readonly items: readonly (MenuItem | null)[]
}) {
  useCommands(
    items
      .filter((item) => item !== null)
      .map(({ label: name, key, run }) => ({
        id: `${group} ${name}`,
        label: name,
        group,
        run,
        ...(key === undefined ? {} : { key }),
      })),
  )
  return <Menu label={label} items={items} />
}

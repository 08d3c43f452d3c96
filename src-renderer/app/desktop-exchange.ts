import type { DesktopRequest, MenuAction } from '../../src-shared/desktop/desktop-contract.ts'
import { commandsOf, type CommandsState } from '../stores/commands-store.ts'

/** What goes between the page and what is around it, without the page. */

/** As long as the menu takes them; a name that was typed in may be longer. */
const longestLabel = 200
const mostActions = 200
/** Much more than a configuration is, far less than what would freeze the page. */
const mostBytes = 4 * 1024 * 1024

/** What can be done now, as the menu wants it. */
export function menuActionsOf(offers: CommandsState['offers']): MenuAction[] {
  return commandsOf(offers)
    .filter(({ id }) => id.length <= longestLabel)
    .slice(0, mostActions)
    .map(({ id, label, group, key }) => ({
      id,
      label: label.length > longestLabel ? `${label.slice(0, longestLabel - 1)}…` : label,
      group,
      ...(key === undefined ? {} : { key }),
    }))
}

/** Does what the desktop asks the page for. */
export function takeRequest(
  request: DesktopRequest,
  page: {
    readonly offers: () => CommandsState['offers']
    readonly go: (path: string) => void
    readonly showImport: (text: string) => void
  },
): void {
  if (request.kind === 'go') page.go(request.path)
  else if (request.kind === 'import') page.showImport(request.text)
  else
    commandsOf(page.offers())
      .find(({ id }) => id === request.id)
      ?.run()
}

/** The text of a dropped configuration file, or why it is none. */
export async function readDropped(
  file: Pick<File, 'name' | 'size' | 'arrayBuffer'>,
): Promise<{ readonly text: string } | { readonly problem: string }> {
  if (!/\.(ya?ml|json)$/i.test(file.name))
    return { problem: 'Only a configuration file (.yaml, .yml, .json) can be dropped here.' }
  if (file.size > mostBytes) return { problem: 'The file is larger than 4 MiB: that is no configuration.' }
  try {
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(await file.arrayBuffer()) }
  } catch {
    // A folder of such a name, a file that is gone, or one that is no text.
    return { problem: 'The file could not be read as text in UTF-8.' }
  }
}

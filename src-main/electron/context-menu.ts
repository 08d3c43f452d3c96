import type { MenuItemConstructorOptions } from 'electron'

/** What was clicked, as far as the menu depends on it; a part of Electron's `ContextMenuParams`. */
export interface ClickedText {
  readonly isEditable: boolean
  readonly selectionText: string
  readonly editFlags: {
    readonly canUndo: boolean
    readonly canRedo: boolean
    readonly canCut: boolean
    readonly canCopy: boolean
    readonly canPaste: boolean
    readonly canSelectAll: boolean
  }
}

/** The menu of a right click on text: Electron has none of its own. @returns empty where there is nothing to do */
export function contextMenuTemplate(clicked: ClickedText): MenuItemConstructorOptions[] {
  const { editFlags: can } = clicked
  if (clicked.isEditable)
    return [
      { role: 'undo', enabled: can.canUndo },
      { role: 'redo', enabled: can.canRedo },
      { type: 'separator' },
      { role: 'cut', enabled: can.canCut },
      { role: 'copy', enabled: can.canCopy },
      { role: 'paste', enabled: can.canPaste },
      { type: 'separator' },
      { role: 'selectAll', enabled: can.canSelectAll },
    ]
  return clicked.selectionText.trim() === '' ? [] : [{ role: 'copy', enabled: can.canCopy }]
}

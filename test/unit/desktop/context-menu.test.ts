import { describe, expect, it } from 'vitest'
import { contextMenuTemplate, type ClickedText } from '../../../src-main/electron/context-menu.ts'

const all = { canUndo: true, canRedo: true, canCut: true, canCopy: true, canPaste: true, canSelectAll: true }

function roles(clicked: Partial<ClickedText>): (string | undefined)[] {
  return contextMenuTemplate({ isEditable: false, selectionText: '', editFlags: all, ...clicked })
    .filter(({ enabled }) => enabled)
    .map(({ role }) => role)
}

describe('a right click', () => {
  it('on a field edits it, as far as it can be done now', () => {
    expect(roles({ isEditable: true })).toEqual(['undo', 'redo', 'cut', 'copy', 'paste', 'selectAll'])
    expect(
      roles({ isEditable: true, editFlags: { ...all, canUndo: false, canRedo: false, canCut: false } }),
    ).toEqual(['copy', 'paste', 'selectAll'])
  })

  it('on selected text copies it', () => {
    expect(roles({ selectionText: 'whsec_' })).toEqual(['copy'])
  })

  it('on anything else has no menu', () => {
    expect(contextMenuTemplate({ isEditable: false, selectionText: ' \n', editFlags: all })).toEqual([])
  })
})

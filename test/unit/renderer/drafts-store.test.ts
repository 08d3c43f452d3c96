import { describe, expect, it } from 'vitest'
import {
  createDraftsStore,
  latestDraft,
  textOf,
  warnsBeforeLeaving,
} from '../../../src-renderer/stores/drafts-store.ts'

const draft = (value: unknown, warns = false) => ({ value, base: '', warns })

describe('drafts', () => {
  it('are kept with the time at which they were typed, until they are discarded', () => {
    let now = 1000
    const store = createDraftsStore(() => now)
    const { keep, discard } = store.getState()
    keep('a', draft('first'))
    now = 2000
    keep('a', draft('second'))
    expect(store.getState().drafts.get('a')).toEqual({ ...draft('second'), at: 2000 })
    discard('a')
    expect(store.getState().drafts.get('a')).toBeUndefined()
  })

  it('that are typed again are the latest of their kind', () => {
    const store = createDraftsStore()
    const { keep } = store.getState()
    for (const key of ['x 1', 'x 2', 'y 1', 'x 1']) keep(key, draft(key))
    expect(latestDraft(store.getState(), 'x ')?.value).toBe('x 1')
    expect(latestDraft(store.getState(), 'z ')).toBeUndefined()
  })

  it('hold the page only when they are meant to', () => {
    const store = createDraftsStore()
    const { keep, discard } = store.getState()
    keep('dialog', draft(1))
    expect(warnsBeforeLeaving(store.getState())).toBe(false)
    keep('editor', draft(1, true))
    expect(warnsBeforeLeaving(store.getState())).toBe(true)
    discard('editor')
    expect(warnsBeforeLeaving(store.getState())).toBe(false)
  })

  it('are the same whatever the order of their fields', () => {
    expect(textOf({ a: 1, b: [2] })).toBe(textOf({ b: [2], a: 1 }))
    expect(textOf({ a: 1, b: [2] })).not.toBe(textOf({ a: 1, b: [3] }))
  })
})

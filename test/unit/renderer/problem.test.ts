import { describe, expect, it } from 'vitest'
import { placeError } from '../../../src-renderer/stores/problem.ts'
import { AppError, invalidInput } from '../../../src-shared/errors.ts'

const refused = (...fields: [path: string, message: string][]) =>
  invalidInput(
    'raw.path: must not be',
    fields.map(([path, message]) => ({ path, message })),
  )

describe('an error in a form', () => {
  it('stands at its field only', () => {
    expect(placeError(refused(['name', 'must not be empty']), ['name'])).toEqual({
      wrong: { name: 'Must not be empty' },
      above: null,
    })
  })

  it('of a part of a field stands there, and can be told by its path', () => {
    const { wrong, above } = placeError(refused(['answer.headers.1', 'Via is set by others']), [
      'answer.status',
      'answer.headers',
    ])
    expect(wrong).toEqual({
      'answer.headers': 'Via is set by others',
      'answer.headers.1': 'Via is set by others',
    })
    expect(above).toBeNull()
  })

  it('goes to the first field that fits, and to none whose name only begins alike', () => {
    const fields = ['retry_policy.jitter', 'retry_policy', 'na']
    expect(placeError(refused(['retry_policy.jitter', 'is wrong']), fields).wrong).toEqual({
      'retry_policy.jitter': 'Is wrong',
    })
    expect(placeError(refused(['name', 'is wrong']), fields).above).toBe('Name is wrong.')
  })

  it('of no field stands above in words, without its path', () => {
    const error = refused(['retention.max_age_days', 'must be at most 3650'], ['', 'one of two is needed.'])
    expect(placeError(error, ['name'])).toEqual({
      wrong: {},
      above: 'Max age days must be at most 3650. One of two is needed.',
    })
  })

  it('that says itself what it means keeps its sentence', () => {
    const conflict = new AppError(
      'conflict',
      { message: 'Capture 1 is cut. Nothing was replayed.' },
      { fields: [{ path: 'capture_ids.0', message: 'Capture 1 is cut.' }] },
    )
    expect(placeError(conflict, ['to.url']).above).toBe('Capture 1 is cut. Nothing was replayed.')
    expect(placeError(new TypeError('fetch failed'), []).above).toMatch(/is it still running/)
  })
})

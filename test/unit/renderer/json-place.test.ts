import { describe, expect, it } from 'vitest'
import { jsonPlaceAt, sampleAt } from '../../../src-renderer/parts/json-place.ts'

/** The place of the bar. */
const at = (marked: string) => jsonPlaceAt(marked.replace('|', ''), marked.indexOf('|'))

describe('the place of the cursor in JSON', () => {
  it('is a name, with what the object has before and behind it', () => {
    const place = at('{"a": 1, "contact": {"id": 2, "na|", "mail": {"x": 1}}, "z": 3}')
    expect(place).toMatchObject({ kind: 'name', path: ['contact'], next: ',' })
    expect([...(place?.names ?? [])]).toEqual(['id', 'mail'])
  })

  it('is a name in JSON that is not whole yet', () => {
    expect(at('{|')).toMatchObject({ kind: 'name', path: [], next: null })
    expect(at('{"a": {"b": [1, {"c|')).toMatchObject({ kind: 'name', path: ['a', 'b', 1] })
    expect(at('{\n  "a": 1,\n  |\n}')).toMatchObject({ kind: 'name', path: [], next: '}' })
    expect(at('{ co|')).toMatchObject({ kind: 'name', from: 2, to: 4 })
  })

  it('is a value, and the token that is written is what a choice replaces', () => {
    expect(at('{"a": {"b": tr|}}')).toMatchObject({ kind: 'value', path: ['a', 'b'], from: 12, to: 14 })
    expect(at('{"a": "x|yz", "b": 1}')).toMatchObject({ kind: 'value', path: ['a'], from: 6, to: 11 })
    expect(at('{"list": [1, 2, |]}')).toMatchObject({ kind: 'value', path: ['list', 2] })
  })

  it('is none behind what is whole, and outside of everything', () => {
    expect(at('{"a"|: 1}')).toBeNull()
    expect(at('{"a": "x"|}')).toBeNull()
    expect(at('{"a": 1} |')).toBeNull()
    expect(at('|')).toBeNull()
  })

  it('is not fooled by braces and quotes in strings', () => {
    expect(at('{"a": "}{\\"", "b": {"|"}}')).toMatchObject({ kind: 'name', path: ['b'] })
  })
})

it('a sample is followed along a path, the first item standing for all', () => {
  const sample = { contact: { tags: [{ name: 'x' }], none: null } }
  expect(sampleAt(sample, ['contact', 'tags', 7, 'name'])).toBe('x')
  expect(sampleAt(sample, ['contact', 'none'])).toBeNull()
  expect(sampleAt(sample, ['contact', 'none', 'x'])).toBeUndefined()
  expect(sampleAt(sample, ['contact', 'constructor'])).toBeUndefined()
})

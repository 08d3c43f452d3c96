import { describe, expect, it } from 'vitest'
import { checkExtent } from '../../../src-main/electron/extent.ts'

const nested = (levels: number): unknown => {
  let value: unknown = 1
  for (let level = 0; level < levels; level += 1) value = [value]
  return value
}
const tooLarge = expect.objectContaining({ code: 'payload_too_large' })
const invalid = expect.objectContaining({ code: 'invalid_input' })

describe('abuse 22: what is too much over IPC', () => {
  it('lets through what JSON can hold', () => {
    const own: unknown = JSON.parse('{"__proto__": {"a": 1}, "constructor": null}')
    for (const value of [undefined, null, 1, 'x'.repeat(8_000_000), own, nested(1000), [{ a: [true] }]])
      expect(() => checkExtent(value)).not.toThrow()
    expect(() => checkExtent(structuredClone({ a: [{ b: 'c' }], left: undefined }))).not.toThrow()
  })

  it.each([
    ['a string of 100 MB', () => 'x'.repeat(100_000_000)],
    ['a key of 9 MB', () => ({ ['k'.repeat(9_000_000)]: 1 })],
    ['many strings', () => Array.from({ length: 90 }, () => 'x'.repeat(100_000))],
    ['many numbers', () => Array.from({ length: 2_000_000 }, () => 1)],
    ['an array that is long and empty', () => [1, Object.assign([], { length: 4_000_000_000 })]],
    [
      'one string that is named often',
      () => {
        let value: unknown = 'x'.repeat(1000)
        for (let level = 0; level < 30; level += 1) value = [value, value]
        return value
      },
    ],
  ])('refuses %s', (_what, make) => {
    const value = make()
    const before = performance.now()
    expect(() => checkExtent(value)).toThrow(tooLarge)
    expect(performance.now() - before).toBeLessThan(2000)
  })

  it('refuses what is nested too deeply, a cycle too', () => {
    expect(() => checkExtent(nested(1002))).toThrow(invalid)
    expect(() => checkExtent(nested(200_000))).toThrow(invalid)
    const cycle: { self?: unknown } = {}
    cycle.self = cycle
    expect(() => checkExtent(structuredClone(cycle))).toThrow(invalid)
  })

  it.each([
    ['a Map', new Map([['a', 1]])],
    ['a Date', new Date(0)],
    ['bytes', new Uint8Array(4)],
    ['a buffer', new ArrayBuffer(4)],
    ['an error', new Error('x')],
    ['a big integer', 1n],
  ])('refuses %s, which gets through IPC and is no JSON', (_what, value) => {
    expect(() => checkExtent(structuredClone({ attributes: { value } }))).toThrow(invalid)
  })
})

import { describe, expect, it } from 'vitest'
import { GrowingLines, linesOf } from '../../../src-renderer/parts/growing-lines.ts'

describe('text that comes in parts', () => {
  it('has the same lines wherever it is cut, also within a character', () => {
    const text = `{"name": "Zoë",\n\n "note": "${'ü'.repeat(900)}"}\nend\n`
    const bytes = new TextEncoder().encode(text)
    for (const partBytes of [1, 7, 400, 1000]) {
      const lines = new GrowingLines()
      for (let at = 0; at < bytes.length; at += partBytes)
        lines.push(bytes.subarray(at, at + partBytes), at + partBytes >= bytes.length)
      expect(lines.lines, `in parts of ${partBytes}`).toEqual(linesOf(text))
    }
  })

  it('shows a very long line in several', () => {
    expect(linesOf('x'.repeat(1000)).map(({ length }) => length)).toEqual([400, 400, 200])
  })

  it('does not touch earlier lines when more comes', () => {
    const lines = new GrowingLines()
    lines.append('a\nb\nc')
    const before = lines.lines.slice(0, 2)
    lines.append('d\n')
    expect(lines.lines.slice(0, 2)).toEqual(before)
    expect(lines.lines.slice(2)).toEqual(['cd', ''])
  })
})

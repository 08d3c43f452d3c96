import { describe, expect, it } from 'vitest'
import { maskCookieBytes, maskCookieValue, pairHeaders } from '../../../src-main/capture/cookie-mask.ts'

const ours = /^hookbench_\d+$/

describe('the mask of the login cookie', () => {
  it('replaces the value of matching cookies and keeps every other byte', () => {
    expect(maskCookieValue('a=1;  hookbench_4747=s=e=cret ; b="x"', ours)).toBe(
      'a=1;  hookbench_4747=***; b="x"',
    )
    expect(maskCookieValue('nothookbench_1=a; hookbench_x=b; hookbench_1', ours)).toBe(
      'nothookbench_1=a; hookbench_x=b; hookbench_1',
    )
  })

  it('masks each of several, also with a global expression', () => {
    const global = /^hookbench_\d+$/g
    expect(maskCookieValue('hookbench_1=a; hookbench_2=b', global)).toBe('hookbench_1=***; hookbench_2=***')
  })

  it('pairs headers in order with case and duplicates, masking Cookie in any case only', () => {
    const flat = ['X-A', '1', 'COOKIE', 'hookbench_1=a', 'x-a', '2', 'Set-Cookie', 'hookbench_1=a']
    expect(pairHeaders(flat, ours)).toEqual([
      ['X-A', '1'],
      ['COOKIE', 'hookbench_1=***'],
      ['x-a', '2'],
      ['Set-Cookie', 'hookbench_1=a'],
    ])
    expect(pairHeaders(flat, null)[1]).toEqual(['COOKIE', 'hookbench_1=a'])
  })

  it('masks it in the raw bytes of a malformed request too, and leaves other bytes as they are', () => {
    const raw = Buffer.from('GET / X\r\nCookie: hookbench_1=secret; b=\xff\r\n\r\n\x00', 'latin1')
    expect(Buffer.from(maskCookieBytes(raw, ours)).toString('latin1')).toBe(
      'GET / X\r\nCookie: hookbench_1=***; b=\xff\r\n\r\n\x00',
    )
    const other = Buffer.from('GET / X\r\nCookie: a=1\r\n\r\n')
    expect(maskCookieBytes(other, ours)).toBe(other)
  })
})

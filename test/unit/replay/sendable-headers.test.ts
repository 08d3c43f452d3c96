import { describe, expect, it } from 'vitest'
import { sendableHeaders } from '../../../src-main/engine/replay/sendable-headers.ts'
import type { Header } from '../../../src-shared/model/header.ts'

describe('the headers of a replay', () => {
  it('are those of the request in order, with case and duplicates', () => {
    const headers: Header[] = [
      ['b', '2'],
      ['B', '1'],
      ['Authorization', 'Bearer x'],
      ['b', '2'],
    ]
    expect(sendableHeaders(headers)).toEqual(headers)
  })

  it.each([
    'Host',
    'content-length',
    'Transfer-Encoding',
    'CONNECTION',
    'Keep-Alive',
    'TE',
    'Trailer',
    'Upgrade',
    'Proxy-Connection',
    'Expect',
  ])('go without %s', (name) => {
    expect(
      sendableHeaders([
        [name, 'x'],
        ['A', '1'],
      ]),
    ).toEqual([['A', '1']])
  })

  it('go without those that Connection names, in any of its lines', () => {
    expect(
      sendableHeaders([
        ['x-a', '1'],
        ['Connection', 'close, X-A'],
        ['connection', 'x-b'],
        ['X-B', '2'],
        ['X-C', '3'],
      ]),
    ).toEqual([['X-C', '3']])
  })

  it("go without the UI's own cookie, and leave others as they are", () => {
    expect(sendableHeaders([['Cookie', 'hookbench_4747=t']])).toEqual([])
    expect(sendableHeaders([['cookie', 'a=1;hookbench_1=x;  b=2']])).toEqual([['cookie', 'a=1;  b=2']])
    expect(sendableHeaders([['Cookie', ' a=1 ;b']])).toEqual([['Cookie', ' a=1 ;b']])
  })
})

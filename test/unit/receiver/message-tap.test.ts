import { describe, expect, it } from 'vitest'
import { MessageFraming } from '../../../src-main/capture/message-framing.ts'
import { MessageTap } from '../../../src-main/capture/message-tap.ts'

const requests = [
  'GET /1 HTTP/1.1\r\nHost: x\r\n\r\n',
  '\r\nPOST /2 HTTP/1.1\r\nContent-Length: 7\r\n\r\n0\r\n\r\nab',
  'POST /3 HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3;x="y"\r\na\r\n\r\n00A\r\n0\r\n\r\n012345\r\n0\r\nT: v\r\n\r\n',
  'POST /4 HTTP/1.1\r\ncontent-length:0\r\n\r\n',
  'POST /5 HTTP/1.0\r\nTransfer-Encoding:chunked\r\n\r\n0\r\n\r\n',
].map((text) => Buffer.from(text, 'latin1'))
const stream = Buffer.concat(requests)

describe('the framing of requests', () => {
  it('finds every end, however the bytes are cut into two', () => {
    const ends = requests.map((_, at) => requests.slice(0, at + 1).reduce((sum, r) => sum + r.length, 0))
    for (let cut = 0; cut <= stream.length; cut += 1) {
      const framing = new MessageFraming()
      const found: number[] = []
      for (const [start, end] of [
        [0, cut],
        [cut, stream.length],
      ] as const) {
        let at = start
        while (at < end) {
          const length = framing.feed(stream.subarray(at, end))
          if (length === -1) break
          at += length
          found.push(at)
        }
      }
      expect(found).toEqual(ends)
    }
  })

  it('finds them byte by byte', () => {
    const framing = new MessageFraming()
    let ended = 0
    for (const byte of stream) if (framing.feed(Buffer.of(byte)) !== -1) ended += 1
    expect(ended).toBe(requests.length)
  })
})

describe('the tap of the incomplete request', () => {
  it('begins with its first byte wherever packets were cut', () => {
    const broken = Buffer.from('POST /b HTTP/1.1\r\nA: b\r\nno colon\r\n\r\nbody')
    const all = Buffer.concat([stream, broken])
    for (let cut = 1; cut < all.length; cut += 1) {
      const tap = new MessageTap()
      const before = completeIn(cut)
      tap.packet(all.subarray(0, cut), before)
      tap.broken(all.subarray(cut), requests.length)
      expect(tap.bytes().toString('latin1'), `cut at ${cut}`).toBe(broken.toString('latin1'))
      expect(tap.totalBytes).toBe(broken.length)
    }
  })

  it('keeps 64 KiB and counts the rest', () => {
    const tap = new MessageTap()
    tap.packet(Buffer.from('POST / HTTP/1.1\r\nContent-Length: 900000\r\n\r\n'), 0)
    for (let n = 0; n < 10; n += 1) tap.packet(Buffer.alloc(60_000), 0)
    expect(tap.bytes()).toHaveLength(65_536)
    expect(tap.totalBytes).toBe(600_043)
  })

  it('forgets what has become complete', () => {
    const tap = new MessageTap()
    tap.packet(stream.subarray(0, 10), 0)
    tap.clean(1)
    tap.broken(Buffer.from('bad'), 1)
    expect(tap.bytes().toString()).toBe('bad')
  })
})

function completeIn(bytes: number): number {
  let sum = 0
  return requests.filter((request) => (sum += request.length) <= bytes).length
}

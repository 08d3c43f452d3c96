import { describe, expect, it } from 'vitest'
import { parseRawRequest } from '../../../src-main/engine/signing/raw-request.ts'
import { AppError } from '../../../src-shared/errors.ts'

const parse = (text: string) => parseRawRequest(Buffer.from(text, 'latin1'))
const bodyOf = (text: string): string => Buffer.from(parse(text).body).toString('latin1')
const head = 'POST /in/sample?a=%2F&b HTTP/1.1\r\nHost: localhost\r\n'

describe('a raw request', () => {
  it('keeps target, order, case and duplicates of its headers, and every byte of its body', () => {
    const request = parse(
      `${head}X-B: 1\r\nx-a:  two words \t\r\nX-B: \xe9\xa0\r\nEmpty:\r\n\r\n\x00\xff\r\n`,
    )
    expect(request).toMatchObject({
      method: 'POST',
      target: '/in/sample?a=%2F&b',
      httpVersion: '1.1',
      trailers: [],
    })
    expect(request.headers).toEqual([
      ['Host', 'localhost'],
      ['X-B', '1'],
      ['x-a', 'two words'],
      ['X-B', '\xe9\xa0'],
      ['Empty', ''],
    ])
    expect([...request.body]).toEqual([0, 0xff, 13, 10])
  })

  it('may have bare line feeds in its head, empty lines or a byte order mark before it, and HTTP/1.0', () => {
    expect(parse('GET / HTTP/1.0\nA: b\n\nbody\n')).toMatchObject({
      httpVersion: '1.0',
      headers: [['A', 'b']],
    })
    expect(bodyOf('GET / HTTP/1.0\nA: b\n\nbody\n')).toBe('body\n')
    expect(parse(`\xef\xbb\xbf\r\n\n${head}\r\n`).method).toBe('POST')
    expect(bodyOf('GET / HTTP/1.1\r\n\r\n')).toBe('')
  })

  it('has the body that Content-Length says: an editor’s last newline is left out', () => {
    expect(bodyOf(`${head}Content-Length: 2\r\n\r\n{}\n`)).toBe('{}')
    expect(bodyOf(`${head}Content-Length: 2\r\ncontent-length: 2\r\n\r\n{}`)).toBe('{}')
    expect(bodyOf(`${head}Content-Length: 2, 2\r\n\r\n{}`)).toBe('{}')
    expect(bodyOf(`${head}Content-Length: 0\r\n\r\n\n`)).toBe('')
    expect(bodyOf(`${head}\r\n{}\n`)).toBe('{}\n')
  })

  it('has its chunks put together, and its trailers', () => {
    const request = parse(
      `${head}Transfer-Encoding: Chunked\r\n\r\n3;ext=1\r\na\r\n\r\nA\r\n0123456789\r\n0\r\nX-Sum: 1\r\n\r\n`,
    )
    expect(Buffer.from(request.body).toString()).toBe('a\r\n0123456789')
    expect(request.trailers).toEqual([['X-Sum', '1']])
    expect(bodyOf(`${head}Transfer-Encoding: chunked\n\n2\nhi\n0\n\n`)).toBe('hi')
  })

  it.each([
    ['nothing', '', 'no whole HTTP request'],
    ['one line without its end', 'POST / HTTP/1.1', 'no whole HTTP request'],
    ['a response', 'HTTP/1.1 200 OK\r\n\r\n', 'an HTTP response'],
    ['some text', 'hello\n\n', 'The first line must be like'],
    ['HTTP/2', 'POST / HTTP/2.0\r\n\r\n', 'The first line must be like'],
    ['two spaces', 'POST  / HTTP/1.1\r\n\r\n', 'The first line must be like'],
    ['no blank line', head, 'ends within its headers'],
    ['a line without a colon', `${head}nonsense\r\n\r\n`, 'is no header'],
    ['a space before the colon', `${head}A : b\r\n\r\n`, 'is no header'],
    ['a header without a name', `${head}: b\r\n\r\n`, 'is no header'],
    ['folded headers', `${head}A: b\r\n c\r\n\r\n`, 'folded'],
    ['a NUL in a header', `${head}A: b\0\r\n\r\n`, 'NUL or CR'],
    ['a CR in a header', `${head}A: b\rc\r\n\r\n`, 'NUL or CR'],
    ['too short a body', `${head}Content-Length: 3\r\n\r\n{}`, 'says 3 bytes, but only 2 follow'],
    ['two lengths', `${head}Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}`, 'one decimal number'],
    ['a length that is none', `${head}Content-Length: +2\r\n\r\n{}`, 'one decimal number'],
    ['length and chunks', `${head}Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n`, 'leave one out'],
    ['another coding', `${head}Transfer-Encoding: gzip, chunked\r\n\r\n`, 'only chunked can'],
    ['a chunk without a size', `${head}Transfer-Encoding: chunked\r\n\r\nx\r\n`, 'no size of a chunk'],
    [
      'a chunk that is too short',
      `${head}Transfer-Encoding: chunked\r\n\r\n5\r\nab\r\n`,
      'A chunk says 5 bytes',
    ],
    [
      'a chunk that is too long',
      `${head}Transfer-Encoding: chunked\r\n\r\n1\r\nab\r\n0\r\n\r\n`,
      'A chunk says 1 bytes',
    ],
    ['chunks without an end', `${head}Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n`, 'ends too early'],
    ['trailers without an end', `${head}Transfer-Encoding: chunked\r\n\r\n0\r\n`, 'within its trailers'],
  ])('is refused when there is %s', (_, text, message) => {
    expect(() => parse(text)).toThrow(message)
    expect(() => parse(text)).toThrow(AppError)
  })

  it('is read in a time that grows with its length only', () => {
    const blanks = ' '.repeat(200_000)
    expect(parse(`${head}A:${blanks}b${blanks}c${blanks}\r\n\r\n`).headers[1]?.[1]).toBe(`b${blanks}c`)
  })
})

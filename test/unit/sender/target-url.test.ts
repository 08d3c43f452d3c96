import { describe, expect, it } from 'vitest'
import { TargetParser } from '../../../src-main/sender/target-url.ts'
import type { Target } from '../../../src-main/sender/target-url.ts'

function parsed(url: string): Target {
  const target = new TargetParser().parse(url)
  if ('code' in target) throw new Error(`${url}: ${target.message}`)
  return target
}

function problemOf(url: string): { readonly code: string; readonly message: string } {
  const target = new TargetParser().parse(url)
  if ('code' in target) return target
  throw new Error(`${url} was taken`)
}

describe('TargetParser', () => {
  it.each([
    ['http://h.test', '/'],
    ['http://h.test/', '/'],
    ['http://h.test?a=1', '/?a=1'],
    ['http://h.test/a/../b/./c//d', '/a/../b/./c//d'],
    ['http://h.test/%7Efoo/%2e%2e/x', '/%7Efoo/%2e%2e/x'],
    ['http://h.test/a\\b', '/a\\b'],
    ['http://h.test/?q=\'"<>`{}|^', '/?q=\'"<>`{}|^'],
    ['http://h.test/x#fragment?no', '/x'],
    ['http://h.test#fragment', '/'],
    ['http://h.test/a?b?c=/d:e@f', '/a?b?c=/d:e@f'],
    ['http://h.test/Jane Doe?n=Zoë', '/Jane%20Doe?n=Zo%C3%AB'],
    ['http://h.test/\u{1F600}', '/%F0%9F%98%80'],
  ])('keeps the path of %s as %s', (url, path) => {
    expect(parsed(url).path).toBe(path)
  })

  it.each([
    ['http://H.Test:80/', 'h.test', 80, 'h.test'],
    ['https://h.test/', 'h.test', 443, 'h.test'],
    ['https://h.test:8443/', 'h.test', 8443, 'h.test:8443'],
    ['HTTPS://h.test:443/', 'h.test', 443, 'h.test'],
    ['http://[::1]:8080/', '::1', 8080, '[::1]:8080'],
    ['http://bücher.test/', 'xn--bcher-kva.test', 80, 'xn--bcher-kva.test'],
    ['http://0x7f.1:81/', '127.0.0.1', 81, '127.0.0.1:81'],
  ])('takes the host of %s apart', (url, hostname, port, hostHeader) => {
    expect(parsed(url).origin).toMatchObject({ hostname, port, hostHeader })
  })

  it('makes Basic credentials of user info', () => {
    const { origin } = parsed('http://al%40ice:p%3Ass@h.test/')
    expect(origin.authorization).toBe(`Basic ${btoa('al@ice:p:ss')}`)
    expect(origin.label).toBe('h.test:80')
  })

  it.each([
    'h.test/x',
    '/x',
    'http:/h.test',
    'http://',
    'http://:80/',
    'ftp://h.test/',
    'javascript://h.test/',
    'http://h.test:99999/',
    'http://h.test:0/',
    'http://a b/',
    'http://256.256.256.256/',
    'http://h.test\\@other.test/',
  ])('refuses %s', (url) => {
    expect(problemOf(url).code).toBe('url_invalid')
  })

  it.each([
    'http://h.test/a\r\nX: 1',
    'http://h.test/a\nb',
    'http://h.test/a\0b',
    'http://h.\ntest/',
    'http://h.test/\t',
  ])('abuse 29: refuses the control characters of %j', (url) => {
    expect(problemOf(url).code).toBe('invalid_request')
  })

  it('never repeats what may be secret', () => {
    expect(problemOf('http://user:hunter2@/x?token=abc').message).not.toMatch(/hunter2|abc/)
  })

  it('remembers origins, more of them than it keeps', () => {
    const parser = new TargetParser()
    const first = parser.parse('http://h0.test/a')
    expect('origin' in first && 'origin' in parser.parse('http://h0.test/b')).toBe(true)
    for (let host = 0; host < 2000; host++) {
      expect(parser.parse(`http://h${host}.test/`)).toMatchObject({ origin: { hostname: `h${host}.test` } })
    }
  })
})

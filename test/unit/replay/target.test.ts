import { describe, expect, it } from 'vitest'
import {
  nameOfUrl,
  originOf,
  targetOf,
  targetOfRequest,
  urlProblem,
} from '../../../src-main/engine/replay/target.ts'

describe('the parts of a URL', () => {
  it.each([
    ['http://h:1/a/../b?c#d', 'http://h:1', '/a/../b?c'],
    ['HTTPS://Example.com', 'HTTPS://Example.com', '/'],
    ['http://h?x=/y', 'http://h', '/?x=/y'],
    ['http://[::1]:80//a', 'http://[::1]:80', '//a'],
  ])('of %s stay as written', (url, origin, target) => {
    expect(originOf(url)).toBe(origin)
    expect(targetOf(url)).toBe(target)
  })

  it.each([
    ['/in/a?b=%20', '/in/a?b=%20'],
    ['http://proxied/x?y', '/x?y'],
    ['/caf\xe9', '/caf%E9'],
    ['*', null],
    ['host:443', null],
  ])('a request target %s keeps %s', (target, kept) => {
    expect(targetOfRequest(target)).toBe(kept)
  })

  it('name it without its query', () => {
    expect(nameOfUrl('http://h/a?token=1')).toBe('http://h/a')
    expect(nameOfUrl(`http://h/${'x'.repeat(500)}`)).toHaveLength(200)
  })
})

describe('a URL to replay to', () => {
  it.each(['http://localhost:3000', 'https://example.com/a?b#c', 'http://[::1]/', 'http://10.0.0.1/'])(
    '%s is fine',
    (url) => {
      expect(urlProblem(url)).toBeNull()
    },
  )

  it.each([
    ['ftp://h', /must start with http/],
    ['localhost:3000', /must start with http/],
    ['http://', /is not a URL/],
    ['http:///path', /is not a URL/],
    ['http://h:99999/', /is not a URL/],
    ['http://a:b@h/', /user name or password/],
    ['http://h/a b', /white space/],
    ['http://h/\r\nX: 1', /white space/],
  ])('%s is refused', (url, problem) => {
    expect(urlProblem(url)).toMatch(problem)
  })
})

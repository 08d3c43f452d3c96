import { describe, expect, it } from 'vitest'
import type { Hop } from '../../../src-main/sender/exchange.ts'
import { followRedirect, redirectLocation } from '../../../src-main/sender/redirects.ts'
import { TargetParser } from '../../../src-main/sender/target-url.ts'

const parser = new TargetParser()

function hop(url: string, method: string): Hop {
  const target = parser.parse(url)
  if ('code' in target) throw new Error(target.message)
  return {
    target,
    method,
    headers: [
      ['Content-Type', 'application/json'],
      ['X-Signature', 'v1=abc'],
      ['Authorization', 'Bearer t'],
      ['Cookie', 'a=b'],
    ],
    body: new Uint8Array([1]),
  }
}

function followed(from: Hop, status: number, location: string): { readonly hop: Hop; readonly url: string } {
  const next = followRedirect(from, status, location, parser)
  if ('code' in next) throw new Error(next.message)
  return next
}

describe('followRedirect', () => {
  it.each([
    [301, 'POST', 'GET'],
    [302, 'POST', 'GET'],
    [303, 'POST', 'GET'],
    [303, 'PUT', 'GET'],
    [301, 'PUT', 'PUT'],
    [307, 'POST', 'POST'],
    [308, 'POST', 'POST'],
    [308, 'DELETE', 'DELETE'],
  ])('after %i a %s becomes a %s', (status, method, expected) => {
    const next = followed(hop('https://h.test/a', method), status, '/b')
    expect(next.hop.method).toBe(expected)
    expect(next.hop.body === undefined).toBe(expected === 'GET')
    expect(next.hop.headers.some(([name]) => name === 'Content-Type')).toBe(expected !== 'GET')
  })

  it('keeps the signature, and drops credentials on another origin only', () => {
    const names = (location: string): string[] =>
      followed(hop('https://h.test/a', 'POST'), 307, location).hop.headers.map(([name]) => name)
    expect(names('/b')).toEqual(['Content-Type', 'X-Signature', 'Authorization', 'Cookie'])
    expect(names('https://other.test/b')).toEqual(['Content-Type', 'X-Signature'])
    expect(names('http://h.test/b')).toEqual(['Content-Type', 'X-Signature'])
    expect(names('https://h.test:444/b')).toEqual(['Content-Type', 'X-Signature'])
  })

  it('resolves relative locations and shows no user info', () => {
    expect(followed(hop('https://h.test/a/b?c', 'GET'), 302, '../d').url).toBe('https://h.test/d')
    expect(followed(hop('https://h.test/', 'GET'), 302, 'https://u:p@other.test/').url).toBe(
      'https://other.test/',
    )
  })

  it.each(['http://', 'ftp://h.test/', 'javascript:alert(1)'])('refuses %s', (location) => {
    expect(followRedirect(hop('https://h.test/', 'GET'), 302, location, parser)).toMatchObject({
      code: 'url_invalid',
    })
  })

  it('takes only redirects with a Location for ones', () => {
    expect(redirectLocation(302, [['LOCATION', '/x']])).toBe('/x')
    expect(redirectLocation(302, [])).toBeNull()
    expect(redirectLocation(304, [['Location', '/x']])).toBeNull()
    expect(redirectLocation(200, [['Location', '/x']])).toBeNull()
  })
})

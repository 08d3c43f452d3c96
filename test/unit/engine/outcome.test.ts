import { describe, expect, it } from 'vitest'
import { masked } from '../../../src-main/engine/dispatch/attempt.ts'
import { healthAfter } from '../../../src-main/engine/dispatch/destination-health.ts'
import { hintFor, verdictOf } from '../../../src-main/engine/dispatch/outcome.ts'
import type { SendErrorCode, SendOutcome } from '../../../src-main/engine/ports.ts'
import type { Header } from '../../../src-shared/model/header.ts'
import { deliveryIn } from '../../support/builders.ts'

function outcome(status: number | null, code?: SendErrorCode, headers: Header[] = []): SendOutcome {
  return {
    requestHeaders: [],
    response: status === null ? null : { status, headers, excerpt: new Uint8Array(), truncated: false },
    error: code === undefined ? null : { code, message: `it was ${code}` },
    timings: { dnsMs: null, connectMs: null, tlsMs: null, firstByteMs: null, totalMs: 1 },
    redirectedTo: [],
  }
}

describe('an outcome', () => {
  it.each([200, 201, 204, 299])('of %i is a success', (status) => {
    expect(verdictOf(outcome(status))).toEqual({ succeeded: true, status })
  })

  it.each([100, 199, 300, 304, 400, 401, 404, 410, 418, 500, 503, 599])('of %i is a failure', (status) => {
    expect(verdictOf(outcome(status))).toMatchObject({ succeeded: false, status })
  })

  it('fault 01: of a refused connection is a failure of that class', () => {
    const failure = { code: 'refused', message: 'it was refused' }
    expect(verdictOf(outcome(null, 'refused'))).toEqual({ succeeded: false, status: null, failure })
  })

  it('fault 10: of a redirect shows where it leads', () => {
    const verdict = verdictOf(outcome(302, undefined, [['LOCATION', 'https://example.com/new']]))
    expect(verdict).toMatchObject({ failure: { code: 'http_redirect' } })
    expect(JSON.stringify(verdict)).toContain('https://example.com/new')
  })

  it('of followed redirects that lead nowhere says why', () => {
    const verdict = verdictOf(outcome(302, 'too_many_redirects', [['Location', '/']]))
    expect(verdict).toMatchObject({ succeeded: false, status: 302, failure: { code: 'too_many_redirects' } })
  })

  it('of an answer that dripped past the deadline is a time-out', () => {
    expect(verdictOf(outcome(200, 'timeout'))).toMatchObject({
      succeeded: false,
      failure: { code: 'timeout' },
    })
  })

  it('fault 15: of an early 2xx followed by a reset is a success', () => {
    expect(verdictOf(outcome(200, 'reset_after_send'))).toEqual({ succeeded: true, status: 200 })
  })
})

describe('a hint', () => {
  it.each([
    [401, 'authentication'],
    [403, 'authentication'],
    [404, 'route'],
    [410, 'gone'],
    [413, 'too large'],
    [422, 'body template'],
    [500, 'log'],
    [503, 'log'],
  ])('for %i speaks of %s', (status, word) => {
    expect(hintFor({ code: `http_${status}`, message: '' }, status)).toContain(word)
  })

  it('tells what to do about time-outs and refused connections', () => {
    expect(hintFor({ code: 'timeout', message: '' }, null)).toContain('timeout')
    expect(hintFor({ code: 'refused', message: '' }, null)).toContain('start the receiver')
  })

  it('says nothing where nothing went wrong', () => {
    expect(hintFor(null, 200)).toBeNull()
    expect(hintFor({ code: 'cancelled', message: '' }, null)).toBeNull()
  })

  it('does not judge a failure by the status that an older attempt got', () => {
    expect(hintFor({ code: 'refused', message: '' }, 404)).toContain('start the receiver')
    expect(hintFor({ code: 'header_invalid', message: '' }, 500)).toBeNull()
  })
})

describe('the health of a destination', () => {
  const fine = { failures_in_row: 0, paused: null }
  const provider = { name: 'Provider', pauseAfterFailures: 5 }
  const after = (
    failures: number,
    status: 'failed' | 'succeeded' | 'retrying',
    paused: string | null = null,
  ) => {
    const before = { failures_in_row: failures, paused: paused === null ? null : { reason: paused, at: '' } }
    return healthAfter(before, deliveryIn(status), provider, 3, 0)
  }

  it('counts failed deliveries in a row, and is not touched by a retry', () => {
    expect(after(0, 'failed')).toEqual({ health: { failures_in_row: 1, paused: null }, news: null })
    expect(after(1, 'retrying')).toBeNull()
  })

  it('is reset by a success', () => {
    expect(after(4, 'succeeded')).toEqual({ health: fine, news: null })
    expect(after(0, 'succeeded')).toBeNull()
  })

  it('is worth one notification when failures repeat', () => {
    expect(after(1, 'failed')?.news).toBeNull()
    expect(after(2, 'failed')?.news).toBe('failing')
    expect(after(3, 'failed')?.news).toBeNull()
  })

  it('pauses the destination at the provider’s limit, once', () => {
    expect(after(4, 'failed')).toMatchObject({
      news: 'paused',
      health: { paused: { at: '1970-01-01T00:00:00.000Z' } },
    })
    expect(after(5, 'failed', 'before')).toMatchObject({
      news: null,
      health: { failures_in_row: 6, paused: { reason: 'before' } },
    })
  })
})

describe('a secret in bytes', () => {
  it('is masked wherever it stands, as it is and as JSON text', () => {
    const text = 'a s"1 and s\\"1, s"1'
    expect(Buffer.from(masked(Buffer.from(text), 's"1')).toString()).toBe('a *** and ****, ***')
  })

  it('leaves the bytes given alone', () => {
    const bytes = Buffer.from('has secret')
    masked(bytes, 'secret')
    expect(bytes.toString()).toBe('has secret')
    expect(masked(bytes, null)).toBe(bytes)
    expect(masked(bytes, '')).toBe(bytes)
    expect(masked(bytes, 'other')).toBe(bytes)
  })
})

import { describe, expect, it } from 'vitest'
import { createNotices } from '../../../src-main/electron/notices.ts'
import type { PushEvent } from '../../../src-main/engine/push.ts'
import type { Capture, VerdictStatus } from '../../../src-shared/model/capture.ts'
import type { CaptureId, DestinationId } from '../../../src-shared/model/ids.ts'
import { deliveryIn } from '../../support/builders.ts'
import { createFakeClock } from '../../support/fake-clock.ts'

const crm = '01890000-0000-7000-8000-000000000003' as DestinationId

function notices() {
  const clock = createFakeClock()
  const names = new Map([[crm, 'CRM']])
  const noticeOf = createNotices(
    (id) => names.get(id),
    () => clock.monotonicMs(),
  )
  return { clock, noticeOf }
}

function capture(id: string, status: VerdictStatus, changes: Partial<Capture> = {}): PushEvent {
  const verdict = { status, cause: 'wrong-secret', message: 'Another secret was used.', secretName: null }
  const unmarked = { pinned: false, tags: [], note: '' }
  return {
    kind: 'capture',
    change: 'received',
    capture: { id: id as CaptureId, verdict, ...unmarked, ...changes } as unknown as Capture,
  }
}

describe('what is worth a notification', () => {
  it('is a destination that keeps failing or was paused; a click leads to it', () => {
    const { noticeOf } = notices()
    expect(noticeOf({ kind: 'destination', destinationId: crm, change: 'failing' })).toEqual({
      title: 'CRM keeps failing',
      body: 'Its last deliveries have all failed.',
      path: `/destinations/${crm}`,
    })
    expect(noticeOf({ kind: 'destination', destinationId: crm, change: 'paused' })).toMatchObject({
      title: 'CRM was paused',
      path: `/destinations/${crm}`,
    })
    const gone = '01890000-0000-7000-8000-000000000004' as DestinationId
    expect(noticeOf({ kind: 'destination', destinationId: gone, change: 'failing' })?.title).toBe(
      'A destination keeps failing',
    )
  })

  it('is a rejected signature; a click leads to its capture', () => {
    const { noticeOf } = notices()
    expect(noticeOf(capture('c1', 'rejected'))).toEqual({
      title: 'A signature was rejected',
      body: 'Another secret was used.',
      path: '/captures/c1',
    })
  })

  it('is nothing else', () => {
    const { noticeOf } = notices()
    const others: PushEvent[] = [
      capture('c1', 'verified'),
      capture('c2', 'unsigned'),
      capture('c3', 'unchecked'),
      { kind: 'destination', destinationId: crm, change: 'changed' },
      { kind: 'delivery', delivery: deliveryIn('failed') },
      { kind: 'configuration', of: 'settings', id: null },
      { kind: 'reset' },
    ]
    expect(others.map(noticeOf)).toEqual(others.map(() => null))
  })

  it('comes once in half a minute for rejected signatures, then with the count of the others', async () => {
    const { clock, noticeOf } = notices()
    expect(noticeOf(capture('c0', 'rejected'))).not.toBeNull()
    for (let n = 1; n <= 40; n += 1) expect(noticeOf(capture(`c${n}`, 'rejected'))).toBeNull()
    await clock.advance(29_999)
    expect(noticeOf(capture('c41', 'rejected'))).toBeNull()
    await clock.advance(1)
    expect(noticeOf(capture('c42', 'rejected'))?.body).toBe(
      'Another secret was used. 41 more since the last message.',
    )
    await clock.advance(30_000)
    expect(noticeOf(capture('c43', 'rejected'))?.body).toBe('Another secret was used.')
  })

  it('comes once for each capture, however often it is marked', async () => {
    const { clock, noticeOf } = notices()
    expect(noticeOf(capture('c1', 'rejected'))).not.toBeNull()
    await clock.advance(60_000)
    for (const marks of [{ pinned: true }, { note: 'look' }, { tags: ['x'] }, {}])
      expect(noticeOf(capture('c1', 'rejected', marks))).toBeNull()
    // One of an earlier launch.
    expect(noticeOf(capture('c0', 'rejected', { pinned: true }))).toBeNull()
    expect(noticeOf(capture('c2', 'rejected'))?.body).toBe('Another secret was used.')
  })

  it('is told as text: what a request said is no markup', () => {
    const { noticeOf } = notices()
    const message = 'The timestamp "<img src="http://x/">&amp;" is not a number.'
    const notice = noticeOf(
      capture('c1', 'rejected', {
        verdict: { status: 'rejected', cause: 'header-malformed', message, secretName: null },
      }),
    )
    expect(notice?.body).not.toMatch(/[<>&]/)
    expect(notice?.body).toContain('img src=')
  })
})

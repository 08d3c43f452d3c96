import { describe, expect, it } from 'vitest'
import { PageReader } from '../../../src-main/electron/page-reader.ts'
import { createPushFeed } from '../../../src-main/engine/push-feed.ts'
import { createPushHub } from '../../../src-main/engine/push.ts'
import type { BridgeMessage } from '../../../src-shared/desktop/bridge.ts'
import { createFakeClock } from '../../support/fake-clock.ts'

function reading(lastId: string | null = null) {
  const hub = createPushHub((error) => expect.unreachable(String(error)))
  const feed = createPushFeed(hub, 'launch')
  const clock = createFakeClock()
  const publish = (count: number, from = 1): void => {
    for (let n = from; n < from + count; n += 1)
      hub.publish({ kind: 'configuration', of: 'settings', id: String(n) })
  }
  return { clock, publish, feed, reader: new PageReader(feed, clock, lastId) }
}

const told = (batch: readonly BridgeMessage[] | null): unknown[] =>
  (batch ?? []).map((item) => {
    if ('desktop' in item) return item.desktop.kind
    return item.message.event === 'configuration' ? item.message.data.id : item.message.event
  })

describe('what a page reads', () => {
  it('begins with ready, and goes on without gaps', async () => {
    const { clock, publish, reader } = reading()
    expect(told(await reader.next())).toEqual(['ready'])
    publish(2)
    expect(told(await reader.next())).toEqual(['1', '2'])
    const next = reader.next()
    publish(1, 3)
    await clock.advance(8)
    expect(told(await next)).toEqual(['3'])
  })

  it('comes together when it happens together', async () => {
    const { clock, publish, reader } = reading()
    await reader.next()
    const next = reader.next()
    let answered = false
    void next.then(() => {
      answered = true
    })
    publish(1)
    await clock.advance(7)
    publish(1, 2)
    expect(answered).toBe(false)
    await clock.advance(1)
    expect(told(await next)).toEqual(['1', '2'])
    expect(clock.timerCount).toBe(0)
  })

  it('comes in parts to a page that was slow, which costs no timer and no copy meanwhile', async () => {
    const { clock, publish, reader } = reading()
    await reader.next()
    publish(1200)
    expect(clock.timerCount).toBe(0)
    const batches = [await reader.next(), await reader.next(), await reader.next()]
    expect(batches.map((batch) => batch?.length)).toEqual([500, 500, 200])
    expect(batches.flatMap(told)).toEqual(Array.from({ length: 1200 }, (_, index) => String(index + 1)))
  })

  it('is a reset for a page that was too slow, and what follows it', async () => {
    const { publish, reader } = reading()
    await reader.next()
    publish(4097)
    expect(told(await reader.next())).toEqual(['reset'])
    publish(1, 5000)
    expect(told(await reader.next())).toEqual(['5000'])
  })

  it('goes on from an id, and is reset for one of another launch', async () => {
    const { clock, feed, publish, reader } = reading()
    await reader.next()
    publish(3)
    const batch = (await reader.next()) ?? []
    const [first] = batch
    const lastId = first !== undefined && 'id' in first ? first.id : ''
    expect(told(await new PageReader(feed, clock, lastId).next())).toEqual(['ready', '2', '3'])
    expect(told(await new PageReader(feed, clock, 'other-1').next())).toEqual(['reset'])
  })

  it('tells what the desktop says before what the engine says', async () => {
    const { clock, publish, reader } = reading()
    await reader.next()
    publish(1)
    reader.tell({ kind: 'go', path: '/captures/1' })
    expect(told(await reader.next())).toEqual(['go', '1'])
    const next = reader.next()
    reader.tell({ kind: 'state' })
    await clock.advance(8)
    expect(told(await next)).toEqual(['state'])
  })

  it('keeps a hundred messages of the desktop for a page that never asks, the latest', async () => {
    const { reader } = reading()
    for (let n = 0; n < 1000; n += 1) reader.tell({ kind: 'action', id: String(n) })
    const batch = (await reader.next()) ?? []
    expect(batch).toHaveLength(101)
    expect(batch[0]).toEqual({ desktop: { kind: 'action', id: '900' } })
  })

  it('answers an older question with nothing when the page asks again', async () => {
    const { clock, publish, reader } = reading()
    await reader.next()
    const older = reader.next()
    const newer = reader.next()
    expect(await older).toEqual([])
    publish(1)
    await clock.advance(8)
    expect(told(await newer)).toEqual(['1'])
  })

  it('ends when it is closed: who waits gets null, nothing is left behind', async () => {
    const { clock, publish, reader } = reading()
    await reader.next()
    const waiting = reader.next()
    publish(1)
    reader.close()
    expect(await waiting).toBeNull()
    expect(await reader.next()).toBeNull()
    publish(1, 2)
    reader.tell({ kind: 'state' })
    expect(clock.timerCount).toBe(0)
    expect(await reader.next()).toBeNull()
  })
})
